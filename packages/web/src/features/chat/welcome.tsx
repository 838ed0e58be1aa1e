import type { Model } from '../models/models.ts'
import { GateBackdrop } from '../../ui/gate.tsx'
import { Link } from '../../app/router.tsx'

const suggestions = ['How do I make an API key?', 'How do I add a model provider?', 'What happens to a card number in my question?'] as const

/** The first thing seen: what this is, who answers, and three questions that lead somewhere. */
export function Welcome({ model, mayAddProviders, onAsk }: { readonly model: Model | null; readonly mayAddProviders: boolean; readonly onAsk: (text: string) => void }) {
  const grounded = model?.capabilities.grounding === true
  return (
    <div className="relative flex flex-1 flex-col items-center justify-center overflow-hidden px-6 py-10 text-center">
      <GateBackdrop />
      <div className="relative flex max-w-xl flex-col items-center gap-6">
        <h1 className="font-display text-4xl leading-tight sm:text-5xl">What would you like to know?</h1>
        <p className="max-w-md text-ink-soft">
          {grounded
            ? 'The built-in assistant answers from the handbook and from documents that you add, and shows where it found the answer. Nothing leaves this server.'
            : 'Your question is checked on its way out, and the answer on its way in.'}
        </p>
        {grounded && (
          <ul className="flex w-full max-w-md flex-col gap-2">
            {suggestions.map((text) => (
              <li key={text}><button type="button" onClick={() => onAsk(text)} className="w-full cursor-pointer rounded-xl border border-line bg-surface px-4 py-3 text-left transition-colors hover:border-gate hover:bg-gate-soft">{text}</button></li>
            ))}
          </ul>
        )}
        {grounded && mayAddProviders && <p className="text-sm text-ink-soft">To talk with a large model as well, <Link to="/providers" className="text-gate underline underline-offset-3">add a provider</Link>.</p>}
      </div>
    </div>
  )
}

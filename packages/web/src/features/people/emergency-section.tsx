import { AlertDialog } from '@base-ui/react/alert-dialog'
import type { EmergencyPlan, EmergencyReport } from '@sallyport/contract'
import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { Question } from '../../ui/dialog.tsx'
import { TextField } from '../../ui/field.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useAction } from '../../ui/use-action.ts'
import { useReply } from '../../ui/use-reply.ts'
import { call } from '../../wire/call.ts'
import { Section } from '../account/section.tsx'
import { withProof } from '../proof/proof.ts'

const WORD = 'emergency'

function Left({ left }: { readonly left: EmergencyPlan['left'] }) {
  return (
    <details>
      <summary>What only people can do afterwards</summary>
      <ol className="mt-2 flex list-decimal flex-col gap-2 pl-5 text-[0.9375rem]">{left.map(({ what, names }) => <li key={what}>{what}{names.length > 0 && <> These: {names.join(', ')}.</>}</li>)}</ol>
    </details>
  )
}

/** What was done. Its link is on no other page, and the session that asked is over. */
function Ended({ report }: { readonly report: EmergencyReport }) {
  const { ended, resetLink } = report
  const goOn = (): void => { location.assign(resetLink?.link ?? '/') }
  return (
    <Question open onClose={goOn} title="It has ended">
      <AlertDialog.Description className="text-ink-soft">{ended.sessions + ended.programs} sign-ins, {ended.keys} API keys, {ended.invitations + ended.links} links and {ended.passwords} passwords hold no longer. Yours is among them: choose a new one now. {report.canMail ? 'Others have a link sent to them.' : 'Make a link for each of the others, for no mail is sent.'}</AlertDialog.Description>
      <Left left={report.left} />
      <div className="flex justify-end"><Button look="main" onClick={goOn}>{resetLink === null ? 'Sign in' : 'Choose a new password'}</Button></div>
    </Question>
  )
}

function Asked({ plan, onClose, onEnded }: { readonly plan: EmergencyPlan; readonly onClose: () => void; readonly onEnded: (report: EmergencyReport) => void }) {
  const [word, setWord] = useState('')
  const { busy, problem, submit } = useAction(async () => { onEnded(await withProof(() => call('runEmergency', { body: {} }))) })
  const { holds } = plan
  return (
    <Question open onClose={onClose} title="End everything?">
      <AlertDialog.Description className="text-ink-soft">{holds.sessions} browsers and {holds.programs} programs are signed out, {holds.keys} API keys, {holds.invitations} invitations and {holds.links} links end, {holds.passwords} passwords and {holds.factors} second factors hold no longer, and every key of the server is replaced. You get a link to a new password.</AlertDialog.Description>
      <Left left={plan.left} />
      <form onSubmit={submit} className="flex flex-col gap-3">
        <TextField label={`Type “${WORD}” to confirm`} autoComplete="off" required value={word} onChange={({ target }) => setWord(target.value)} />
        <ProblemNotice problem={problem} />
        <div className="flex justify-end gap-2"><AlertDialog.Close render={<Button>Do nothing</Button>} /><Button type="submit" look="danger" busy={busy} disabled={word.trim() !== WORD}>End everything</Button></div>
      </form>
    </Question>
  )
}

/** For owners: somebody got in, and everything that they could hold is to end. */
export function EmergencySection() {
  const [state, setState] = useState<'closed' | 'asked' | EmergencyReport>('closed')
  const { value: plan, problem } = useReply('getEmergency', {})
  return (
    <Section title="Emergency" purpose="Somebody got in, or took something with them: everything that they could hold ends, yours too, and keys are replaced." action={<Button look="danger" disabled={plan === null} onClick={() => setState('asked')}>End everything…</Button>}>
      <ProblemNotice problem={problem} />
      {state === 'asked' && plan !== null && <Asked plan={plan} onClose={() => setState('closed')} onEnded={setState} />}
      {typeof state === 'object' && <Ended report={state} />}
    </Section>
  )
}

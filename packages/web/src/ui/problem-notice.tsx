import type { ReactNode } from 'react'
import type { PageProblem } from '../wire/problem.ts'
import { Icon } from './icon.tsx'

/** What went wrong and what to do, in plain words, with the request id for whoever has to look it up. Nothing where nothing did. */
export function ProblemNotice({ problem, children }: { readonly problem: PageProblem | null; readonly children?: ReactNode }) {
  if (problem === null) return null
  return (
    <div role="alert" className="flex gap-3 rounded-xl border border-danger/40 bg-danger-soft px-4 py-3 text-[0.9375rem]">
      <Icon name="warning" className="mt-0.5 size-5 text-danger" />
      <div className="min-w-0 flex-1">
        <p className="font-semibold">{problem.title}</p>
        {problem.detail !== undefined && <p className="mt-0.5">{problem.detail}</p>}
        {problem.fields.length > 0 && (
          <ul className="mt-1 list-disc pl-5">{problem.fields.map(({ pointer, detail }) => <li key={pointer + detail}>{detail}</li>)}</ul>
        )}
        {problem.requestId !== null && <p className="mt-1 text-sm break-all text-ink-soft">Request {problem.requestId}</p>}
        {children !== undefined && <div className="mt-2 flex flex-wrap gap-2">{children}</div>}
      </div>
    </div>
  )
}

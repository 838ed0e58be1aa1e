import { useEffect, useState } from 'react'
import { useLinkToken } from '../../app/link-token.ts'
import { Archway } from '../../ui/archway.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { call } from '../../wire/call.ts'
import { problemOf, type PageProblem } from '../../wire/problem.ts'
import { Aside, Words } from './outside.tsx'

type State = { readonly name: 'asking' } | { readonly name: 'done' } | { readonly name: 'refused'; readonly problem: PageProblem }

const outcomes = new Map<string, Promise<State>>()
/** Confirms a token once, however often the component is drawn. */
function confirm(token: string): Promise<State> {
  const known = outcomes.get(token)
  if (known !== undefined) return known
  const outcome = call('verifyEmail', { body: { token } }).then((): State => ({ name: 'done' }), (error: unknown): State => ({ name: 'refused', problem: problemOf(error) }))
  outcomes.set(token, outcome)
  return outcome
}

/** Confirms a changed e-mail address with the link that was sent there. */
export function VerifyScreen() {
  const token = useLinkToken('/verify')
  const [state, setState] = useState<State>({ name: 'asking' })
  useEffect(() => { if (token !== null) void confirm(token).then(setState) }, [token])
  return (
    <Archway title="E-mail address">
      {token === null && <Words><p>Open the link again, exactly as you got it.</p></Words>}
      {token !== null && state.name === 'asking' && <p role="status" className="text-center text-ink-soft">Confirming</p>}
      {state.name === 'done' && <Words><p role="status">Your new address is confirmed. Sign in with it from now on.</p></Words>}
      {state.name === 'refused' && <ProblemNotice problem={state.problem} />}
      <Aside to="/">Go on</Aside>
    </Archway>
  )
}

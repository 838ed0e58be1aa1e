import { useState } from 'react'
import { completeSignIn } from '../../app/session.ts'
import { Archway } from '../../ui/archway.tsx'
import { Button } from '../../ui/button.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useAction } from '../../ui/use-action.ts'
import { call } from '../../wire/call.ts'
import { provePasskey } from '../../wire/passkeys.ts'
import { CodeField } from './code-field.tsx'

export type Way = 'totp' | 'passkey' | 'recovery-code'
const order: readonly Way[] = ['passkey', 'totp', 'recovery-code']
export const wayWords = { passkey: 'Use a passkey', totp: 'Use the authenticator app', 'recovery-code': 'Use a recovery code' } as const satisfies Record<Way, string>

/** The ways that an account has, the easiest first. */
export const waysOf = (factors: readonly string[]): readonly Way[] => order.filter((way) => factors.includes(way))

/** The second step of a sign-in: a passkey, a code of the authenticator app, or a recovery code. */
export function SecondFactorScreen({ challenge, factors, first, onBack }: { readonly challenge: string; readonly factors: readonly string[]; readonly first: string; readonly onBack: () => void }) {
  const ways = waysOf(factors)
  const [way, setWay] = useState<Way>(ways[0] ?? 'totp')
  const [code, setCode] = useState('')
  const { busy, problem, submit, forget } = useAction(async () => {
    if (way === 'passkey') return completeSignIn({ challenge, assertion: await provePasskey(await call('passkeySignInOptions', { body: { challenge } })) })
    return completeSignIn(way === 'totp' ? { challenge, code } : { challenge, recoveryCode: code })
  })
  const isOver = problem?.code === 'sign-in-expired'
  return (
    <Archway title="One more proof">
      <form onSubmit={submit} className="flex flex-col gap-5">
        <p className="text-center text-[0.9375rem] text-ink-soft">{first} This account also asks for a second factor.</p>
        {way === 'passkey' ? null : <CodeField key={way} way={way} value={code} onValue={setCode} problem={problem} />}
        <ProblemNotice problem={problem} />
        {!isOver && <Button type="submit" look="main" busy={busy} className="min-h-11">{way === 'passkey' ? 'Use a passkey' : 'Sign in'}</Button>}
        <div className="flex flex-col gap-1">
          {!isOver && ways.filter((other) => other !== way).map((other) => <Button key={other} look="quiet" onClick={() => { setWay(other); setCode(''); forget() }}>{wayWords[other]}</Button>)}
          <Button look="quiet" onClick={onBack}>Back to sign in</Button>
        </div>
      </form>
    </Archway>
  )
}

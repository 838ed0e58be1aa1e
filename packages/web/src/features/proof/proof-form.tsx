import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { Sheet } from '../../ui/dialog.tsx'
import { TextField } from '../../ui/field.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useAction } from '../../ui/use-action.ts'
import { useReply } from '../../ui/use-reply.ts'
import { call } from '../../wire/call.ts'
import { provePasskey } from '../../wire/passkeys.ts'
import { fieldProblem } from '../../wire/problem.ts'
import { CodeField } from '../sign-in/code-field.tsx'
import { wayWords, waysOf, type Way } from '../sign-in/second-factor.tsx'
import { askedStore, type Asked } from './proof.ts'

type AnyWay = Way | 'password'
const words = { ...wayWords, password: 'Use the password' } as const

interface Given { readonly password: string; readonly code: string }

/** A passkey is two factors in one; a code is the second alone, and goes with the password. */
async function prove(way: AnyWay, { password, code }: Given): Promise<void> {
  if (way === 'passkey') {
    await call('proveAgain', { body: { assertion: await provePasskey(await call('passkeySignInOptions', { body: {} })) } })
    return
  }
  await call('proveAgain', { body: { password } })
  if (way !== 'password') await call('proveAgain', { body: way === 'totp' ? { code } : { recoveryCode: code } })
}

/** Where a provider asks the person again; it leads back to this page, where the work is begun anew. */
const proofAt = (provider: string): string => `/api/v1/session/federated/${provider}?fresh=true&returnTo=${encodeURIComponent(location.pathname)}`

/** Proves once more who one is, in a way that the account has: a passkey, the password with a code where there is a second factor, else the password. */
export function ProofForm({ asked }: { readonly asked: Asked }) {
  const factors = useReply('listFactors', {})
  const identities = useReply('listIdentities', {})
  const kinds = [...(factors.value?.items ?? []).map(({ kind }): string => kind), ...(factors.value !== null && factors.value.recoveryCodesLeft > 0 ? ['recovery-code'] : [])]
  const second = waysOf(kinds)
  const ways: readonly AnyWay[] = second.length > 0 ? second : ['password']
  const [chosen, setChosen] = useState<AnyWay | null>(null)
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const way = chosen ?? ways[0] ?? 'password'
  const { busy, problem, submit, forget } = useAction(async () => {
    await prove(way, { password, code })
    askedStore.set(null)
    asked.proven()
  })
  const close = (): void => {
    askedStore.set(null)
    asked.given(asked.problem)
  }
  return (
    <Sheet open onClose={close} title="Is it you?">
      {factors.value === null && factors.problem === null
        ? <p role="status" className="text-ink-soft">One moment</p>
        : (
          <form onSubmit={submit} className="flex flex-col gap-4">
            <p className="text-[0.9375rem]">This needs a fresh proof, so that nobody does it at a browser that you left open.</p>
            {way !== 'passkey' && <TextField label="Password" type="password" autoComplete="current-password" required autoFocus maxLength={256} value={password} onChange={({ target }) => setPassword(target.value)} refusal={fieldProblem(problem, 'password')} />}
            {(way === 'totp' || way === 'recovery-code') && <CodeField key={way} way={way} value={code} onValue={setCode} problem={problem} />}
            <ProblemNotice problem={problem} />
            <Button type="submit" look="main" busy={busy}>{way === 'passkey' ? 'Use a passkey' : 'Go on'}</Button>
            {ways.filter((other) => other !== way).map((other) => <Button key={other} look="quiet" onClick={() => { setChosen(other); setCode(''); forget() }}>{words[other]}</Button>)}
            {identities.value?.items.map(({ id, provider, label }) => <Button key={id} look="quiet" icon="external" onClick={() => location.assign(proofAt(provider))}>Prove it at {label}</Button>)}
          </form>
        )}
    </Sheet>
  )
}

import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useAction } from '../../ui/use-action.ts'
import { call } from '../../wire/call.ts'
import { makePasskey } from '../../wire/passkeys.ts'
import { fieldProblem } from '../../wire/problem.ts'
import { withProof } from '../proof/proof.ts'
import type { Enrolled } from './enrolled.ts'

/** Makes a passkey in the browser and adds it. */
export function PasskeyForm({ onEnrolled }: { readonly onEnrolled: (made: Enrolled) => void }) {
  const [name, setName] = useState('')
  const { busy, problem, submit } = useAction(async () => {
    const attestation = await makePasskey(await withProof(() => call('beginPasskey', {})))
    onEnrolled(await call('addPasskey', { body: { name, attestation } }))
  })
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <TextField label="Name" required maxLength={80} autoFocus placeholder="My phone" hint="So that you recognise it among others." value={name} onChange={({ target }) => setName(target.value)} refusal={fieldProblem(problem, 'name')} />
      <ProblemNotice problem={problem} />
      <Button type="submit" look="main" busy={busy}>{busy ? 'Follow the browser' : 'Make the passkey'}</Button>
    </form>
  )
}

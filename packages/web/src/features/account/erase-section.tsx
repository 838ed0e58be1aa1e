import { AlertDialog } from '@base-ui/react/alert-dialog'
import type { ReplyOf } from '@sallyport/contract'
import { useState } from 'react'
import type { Session } from '../../app/session.ts'
import { Button } from '../../ui/button.tsx'
import { Question } from '../../ui/dialog.tsx'
import { TextField } from '../../ui/field.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { saveFile } from '../../ui/save-file.ts'
import { useAction } from '../../ui/use-action.ts'
import { call } from '../../wire/call.ts'
import { fieldProblem } from '../../wire/problem.ts'
import { withProof } from '../proof/proof.ts'
import { Section } from './section.tsx'

type Certificate = ReplyOf<'eraseOwnAccount'>

/** What is left of the account: the proof that nothing is. */
function Erased({ certificate }: { readonly certificate: Certificate }) {
  const rows = Object.values(certificate.cleared).reduce((sum, count) => sum + count, 0)
  const leave = (): void => { location.assign('/') }
  return (
    <Question open onClose={leave} title="Your account is erased">
      <AlertDialog.Description className="text-ink-soft">{rows} entries were removed, and the key that opened them is destroyed. {certificate.backups.closedAt === null ? 'The backups are closed as soon as their place can be reached.' : 'No backup opens them any more.'} The certificate proves it: keep it, nobody can show it to you later.</AlertDialog.Description>
      <div className="flex justify-end gap-2 max-sm:flex-col">
        <Button icon="download" look="main" onClick={() => saveFile('sallyport-erasure.json', new Blob([JSON.stringify(certificate, null, 2), '\n'], { type: 'application/json' }))}>Save the certificate</Button>
        <Button onClick={leave}>Leave</Button>
      </div>
    </Question>
  )
}

/** Erases one's own account, after its address was typed and a fresh proof given. */
export function EraseSection({ session }: { readonly session: Session }) {
  const [email, setEmail] = useState('')
  const [certificate, setCertificate] = useState<Certificate | null>(null)
  const { busy, problem, submit } = useAction(async () => {
    setCertificate(await withProof(() => call('eraseOwnAccount', { body: { email } })))
  })
  const isMeant = email.trim().toLowerCase() === session.account.email.toLowerCase()
  return (
    <Section title="Erase this account" purpose="Conversations, documents, keys and sign-ins are removed and the key that opens them is destroyed, in backups too. Nobody can bring them back.">
      <form onSubmit={submit} className="flex flex-col gap-3">
        <div className="flex items-end gap-2 max-sm:flex-col max-sm:items-stretch">
          <div className="min-w-0 flex-1"><TextField label="Type your e-mail address to confirm" type="email" autoComplete="off" required value={email} onChange={({ target }) => setEmail(target.value)} refusal={fieldProblem(problem, 'email')} /></div>
          <Button type="submit" look="danger" busy={busy} disabled={!isMeant} className="min-h-11">Erase my account</Button>
        </div>
        <ProblemNotice problem={problem} />
      </form>
      {certificate !== null && <Erased certificate={certificate} />}
    </Section>
  )
}

import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { Page, Rows } from '../../ui/page.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useReply } from '../../ui/use-reply.ts'
import type { Session } from '../../app/session.ts'
import { Section } from '../account/section.tsx'
import { AccountRow } from './account-row.tsx'
import { EmergencySection } from './emergency-section.tsx'
import { Invitations } from './invitations.tsx'

/** Who has an account here, and who is invited. */
export function PeopleScreen({ session }: { readonly session: Session }) {
  const mayManage = session.permissions.includes('account:manage')
  const [before, setBefore] = useState<string | null>(null)
  const { value, problem, reload } = useReply('listAccounts', { query: { limit: 50, ...(before !== null && { before }) } })
  return (
    <Page title="People" purpose="Everyone who has an account on this server, and what each may do.">
      <ProblemNotice problem={problem} />
      {value !== null && <Rows label="Accounts">{value.items.map((account) => <AccountRow key={account.id} account={account} session={session} onChanged={reload} />)}</Rows>}
      {(before !== null || value?.next != null) && (
        <div className="flex gap-2">
          {before !== null && <Button onClick={() => setBefore(null)}>Newest</Button>}
          {value?.next != null && <Button onClick={() => setBefore(value.next)}>Older accounts</Button>}
        </div>
      )}
      {mayManage && <Section title="Invitations" purpose="An invitation is a link that makes an account. Whoever has it gets in, so send it to nobody else."><Invitations session={session} /></Section>}
      {session.permissions.includes('emergency:run') && <EmergencySection />}
    </Page>
  )
}

import { useEffect } from 'react'
import { forgetReturn, useProviderReturn } from '../../app/provider-return.ts'
import { Button } from '../../ui/button.tsx'
import { ConfirmButton } from '../../ui/confirm-button.tsx'
import { Day, Row, RowWords, Rows } from '../../ui/page.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useAction } from '../../ui/use-action.ts'
import { useReply } from '../../ui/use-reply.ts'
import { call } from '../../wire/call.ts'
import { withProof } from '../proof/proof.ts'
import { Section } from './section.tsx'

/** Identities at other providers that open this account. Nothing is shown where the server has no provider. */
export function IdentitiesSection() {
  const providers = useReply('listSignInProviders', {})
  const linked = useReply('listIdentities', {})
  const { busy, problem, run } = useAction(async (provider: string) => {
    location.assign((await withProof(() => call('linkIdentity', { body: { provider } }))).url)
  })
  const returned = useProviderReturn()
  useEffect(() => forgetReturn, [])
  const items = linked.value?.items ?? []
  const free = (providers.value?.items ?? []).filter(({ name }) => !items.some(({ provider }) => provider === name))
  if (items.length === 0 && free.length === 0) return null
  const failed = problem ?? linked.problem ?? returned.problem
  return (
    <Section title="Single sign-on" purpose="Accounts elsewhere that open this one.">
      <ProblemNotice problem={failed} />
      {items.length > 0 && (
        <Rows label="Linked identities">
          {items.map(({ id, label, shownAs, linkedAt, lastUsedAt }) => (
            <Row key={id}>
              <RowWords><p className="truncate font-medium">{label}</p><p className="text-sm text-ink-soft">{shownAs !== null && `${shownAs} · `}linked <Day at={linkedAt} />{lastUsedAt !== null && <> · last used <Day at={lastUsedAt} /></>}</p></RowWords>
              <ConfirmButton label={`Unlink ${label}`} title={`Unlink ${label}?`} consequence="It no longer opens this account." verb="Unlink" done={`${label} is unlinked.`} onConfirm={async () => {
                await withProof(() => call('unlinkIdentity', { params: { identityId: id } }))
                linked.reload()
              }} />
            </Row>
          ))}
        </Rows>
      )}
      <div className="flex flex-wrap gap-2">{free.map(({ name, label }) => <Button key={name} icon="external" busy={busy} onClick={() => void run(name)}>Link {label}</Button>)}</div>
    </Section>
  )
}

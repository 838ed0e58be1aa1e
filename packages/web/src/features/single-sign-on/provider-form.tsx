import type { ReplyOf } from '@sallyport/contract'
import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { ChoiceField, TextField } from '../../ui/field.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useAction } from '../../ui/use-action.ts'
import { wordsOf } from '../../ui/words-of.ts'
import { call, type RequestOf } from '../../wire/call.ts'
import { fieldProblem } from '../../wire/problem.ts'
import { withProof } from '../proof/proof.ts'

export type IdentityProvider = ReplyOf<'saveIdentityProvider'>
type Body = RequestOf<'saveIdentityProvider'>['body']

const newcomers = { never: 'Nobody: accounts are made here first', 'listed-domains': 'Anyone with an address of a listed domain' } as const
const links = {
  never: 'Never: people link it from their account page',
  'without-password': 'To accounts without a password',
  verified: 'To every account with the same confirmed address',
} as const satisfies Record<IdentityProvider['linkByVerifiedEmail'], string>


interface Draft {
  readonly name: string
  readonly label: string
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  readonly groupsClaim: string
  readonly link: keyof typeof links
  readonly newcomers: keyof typeof newcomers
  readonly domains: string
  readonly allowPrivateAddress: boolean
}
const empty: Draft = { name: '', label: '', issuer: '', clientId: '', clientSecret: '', groupsClaim: '', link: 'without-password', newcomers: 'never', domains: '', allowPrivateAddress: false }

const toBody = (draft: Draft): Body => ({
  label: draft.label, protocol: { kind: 'oidc', issuer: draft.issuer }, clientId: draft.clientId,
  ...(draft.clientSecret !== '' && { clientSecret: draft.clientSecret }),
  ...(draft.groupsClaim !== '' && { groupsClaim: draft.groupsClaim }),
  linkByVerifiedEmail: draft.link, allowPrivateAddress: draft.allowPrivateAddress,
  newAccounts: draft.newcomers === 'never' ? { when: 'never' } : { when: 'listed-domains', domains: wordsOf(draft.domains), role: 'member' },
})

/** Adds an OpenID Connect provider. Plain OAuth 2, group mappings and plain HTTP beyond this machine are set over the API or in the configuration file. */
export function ProviderForm({ onSaved }: { readonly onSaved: (provider: IdentityProvider) => void }) {
  const [draft, setDraft] = useState(empty)
  const set = (change: Partial<Draft>): void => setDraft((before) => ({ ...before, ...change }))
  const { busy, problem, submit } = useAction(async () => {
    onSaved(await withProof(() => call('saveIdentityProvider', { params: { name: draft.name }, body: toBody(draft) })))
  })
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <TextField label="Name" required pattern="[a-z][a-z0-9\-]{0,31}" title="Small letters, digits and dashes, beginning with a letter" hint="Stands in addresses, such as company." value={draft.name} onChange={({ target }) => set({ name: target.value })} refusal={fieldProblem(problem, 'name')} />
      <TextField label="Words on the button" required maxLength={40} placeholder="Company account" value={draft.label} onChange={({ target }) => set({ label: target.value })} refusal={fieldProblem(problem, 'label')} />
      <TextField label="Issuer" type="url" required placeholder="https://login.example.org" hint="Everything else is found there (OpenID Connect Discovery)." value={draft.issuer} onChange={({ target }) => set({ issuer: target.value })} refusal={fieldProblem(problem, 'protocol/issuer') ?? fieldProblem(problem, 'issuer')} />
      <TextField label="Client id" required autoComplete="off" value={draft.clientId} onChange={({ target }) => set({ clientId: target.value })} refusal={fieldProblem(problem, 'clientId')} />
      <TextField label="Client secret" type="password" autoComplete="off" minLength={8} hint="It is encrypted, and never shown again." value={draft.clientSecret} onChange={({ target }) => set({ clientSecret: target.value })} refusal={fieldProblem(problem, 'clientSecret')} />
      <ChoiceField label="Whose accounts it opens at the first time" value={draft.link} hint="Only by an e-mail address that the provider says is verified." onChange={({ target }) => { if (target.value in links) set({ link: target.value as keyof typeof links }) }}>
        {Object.entries(links).map(([value, label]) => <option key={value} value={value}>{label}</option>)}
      </ChoiceField>
      <ChoiceField label="Who gets an account by signing in" value={draft.newcomers} onChange={({ target }) => set({ newcomers: target.value === 'listed-domains' ? 'listed-domains' : 'never' })}>
        {Object.entries(newcomers).map(([value, label]) => <option key={value} value={value}>{label}</option>)}
      </ChoiceField>
      {draft.newcomers === 'listed-domains' && <TextField label="Domains" required placeholder="example.org" value={draft.domains} onChange={({ target }) => set({ domains: target.value })} refusal={fieldProblem(problem, 'newAccounts/domains')} />}
      <TextField label="Claim that lists groups" placeholder="groups" hint="Left empty, the provider fills no groups." value={draft.groupsClaim} onChange={({ target }) => set({ groupsClaim: target.value })} refusal={fieldProblem(problem, 'groupsClaim')} />
      <label className="flex items-start gap-3">
        <input type="checkbox" checked={draft.allowPrivateAddress} onChange={({ target }) => set({ allowPrivateAddress: target.checked })} className="mt-1 size-4 accent-gate" />
        <span><span className="font-medium">It runs on this machine or in a private network</span><span className="block text-sm text-ink-soft">Without this, such addresses are refused.</span></span>
      </label>
      <ProblemNotice problem={problem} />
      <Button type="submit" look="main" busy={busy}>{busy ? 'Asking the provider' : 'Add provider'}</Button>
    </form>
  )
}

import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { ConfirmButton } from '../../ui/confirm-button.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { Sheet } from '../../ui/dialog.tsx'
import { Nothing, Page, Rows } from '../../ui/page.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useReply } from '../../ui/use-reply.ts'
import { call } from '../../wire/call.ts'
import { withProof } from '../proof/proof.ts'
import { ProviderForm, type IdentityProvider } from './provider-form.tsx'

function Address({ label, path }: { readonly label: string; readonly path: string }) {
  const address = `${location.origin}${path}`
  return (
    <div>
      <p className="text-sm text-ink-soft">{label}</p>
      <div className="flex items-center gap-2"><code className="min-w-0 flex-1 rounded-lg bg-sunk px-3 py-2 font-mono text-sm break-all">{address}</code><CopyButton text={address} label={`Copy: ${label}`} /></div>
    </div>
  )
}

/** What has to be registered at the provider. */
function Registration({ provider }: { readonly provider: IdentityProvider }) {
  return <div className="flex flex-col gap-3"><Address label="Redirect address" path={provider.redirectPath} /><Address label="Back-channel logout address" path={provider.backChannelLogoutPath} /></div>
}

function ProviderRow({ provider, onGone }: { readonly provider: IdentityProvider; readonly onGone: () => void }) {
  const { name, label, protocol, origin } = provider
  return (
    <li className="flex items-start gap-3 px-4 py-3 sm:px-5">
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-baseline gap-x-3"><span className="font-medium">{label}</span><span className="text-sm text-ink-soft">{name}</span></p>
        <p className="font-mono text-sm break-all text-ink-soft">{protocol.kind === 'oidc' ? protocol.issuer : protocol.authorizationEndpoint}</p>
        <details className="mt-1"><summary className="cursor-pointer text-sm text-gate">Addresses to register there</summary><div className="pt-2"><Registration provider={provider} /></div></details>
      </div>
      {origin === 'stored' && <ConfirmButton label={`Remove ${label}`} title="Remove this provider?" consequence="Nobody can sign in with it any more, and accounts lose their link to it. Accounts stay." verb="Remove" done="The provider is removed." onConfirm={async () => {
        await withProof(() => call('deleteIdentityProvider', { params: { name } }))
        onGone()
      }} />}
    </li>
  )
}

/** Single sign-on: identity providers that people may sign in with. */
export function SingleSignOnScreen() {
  const [open, setOpen] = useState(false)
  const [made, setMade] = useState<IdentityProvider | null>(null)
  const { value, problem, reload } = useReply('listIdentityProviders', {})
  const close = (): void => {
    setOpen(false)
    setMade(null)
    reload()
  }
  return (
    <Page title="Single sign-on" purpose="Let people sign in with the account that they have elsewhere, such as your company’s." action={<Button look="main" icon="plus" onClick={() => setOpen(true)}>Add provider</Button>}>
      <ProblemNotice problem={problem} />
      {value?.items.length === 0 && <Nothing>No identity provider yet. Any that speaks OpenID Connect can be added.</Nothing>}
      {value !== null && value.items.length > 0 && <Rows label="Identity providers">{value.items.map((provider) => <ProviderRow key={provider.name} provider={provider} onGone={reload} />)}</Rows>}
      <Sheet open={open} onClose={close} title={made === null ? 'Add an identity provider' : 'Register these there'}>
        {made === null ? <ProviderForm onSaved={setMade} /> : <><p className="text-[0.9375rem]">The provider is added. Register these addresses at it, then try to sign in.</p><Registration provider={made} /><Button look="main" onClick={close}>Done</Button></>}
      </Sheet>
    </Page>
  )
}

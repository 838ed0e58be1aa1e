import type { DeploymentEnvironment, HookReason, ProviderCredential } from '@sallyport/contract'
import { useState, type ReactNode } from 'react'
import { announce } from '../../app/announcer.tsx'
import { Button } from '../../ui/button.tsx'
import { ConfirmButton } from '../../ui/confirm-button.tsx'
import { Sheet } from '../../ui/dialog.tsx'
import { TextField } from '../../ui/field.tsx'
import { Day, Moment, Rows } from '../../ui/page.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useAction } from '../../ui/use-action.ts'
import { useReply } from '../../ui/use-reply.ts'
import { call } from '../../wire/call.ts'
import { fieldProblem } from '../../wire/problem.ts'
import { withProof } from '../proof/proof.ts'
import { EnvironmentField } from './environment-field.tsx'

const states: Readonly<Record<ProviderCredential['state'], string>> = { active: 'in use', standby: 'stands by', retiring: 'replaced, can be put back for a week', revoked: 'destroyed' }
const advice: Readonly<Record<ProviderCredential['advice'][number], string>> = {
  rotate: 'It is older than 30 days: replace it.', 'expires-soon': 'It ends soon.', expired: 'It has ended.', rejected: 'The provider refused it.', 'no-standby': 'No other key stands by.', 'other-environment': 'It is for another environment, and is never used here.',
  'hook-failed': 'The program that makes its keys could not replace it.', 'not-revoked-there': 'It has not been ended at the provider yet.',
}
const reasons: Readonly<Record<HookReason, string>> = {
  'unsafe-program': 'The program may not be run as it lies there.', 'not-started': 'The program could not be started.', 'timed-out': 'The program took too long.', failed: 'The program ended with an error.', 'no-key': 'The program printed no key.',
  'not-new': 'The key is there already, or there are too many.', 'refused-key': 'The provider refused the new key.', 'provider-unavailable': 'The provider did not answer.', 'changed-meanwhile': 'The keys were changed meanwhile.',
}
const counts = new Intl.NumberFormat()

function useOf({ calls, inputTokens, outputTokens, costMicros, lastUsedAt }: ProviderCredential): ReactNode {
  return lastUsedAt === null ? 'never used' : <>{counts.format(calls)} {calls === 1 ? 'call' : 'calls'}, {counts.format(inputTokens + outputTokens)} tokens{costMicros > 0 && <>, cost {counts.format(costMicros / 1_000_000)}</>}, last used <Day at={lastUsedAt} /></>
}

function KeyRow({ provider, item, onChanged }: { readonly provider: string; readonly item: ProviderCredential; readonly onChanged: () => void }) {
  const params = { name: provider, credentialId: item.id }
  const activating = useAction(async () => {
    await withProof(() => call('activateProviderCredential', { params }))
    announce(`Version ${item.version} is in use.`)
    onChanged()
  })
  return (
    <li className="flex flex-col gap-2 px-4 py-3">
      <div className="flex items-center gap-3">
        <div className="min-w-0 flex-1">
          <p><span className="font-medium">Version {item.version}</span> <span className="text-sm text-ink-soft">{states[item.state]}</span></p>
          <p className="text-sm text-ink-soft">For {item.environment}. Added <Day at={item.createdAt} />, {useOf(item)}</p>
          {item.advice.map((each) => <p key={each} className="text-sm font-medium text-brass">{advice[each]}</p>)}
          {item.hook !== null && <p className="text-sm text-ink-soft">{reasons[item.hook.reason]}{item.hook.nextTryAt !== null && <> It is tried again after <Moment at={item.hook.nextTryAt} />.</>}</p>}
        </div>
        {(item.state === 'standby' || item.state === 'retiring') && <Button busy={activating.busy} onClick={() => void activating.run()}>{item.state === 'standby' ? 'Use it' : 'Put it back'}</Button>}
        {item.state !== 'revoked' && <ConfirmButton label={`Destroy version ${item.version}`} title="Destroy this key?" consequence={item.state === 'active' ? 'The key that stands by takes over at once. Revoke this one at the provider too.' : 'It cannot be put back. Revoke it at the provider too.'} verb="Destroy" done="The key is destroyed." onConfirm={async () => {
          await withProof(() => call('revokeProviderCredential', { params }))
          onChanged()
        }} />}
      </div>
      <ProblemNotice problem={activating.problem} />
    </li>
  )
}

function NewKeyForm({ provider, serverIsFor, onAdded }: { readonly provider: string; readonly serverIsFor: DeploymentEnvironment; readonly onAdded: () => void }) {
  const [credential, setCredential] = useState('')
  const [environment, setEnvironment] = useState(serverIsFor)
  const [activate, setActivate] = useState(false)
  const { busy, problem, submit } = useAction(async () => {
    const made = await withProof(() => call('addProviderCredential', { params: { name: provider }, body: { credential, environment, activate } }))
    announce(made.state === 'active' ? 'The new key is in use.' : 'The new key stands by.')
    setCredential('')
    onAdded()
  })
  return (
    <form onSubmit={submit} className="flex flex-col gap-3 border-t border-line pt-4">
      <TextField label="New key" hint="It is tried at the provider first, then encrypted, and never shown again." type="password" autoComplete="off" required minLength={8} value={credential} onChange={({ target }) => setCredential(target.value)} refusal={fieldProblem(problem, 'credential')} />
      <EnvironmentField value={environment} onChosen={setEnvironment} refusal={fieldProblem(problem, 'environment')} />
      <label className="flex items-start gap-3">
        <input type="checkbox" checked={activate} onChange={({ target }) => setActivate(target.checked)} className="mt-1 size-4 accent-gate" />
        <span><span className="font-medium">Use it at once</span><span className="block text-sm text-ink-soft">Otherwise it stands by, and takes over when the provider refuses the present one.</span></span>
      </label>
      <ProblemNotice problem={problem} />
      <Button type="submit" look="main" busy={busy}>{busy ? 'Trying it' : 'Add key'}</Button>
    </form>
  )
}

function RotateNow({ provider, onRotated }: { readonly provider: string; readonly onRotated: () => void }) {
  const rotating = useAction(async () => {
    const made = await withProof(() => call('rotateProviderCredential', { params: { name: provider } })).finally(onRotated)
    announce(`Version ${made.version} is in use.`)
  })
  return (
    <div className="flex flex-col gap-2">
      <p className="text-sm text-ink-soft">A program on the server makes a new key every 30 days.</p>
      <Button busy={rotating.busy} onClick={() => void rotating.run()}>{rotating.busy ? 'Making a new key' : 'Make a new key now'}</Button>
      <ProblemNotice problem={rotating.problem} />
    </div>
  )
}

function KeyList({ provider }: { readonly provider: string }) {
  const { value, problem, reload } = useReply('listProviderCredentials', { params: { name: provider } })
  return (
    <>
      <ProblemNotice problem={problem} />
      {value !== null && value.items.length > 0 && <Rows label={`Keys of ${provider}`}>{value.items.map((item) => <KeyRow key={item.id} provider={provider} item={item} onChanged={reload} />)}</Rows>}
      {value?.hasHook === true && <RotateNow provider={provider} onRotated={reload} />}
      {value !== null && <NewKeyForm provider={provider} serverIsFor={value.environment} onAdded={reload} />}
    </>
  )
}

/** The keys of a provider: which is in use, which stands by, and what each was used for. */
export function ProviderKeys({ provider }: { readonly provider: string }) {
  const [open, setOpen] = useState(false)
  return (
    <>
      <Button icon="key" onClick={() => setOpen(true)} aria-label={`Keys of ${provider}`}>Keys</Button>
      <Sheet open={open} onClose={() => setOpen(false)} title={`Keys of ${provider}`}>{open && <KeyList provider={provider} />}</Sheet>
    </>
  )
}

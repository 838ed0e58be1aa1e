import type { AnswerCacheFigures, DeploymentEnvironment, Provider, ProviderAdapter } from '@sallyport/contract'
import { useState } from 'react'
import { announce } from '../../app/announcer.tsx'
import { Button } from '../../ui/button.tsx'
import { ConfirmButton } from '../../ui/confirm-button.tsx'
import { Sheet } from '../../ui/dialog.tsx'
import { ChoiceField, TextArea, TextField } from '../../ui/field.tsx'
import { Nothing, Page, Rows } from '../../ui/page.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useAction } from '../../ui/use-action.ts'
import { useReply } from '../../ui/use-reply.ts'
import { wordsOf } from '../../ui/words-of.ts'
import { call } from '../../wire/call.ts'
import { fieldProblem } from '../../wire/problem.ts'
import { loadModels } from '../models/models.ts'
import { EnvironmentField } from './environment-field.tsx'
import { ProviderKeys } from './provider-keys.tsx'


/** A name for a new provider: the adapter's, with a number if it is taken. */
const freeName = (adapter: string, taken: readonly string[]): string => {
  const names = [adapter, ...Array.from({ length: taken.length + 1 }, (_, index) => `${adapter}-${index + 2}`)]
  return names.find((name) => !taken.includes(name)) ?? adapter
}

function ProviderForm({ adapters, serverIsFor, taken, onSaved }: { readonly adapters: readonly ProviderAdapter[]; readonly serverIsFor: DeploymentEnvironment; readonly taken: readonly string[]; readonly onSaved: (provider: Provider) => void }) {
  const [adapterId, setAdapterId] = useState(adapters[0]?.id ?? '')
  const [name, setName] = useState<string | null>(null)
  const [credential, setCredential] = useState('')
  const [environment, setEnvironment] = useState(serverIsFor)
  const [baseUrl, setBaseUrl] = useState('')
  const [models, setModels] = useState('')
  const [allowPrivateAddress, setAllowPrivateAddress] = useState(false)
  const adapter = adapters.find(({ id }) => id === adapterId)
  const shownName = name ?? freeName(adapterId, taken)
  const { busy, problem, submit } = useAction(async () => {
    onSaved(await call('saveProvider', {
      params: { name: shownName },
      body: {
        adapter: adapterId,
        ...(credential !== '' && { credential, environment }), ...(baseUrl !== '' && { baseUrl }), ...(allowPrivateAddress && { allowPrivateAddress }),
        ...(wordsOf(models).length > 0 && { models: wordsOf(models) }),
      },
    }))
  })
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <ChoiceField label="Kind" value={adapterId} onChange={({ target }) => setAdapterId(target.value)}>
        {adapters.map(({ id, title }) => <option key={id} value={id}>{title}</option>)}
      </ChoiceField>
      <TextField label="Name" hint="It stands before the names of the models." required pattern="[a-z][a-z0-9\-]{0,31}" title="Small letters, digits and dashes, beginning with a letter" value={shownName} onChange={({ target }) => setName(target.value)} refusal={fieldProblem(problem, 'name')} />
      <TextField label={adapter?.needsCredential === true ? 'API key' : 'API key (if it asks for one)'} hint="It is encrypted, and never shown again." type="password" autoComplete="off" required={adapter?.needsCredential === true} minLength={8} value={credential} onChange={({ target }) => setCredential(target.value)} refusal={fieldProblem(problem, 'credential')} />
      {credential !== '' && <EnvironmentField value={environment} onChosen={setEnvironment} refusal={fieldProblem(problem, 'environment')} />}
      <TextField label={adapter?.needsBaseUrl === true ? 'Base address' : 'Base address (if it is another one)'} type="url" required={adapter?.needsBaseUrl === true} placeholder={adapter?.defaultBaseUrl ?? 'https://models.example.org/v1'} value={baseUrl} onChange={({ target }) => setBaseUrl(target.value)} refusal={fieldProblem(problem, 'baseUrl')} />
      <label className="flex items-start gap-3">
        <input type="checkbox" checked={allowPrivateAddress} onChange={({ target }) => setAllowPrivateAddress(target.checked)} className="mt-1 size-4 accent-gate" />
        <span><span className="font-medium">It runs on this machine or in a private network</span><span className="block text-sm text-ink-soft">Lets Sallyport connect to that private address. Without this, such addresses are refused.</span></span>
      </label>
      <details className="rounded-lg border border-line px-3 py-2">
        <summary className="cursor-pointer font-medium">Choose the models yourself</summary>
        <div className="pt-3"><TextArea label="Models" hint="One on each line. Left empty, the provider is asked what it has." rows={3} value={models} onChange={({ target }) => setModels(target.value)} refusal={fieldProblem(problem, 'models')} /></div>
      </details>
      <ProblemNotice problem={problem} />
      <Button type="submit" look="main" busy={busy}>{busy ? 'Asking for its models' : 'Add provider'}</Button>
    </form>
  )
}

const origins: Readonly<Record<Provider['origin'], string>> = { stored: 'Added on this page', configuration: 'From the configuration file', 'built-in': 'Built in' }

const advised: Readonly<Record<Provider['keyAdvice'][number], string>> = {
  rotate: 'Its key is older than 30 days: replace it under Keys.', 'expires-soon': 'Its key ends soon: replace it under Keys.', expired: 'Its key has ended: replace it under Keys.', rejected: 'It refused its key: look at Keys.', 'hook-failed': 'Its key could not be replaced: look at Keys.',
}

interface RowProps { readonly provider: Provider; readonly title: string; readonly mayManageKeys: boolean; readonly onDeleted: () => void }

function ProviderRow({ provider, title, mayManageKeys, onDeleted }: RowProps) {
  const { name, baseUrl, models, origin, hasCredential, heldBack, keyAdvice, allowPrivateAddress, health } = provider
  const facts = [origins[origin], hasCredential && 'key stored', allowPrivateAddress && 'private address allowed', `${models.length} ${models.length === 1 ? 'model' : 'models'}`].filter((fact) => fact !== false)
  return (
    <li className="flex items-start gap-3 px-4 py-3 sm:px-5">
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-baseline gap-x-3"><span className="font-medium">{name}</span><span className="text-sm text-ink-soft">{title}</span></p>
        {baseUrl !== '' && <p className="font-mono text-sm break-all text-ink-soft">{baseUrl}</p>}
        <p className="text-sm text-ink-soft">{facts.join(' · ')}</p>
        {heldBack !== null && <p role="status" className="text-sm text-danger">It is not used: its key is for {heldBack}, and this server is for something else. Add a key of its own under Keys.</p>}
        {keyAdvice.map((each) => <p key={each} className="text-sm font-medium text-brass">{advised[each]}</p>)}
        {health.breaker !== 'closed' && <p role="status" className="text-sm text-danger">It failed {health.failures} times in a row, and is left alone{health.retryAfterSeconds > 0 && ` for ${health.retryAfterSeconds} s`}. Then one question tries it.</p>}
        {health.calls > 0 && <p className="text-sm text-ink-soft">{health.calls} calls, {health.failed} failed{health.firstMilliseconds !== null && ` · first word after ${health.firstMilliseconds} ms`}</p>}
        {models.length > 0 && (
          <details className="mt-1 text-sm"><summary className="cursor-pointer text-gate">Models</summary><ul className="mt-1 space-y-0.5 font-mono">{models.map((model) => <li key={model}>{model}</li>)}</ul></details>
        )}
      </div>
      {origin === 'stored' && hasCredential && mayManageKeys && <ProviderKeys provider={name} />}
      {origin === 'stored' && (
        <ConfirmButton label={`Remove ${name}`} title="Remove this provider?" consequence={`Its key is deleted, and its models can no longer be used. Conversations with them stay.`} verb="Remove" done="The provider is removed." onConfirm={async () => {
          await call('deleteProvider', { params: { name } })
          onDeleted()
        }} />
      )}
    </li>
  )
}

const numbers = new Intl.NumberFormat('en', { maximumFractionDigits: 2 })
const reaches: Readonly<Record<AnswerCacheFigures['reach'], string>> = { off: '', own: 'whoever asked exactly the same before', shared: 'everybody who asks exactly the same' }

/** What answers that are kept spare the providers. */
function CacheFigures({ cache: { reach, answers, bytes, hits, savedTokens, savedMoney } }: { readonly cache: AnswerCacheFigures }) {
  return (
    <section aria-labelledby="kept-answers" className="mt-8">
      <h2 id="kept-answers" className="font-display text-xl">Kept answers</h2>
      <p className="text-sm text-ink-soft">They are given again to {reaches[reach]}. {numbers.format(answers)} {answers === 1 ? 'is' : 'are'} kept, {numbers.format(bytes / 1_048_576)} MB.</p>
      <p className="text-sm text-ink-soft">This month {numbers.format(hits)} {hits === 1 ? 'was' : 'were'} given again, which spared {numbers.format(savedTokens)} tokens{savedMoney > 0 && `, ${numbers.format(savedMoney)} in money`}.</p>
    </section>
  )
}

/** Model providers: whose models may answer, beside the built-in assistant. */
export function ProvidersScreen({ mayManageKeys }: { readonly mayManageKeys: boolean }) {
  const [open, setOpen] = useState(false)
  const { value, problem, reload } = useReply('listProviders', {})
  const refresh = (): void => {
    reload()
    void loadModels()
  }
  const saved = ({ name, models }: Provider): void => {
    setOpen(false)
    announce(`${name} is added with ${models.length} models.`)
    refresh()
  }
  return (
    <Page title="Providers" purpose="Whose models may answer. What you ask them leaves this server, after it was checked." action={<Button look="main" icon="plus" disabled={value === null} onClick={() => setOpen(true)}>Add provider</Button>}>
      <ProblemNotice problem={problem} />
      {value?.items.length === 0 && <Nothing>No provider yet. Add one with its API key, or a model server of your own.</Nothing>}
      {value !== null && value.items.length > 0 && <Rows label="Providers">{value.items.map((provider) => <ProviderRow key={provider.name} provider={provider} mayManageKeys={mayManageKeys} title={value.adapters.find(({ id }) => id === provider.adapter)?.title ?? provider.adapter} onDeleted={refresh} />)}</Rows>}
      {value !== null && value.cache.reach !== 'off' && <CacheFigures cache={value.cache} />}
      <Sheet open={open} onClose={() => setOpen(false)} title="Add a provider">
        {value !== null && <ProviderForm adapters={value.adapters} serverIsFor={value.environment} taken={value.items.map(({ name }) => name)} onSaved={saved} />}
      </Sheet>
    </Page>
  )
}

import type { ProviderCredential, ProviderCredentialList } from '@sallyport/contract'
import { WriteConflict, type WriteStep } from '../../database/database.ts'
import type { Caller } from '../../kernel/handler.ts'
import { ProblemError } from '../../kernel/problem.ts'
import type { Secret } from '../../kernel/secret.ts'
import { providerCredentials } from '../../policy/provider-credentials.ts'
import { auditStep } from '../audit/index.ts'
import type { ActiveProvider } from './active.ts'
import type { StoredCredential } from './credential-store.ts'
import { heldBackProblem } from './environments.ts'
import { nextOf, promotionSteps, type FailOver, type FailOverDeps } from './fail-over.ts'
import { storedProvider, type KeyTrial, type NewKey, type TryKey } from './new-key.ts'
import type { createShown } from './show-credentials.ts'

const DAY = 86_400_000
const gone = () => new ProblemError('conflict', { detail: 'It was changed in the meantime. Look again, then try again.' })
export interface CredentialDeps extends Omit<FailOverDeps, 'log' | 'activate' | 'takeUp'> {
  readonly failOver: FailOver
  readonly tryKey: TryKey
  readonly trial: KeyTrial
  readonly shown: ReturnType<typeof createShown>
  /** Whether a program makes a provider's keys. */
  readonly hasHook: (name: string) => boolean
}

/** The versions of providers' keys, as administrators see and change them (SEC-7). A key goes in and never comes out. */
export function createCredentials({ database, store, clock, environment, active, uses, failOver, tryKey, trial, shown: showAll, hasHook, tellOthers }: CredentialDeps) {
  const named = (name: string) => storedProvider(active, name)
  const found = async (name: string, id: string) => {
    const provider = named(name)
    const rows = await store.credentials.of(provider.id)
    const row = rows.find((each) => each.id === id)
    if (row === undefined) throw new ProblemError('not-found')
    return { provider, rows, row }
  }
  const write = async (steps: readonly WriteStep[]): Promise<void> => {
    await database.write(steps).catch((error: unknown) => { throw error instanceof WriteConflict ? gone() : error })
  }
  const shown = async (providerId: string, id: string): Promise<ProviderCredential> => {
    const found = (await showAll(providerId)).find((each) => each.id === id)
    if (found === undefined) throw gone()
    return found
  }
  const promote = async (caller: Caller, { provider, rows, to }: { readonly provider: ActiveProvider; readonly rows: readonly StoredCredential[]; readonly to: StoredCredential & { readonly credential: Secret } }, further: readonly WriteStep[] = []) => {
    const at = clock.now()
    await write([...promotionSteps(store, { provider, from: rows.find(({ state }) => state === 'active'), to, secret: to.credential, at }), ...further, tellOthers(), auditStep(caller, { at, action: 'provider-credential-activated', detail: { provider: provider.name, version: to.version } })])
    failOver.install({ ...provider, credential: to.credential, credentialEnvironment: to.environment }, to.id)
  }
  return {
    async list(name: string): Promise<ProviderCredentialList> {
      await uses.flush()
      return { items: await showAll(named(name).id), environment, hasHook: hasHook(name) }
    },
    /** Adds a key after the provider has taken it. Throws `invalid-request`, `conflict`, `provider-error` and `provider-unavailable`; then nothing was changed. */
    async add(caller: Caller, name: string, { activate = false, ...given }: NewKey & { readonly activate?: boolean | undefined }): Promise<ProviderCredential> {
      const provider = named(name)
      const { rows, row } = await trial(provider, given)
      await write([store.credentials.insert(row), auditStep(caller, { at: row.created_at, action: 'provider-credential-added', detail: { provider: name, version: row.version } })])
      if (activate) await promote(caller, { provider, rows, to: row })
      return shown(provider.id, row.id)
    },
    /** Uses a key from now on, after the provider has taken it. Throws as `add` does. */
    async activate(caller: Caller, name: string, id: string): Promise<ProviderCredential> {
      const { provider, rows, row } = await found(name, id)
      if (row.credential === null) throw new ProblemError('conflict', { detail: row.state === 'active' ? 'This key is in use already.' : 'This key is destroyed. Add a new one.' })
      if (row.environment !== environment) throw heldBackProblem(name, row.environment, environment)
      await tryKey(provider, row.credential)
      await promote(caller, { provider, rows, to: { ...row, credential: row.credential } })
      return shown(provider.id, id)
    },
    /** Destroys a key. The active one goes only where another can take over. Throws `not-found` and `conflict`. */
    async revoke(caller: Caller, name: string, id: string): Promise<void> {
      const { provider, rows, row } = await found(name, id)
      if (row.state === 'revoked') return
      const at = clock.now()
      const audit = auditStep(caller, { at, action: 'provider-credential-revoked', detail: { provider: name, version: row.version } })
      const change = { state: 'revoked', revoked_at: at } as const
      if (row.state !== 'active') { await write([store.credentials.change(row, change, null), audit]); return }
      const to = nextOf(rows, at, environment)
      if (to?.credential == null) throw new ProblemError('conflict', { detail: 'No other key stands by. Add one first, or remove the provider.' })
      await promote(caller, { provider, rows, to: { ...to, credential: to.credential } }, [store.credentials.change({ id: row.id, state: 'retiring' }, change, null), audit])
    },
    /** Writes down what was counted, and destroys what was retired long enough ago. */
    async tidy(): Promise<void> {
      await uses.flush()
      const now = clock.now()
      const before = now - providerCredentials.retireDays * DAY
      if (await store.credentials.hasRetired(before)) await database.write([store.credentials.revokeRetired(before, now)])
    },
  }
}
export type Credentials = ReturnType<typeof createCredentials>

import type { ProviderCredential } from '@sallyport/contract'
import { WriteConflict, type WriteStep } from '../../database/database.ts'
import { toMoment } from '../../kernel/clock.ts'
import type { Caller } from '../../kernel/handler.ts'
import { newId } from '../../kernel/ids.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { Secret } from '../../kernel/secret.ts'
import { providerCredentials } from '../../policy/provider-credentials.ts'
import { auditStep } from '../audit/index.ts'
import type { ActiveProvider } from './active.ts'
import type { StoredCredential } from './credential-store.ts'
import { requireKeyForm } from './credential-form.ts'
import { nextOf, promotionSteps, type FailOver, type FailOverDeps } from './fail-over.ts'

const DAY = 86_400_000
const gone = () => new ProblemError('conflict', { detail: 'It was changed in the meantime. Look again, then try again.' })
export interface CredentialDeps extends Omit<FailOverDeps, 'log' | 'activate' | 'takeUp'> {
  readonly failOver: FailOver
  /** Asks the provider with a key whether it takes it. Throws `ProblemError` when it does not. */
  readonly tryKey: (provider: ActiveProvider, credential: Secret) => Promise<void>
}
export interface NewKey { readonly credential: string; readonly expiresAt?: string | undefined; readonly activate?: boolean | undefined }

/** The versions of providers' keys, as administrators see and change them (SEC-7). A key goes in and never comes out. */
export function createCredentials({ database, store, clock, active, uses, failOver, tryKey, tellOthers }: CredentialDeps) {
  const named = (name: string): ActiveProvider => {
    const provider = active.get(name)
    if (provider === undefined) throw new ProblemError('not-found')
    if (provider.origin !== 'stored') throw new ProblemError('conflict', { detail: 'The key of this provider comes from the configuration of the server. Change it there.' })
    return provider
  }
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
    const rows = await store.credentials.of(providerId)
    const row = rows.find((each) => each.id === id)
    if (row === undefined) throw gone()
    return toWire(row, rows, clock.now())
  }
  const promote = async (caller: Caller, { provider, rows, to }: { readonly provider: ActiveProvider; readonly rows: readonly StoredCredential[]; readonly to: StoredCredential & { readonly credential: Secret } }, further: readonly WriteStep[] = []) => {
    const at = clock.now()
    await write([...promotionSteps(store, { provider, from: rows.find(({ state }) => state === 'active'), to, secret: to.credential, at }), ...further, tellOthers(), auditStep(caller, { at, action: 'provider-credential-activated', detail: { provider: provider.name, version: to.version } })])
    failOver.install({ ...provider, credential: to.credential }, to.id)
  }
  return {
    async list(name: string): Promise<{ items: ProviderCredential[] }> {
      await uses.flush()
      const rows = await store.credentials.of(named(name).id)
      return { items: rows.map((row) => toWire(row, rows, clock.now())) }
    },
    /** Adds a key after the provider has taken it. Throws `invalid-request`, `conflict`, `provider-error` and `provider-unavailable`; then nothing was changed. */
    async add(caller: Caller, name: string, { credential, expiresAt, activate = false }: NewKey): Promise<ProviderCredential> {
      requireKeyForm(credential)
      const provider = named(name)
      const rows = await store.credentials.of(provider.id)
      if (rows.filter(({ state }) => state !== 'revoked').length >= providerCredentials.mostVersions) throw new ProblemError('conflict', { detail: 'This provider has too many keys. Revoke some first.' })
      if ([provider.credential, ...rows.map((row) => row.credential)].some((known) => known?.reveal() === credential)) throw new ProblemError('conflict', { detail: 'This key is there already.' })
      const secret = new Secret(credential)
      await tryKey(provider, secret)
      const at = clock.now()
      const row = { id: newId('providerCredential', at), provider_id: provider.id, version: (rows[0]?.version ?? 0) + 1, state: 'standby', credential: secret, created_at: at, activated_at: null, expires_at: expiresAt === undefined ? null : Date.parse(expiresAt) } as const
      await write([store.credentials.insert(row), auditStep(caller, { at, action: 'provider-credential-added', detail: { provider: name, version: row.version } })])
      if (activate) await promote(caller, { provider, rows, to: { ...row, retired_at: null, revoked_at: null, rejected_at: null, last_used_at: null, calls: 0, input_tokens: 0, output_tokens: 0 } })
      return shown(provider.id, row.id)
    },
    /** Uses a key from now on, after the provider has taken it. Throws as `add` does. */
    async activate(caller: Caller, name: string, id: string): Promise<ProviderCredential> {
      const { provider, rows, row } = await found(name, id)
      if (row.credential === null) throw new ProblemError('conflict', { detail: row.state === 'active' ? 'This key is in use already.' : 'This key is destroyed. Add a new one.' })
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
      const to = nextOf(rows, at)
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

function toWire(row: StoredCredential, rows: readonly StoredCredential[], now: number): ProviderCredential {
  const moment = (at: number | null) => (at === null ? null : toMoment(at))
  const [isLive, isActive] = [row.state === 'active' || row.state === 'standby', row.state === 'active']
  const { rotateAfterDays, expiresSoonDays } = providerCredentials
  const advice = [
    isActive && row.rejected_at !== null && 'rejected', isLive && row.expires_at !== null && row.expires_at <= now && 'expired',
    isLive && row.expires_at !== null && row.expires_at > now && row.expires_at - now < expiresSoonDays * DAY && 'expires-soon',
    isLive && now - row.created_at > rotateAfterDays * DAY && 'rotate', isActive && nextOf(rows, now) === undefined && 'no-standby',
  ] as const
  return {
    id: row.id, version: row.version, state: row.state, createdAt: toMoment(row.created_at), activatedAt: moment(row.activated_at), retiredAt: moment(row.retired_at), revokedAt: moment(row.revoked_at),
    expiresAt: moment(row.expires_at), rejectedAt: moment(row.rejected_at), lastUsedAt: moment(row.last_used_at), calls: row.calls, inputTokens: row.input_tokens, outputTokens: row.output_tokens,
    advice: advice.filter((each) => each !== false),
  }
}

import type { DeploymentEnvironment } from '@sallyport/contract'
import { WriteConflict, type Database, type WriteStep } from '../../database/database.ts'
import type { Clock } from '../../kernel/clock.ts'
import { describeError, type Log } from '../../kernel/log.ts'
import type { Secret } from '../../kernel/secret.ts'
import { ProviderFailure, type ModelEvent, type ModelRequest } from '../../ports/model-provider.ts'
import { auditServerStep, securityEventStep } from '../audit/index.ts'
import type { ActiveProvider, ProviderSettings } from './active.ts'
import type { UseCounter } from './count-use.ts'
import type { StoredCredential } from './credential-store.ts'
import { heldBackFor, holdBack } from './environments.ts'
import type { ResilientProvider } from './resilient.ts'
import type { ProviderStore } from './store.ts'

export interface FailOverDeps {
  readonly database: Database
  readonly store: ProviderStore
  readonly clock: Clock
  readonly log: Log
  /** What this server is for. */
  readonly environment: DeploymentEnvironment
  readonly active: Map<string, ActiveProvider>
  readonly activate: (settings: ProviderSettings) => ActiveProvider
  readonly uses: UseCounter
  /** Takes up what the store holds now, where it is not what is in use. */
  readonly takeUp: () => Promise<void>
  /** The row that tells other processes over the store to take up what it holds. */
  readonly tellOthers: () => WriteStep
}
export interface Promotion { readonly provider: Pick<ProviderSettings, 'id' | 'credential'>; readonly from: StoredCredential | undefined; readonly to: StoredCredential; readonly secret: Secret; readonly at: number; readonly isRejected?: boolean }

/** The steps that put one version in the place of the active one, which is kept for a while. */
export const promotionSteps = (store: ProviderStore, { provider, from, to, secret, at, isRejected = false }: Promotion): readonly WriteStep[] => [
  ...(from === undefined ? [] : [store.credentials.change(from, { state: 'retiring', retired_at: at, ...(isRejected && { rejected_at: at }) }, provider.credential)]),
  store.credentials.change(to, { state: 'active', activated_at: at, retired_at: null, rejected_at: null }, null),
  store.setCredential(provider.id, secret),
]
/** The version that takes over: the newest that stands by, has not ended, and is for what the server is for. */
export const nextOf = (rows: readonly StoredCredential[], now: number, environment: DeploymentEnvironment) =>
  rows.find(({ state, credential, expires_at: ends, environment: bound }) => state === 'standby' && credential !== null && bound === environment && (ends === null || ends > now))

/** Keeps providers answering when one of their keys is refused. */
export function createFailOver({ database, store, clock, log, environment, active, activate, uses, takeUp, tellOthers }: FailOverDeps) {
  const running = new Map<string, Promise<ActiveProvider | null>>()

  /** Puts a provider in use with the version of its key that is the active one now. */
  const install = (settings: ProviderSettings, credentialId: string | null): ActiveProvider => {
    const { credentialId: _former, ...others } = settings
    const next = activate(credentialId === null ? others : { ...others, credentialId })
    const heldBack = heldBackFor(settings, environment)
    const installed = heldBack !== null ? { ...next, ...(credentialId !== null && { credentialId }), heldBack, provider: holdBack(next.provider) } : credentialId === null ? next : { ...next, credentialId, provider: guarded(settings.name, next.provider, credentialId) }
    active.set(settings.name, installed)
    return installed
  }

  /** What is in use when another process over the store has done it. */
  const inUse = async (name: string): Promise<ActiveProvider | null> => {
    await takeUp()
    return active.get(name) ?? null
  }

  const failOver = async (name: string, rejectedId: string): Promise<ActiveProvider | null> => {
    const now = active.get(name)
    if (now === undefined || now.credentialId !== rejectedId) return now ?? null
    const current = await inUse(name)
    if (current?.credentialId !== rejectedId) return current
    const rows = await store.credentials.of(current.id)
    const [from, to, at] = [rows.find(({ state }) => state === 'active'), nextOf(rows, clock.now(), environment), clock.now()]
    // Another process has done it since the last look: its key is not the one that was refused.
    if (from !== undefined && from.id !== rejectedId) return inUse(name)
    const event = (standby: boolean) => securityEventStep(database, { at, type: 'provider-credential-rejected', severity: 'high', accountId: null, detail: { provider: name, version: from?.version ?? 0, standby } })
    if (from === undefined || to?.credential == null) {
      // Told once: it stays the active one, because it may be taken again.
      if (from?.rejected_at === null) await database.write([store.credentials.change(from, { rejected_at: at }), event(false)])
      return null
    }
    await database.write([
      ...promotionSteps(store, { provider: current, from, to, secret: to.credential, at, isRejected: true }), event(true), tellOthers(),
      auditServerStep({ at, action: 'provider-credential-failed-over', detail: { provider: name, from: from.version, to: to.version } }),
    ])
    log.warn({ provider: name, from: from.version, to: to.version }, 'provider-credential-failed-over')
    return install({ ...current, credential: to.credential, credentialEnvironment: to.environment }, to.id)
  }
  /** One at a time for each provider: of many calls that are refused at once, the first does it for all. */
  const failOverOnce = (name: string, rejectedId: string): Promise<ActiveProvider | null> => {
    const before = running.get(name) ?? failOver(name, rejectedId).catch((error: unknown) => {
      if (error instanceof WriteConflict) return inUse(name)
      throw error
    }).catch((error: unknown) => {
      log.error({ provider: name, ...describeError(error) }, 'provider-credential-not-failed-over')
      return null
    }).finally(() => { running.delete(name) })
    running.set(name, before)
    return before
  }

  /** A provider whose calls are counted, and are made again with the next key when this one is refused before a word has come. */
  const guarded = (name: string, inner: ResilientProvider, credentialId: string): ResilientProvider => ({
    health: () => inner.health(),
    listModels: (signal) => inner.listModels(signal),
    async *stream(request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelEvent> {
      let isBegun = false
      const model = `${name}/${request.model}`
      uses.note(credentialId, { model, calls: 1 })
      try {
        for await (const event of inner.stream(request, signal)) {
          isBegun = true
          if (event.type === 'usage') uses.note(credentialId, { ...event, model })
          yield event
        }
        return
      } catch (error) {
        if (isBegun || !(error instanceof ProviderFailure) || error.kind !== 'rejected-credential') throw error
        const next = await failOverOnce(name, credentialId)
        if (next === null || next.credentialId === credentialId) throw error
        yield* next.provider.stream(request, signal)
      }
    },
  })
  return { install }
}
export type FailOver = ReturnType<typeof createFailOver>

import type { Database, WriteStep } from '../../database/database.ts'
import { writeUnlessConflict } from '../../database/write-unless-conflict.ts'
import type { Clock } from '../../kernel/clock.ts'
import { isSameSecret } from '../../kernel/secret.ts'
import { describeError, type Log } from '../../kernel/log.ts'
import type { ActiveProvider, ProviderSettings } from './active.ts'
import type { FailOver } from './fail-over.ts'
import { savedKey } from './saved-key.ts'
import type { KeptProvider, ProviderStore } from './store.ts'

/** What a key is taken to be for that was saved before keys said so: what harms most where it is used by mistake. */
const ASSUMED = 'production'

interface TakeUpDeps {
  readonly database: Database
  readonly store: ProviderStore
  readonly clock: Clock
  readonly log: Log
  readonly active: Map<string, ActiveProvider>
  readonly egress: { unlist(holder: string): void }
  readonly install: FailOver['install']
  /** The row that tells other processes over the store to take up what it holds. */
  readonly tellOthers: () => WriteStep
}

/**
 * Puts in use what the store holds, at the start and whenever another process over it has changed something. What is in use already stays
 * untouched, with its breaker and its open calls. A stored provider that no longer fits is left out, with a line in the log.
 */
export function createTakeUp({ database, store, clock, log, active, egress, install, tellOthers }: TakeUpDeps) {
  const leaveOut = (name: string) => {
    if (active.delete(name)) egress.unlist(name)
  }
  /** Gives a key that was saved before keys had versions its first one. */
  const giveVersion = async (provider: KeptProvider): Promise<void> => {
    const { steps } = await savedKey(store.credentials, { before: settingsOf(provider), settings: settingsOf(provider), at: clock.now(), environment: ASSUMED })
    // Another process that starts at the same time may have been first.
    await writeUnlessConflict(database, [...steps, tellOthers()])
  }
  const read = async (): Promise<readonly KeptProvider[]> => {
    const stored = await store.all()
    const older = stored.filter(({ credential, credentialId }) => credential !== null && credentialId === null)
    await Promise.all(older.map(giveVersion))
    return older.length === 0 ? stored : store.all()
  }
  /** What is in use, and what is stored that is at least as new: it is read again when something was put in use meanwhile. */
  const readAsOne = async (): Promise<{ readonly before: readonly ActiveProvider[]; readonly stored: readonly KeptProvider[] }> => {
    const before = [...active.values()]
    const stored = await read()
    const after = [...active.values()]
    return before.length === after.length && before.every((each, index) => each === after[index]) ? { before, stored } : readAsOne()
  }
  return async (): Promise<void> => {
    const { before, stored } = await readAsOne()
    const names = new Set(stored.map(({ name }) => name))
    for (const { name, origin } of before) if (origin === 'stored' && !names.has(name)) leaveOut(name)
    for (const provider of stored) {
      const now = active.get(provider.name)
      if (now?.origin === 'configuration' || (now !== undefined && isSame(now, provider))) continue
      try {
        const { heldBack } = install(settingsOf(provider), provider.credentialId)
        if (heldBack !== null) log.warn({ provider: provider.name, keyIsFor: heldBack }, 'provider-held-back')
      } catch (error) {
        leaveOut(provider.name)
        log.error({ provider: provider.name, ...describeError(error) }, 'provider-left-out')
      }
    }
  }
}

const settingsOf = ({ credentialId: _, credentialEnvironment, ...provider }: KeptProvider): ProviderSettings => ({ ...provider, origin: 'stored', ...(credentialEnvironment !== null && { credentialEnvironment }) })

const isSame = (one: ActiveProvider, other: KeptProvider): boolean =>
  one.id === other.id && one.adapter === other.adapter && one.baseUrl === other.baseUrl && one.allowPrivateAddress === other.allowPrivateAddress
  && (one.credentialId ?? null) === other.credentialId && isSameSecret(one.credential, other.credential) && one.models.join('\n') === other.models.join('\n')

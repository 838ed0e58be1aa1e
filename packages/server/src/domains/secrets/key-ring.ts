import { randomBytes } from 'node:crypto'
import type { Database, WriteStep } from '../../database/database.ts'
import { writeUnlessConflict } from '../../database/write-unless-conflict.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Revocations } from '../../kernel/revocations.ts'
import { createLiveSealer, createSealer, DATA_KEY_BYTES, FIRST_VERSION, SealBroken, type LiveSealer, type Place, type Sealer, type SealerEars, type SealingKeys } from '../../kernel/seal.ts'
import { wipe } from '../../kernel/wipe.ts'
import type { KeyVault } from '../../ports/key-vault.ts'
import { createDataKeyStore } from './store.ts'

/** Whose data keys: an account's, a collection's, or the server's own. */
export type KeyOwner = string
export const SERVER_KEYS: KeyOwner = 'server'

const KEPT_SEALERS = 10_000

/** Tells when keys have changed in another process, and whether it is heard at all. */
type Hearing = Pick<Revocations, 'subscribe'> & { readonly isHearing: () => boolean }

/** Finds and makes the data keys of owners, wrapped by the vault (SEC-3, PRI-1). */
export function createKeyRing(database: Database, vault: KeyVault, clock: Clock) {
  const store = createDataKeyStore(database, vault.keyId)
  const state: { isHearing: () => boolean; onOpen: (place: Place) => void; onBroken: (owner: KeyOwner, place: Place) => void } = { isHearing: () => true, onOpen: () => undefined, onBroken: () => undefined }
  const sealers = createSealers(async (owner) => keysFrom(vault, owner, await store.versionsOf(owner)), (owner) => ({ onOpen: (place) => { state.onOpen(place) }, onBroken: (place) => { state.onBroken(owner, place) } }))

  /** A first data key for a new owner: the sealer to use now, and the step that must be written with the owner's own row. */
  const create = async (owner: KeyOwner): Promise<{ sealer: Sealer; step: WriteStep }> => {
    const raw = randomBytes(DATA_KEY_BYTES)
    const wrapped = await vault.wrap(raw, contextOf(owner, FIRST_VERSION))
    const sealer = createSealer(owner, new Map([[FIRST_VERSION, raw]]))
    wipe(raw)
    return { sealer, step: store.insert({ owner_id: owner, version: FIRST_VERSION, wrapped, created_at: clock.now() }) }
  }
  /** The sealer of an owner. It stays good when keys are rotated. A process that cannot hear of that asks the store each time. Throws `SealBroken` when there is no key. */
  const sealerOf = (owner: KeyOwner): Promise<Sealer> => sealers.of(owner, { anew: !state.isHearing() })
  return {
    sealerOf,
    create,
    /** The sealer of an owner that may be new, such as the server itself. */
    async ensure(owner: KeyOwner): Promise<Sealer> {
      if (!await store.has(owner)) {
        const { step } = await create(owner)
        // Another process may have been first; then its key is the one.
        await writeUnlessConflict(database, [step])
      }
      return sealerOf(owner)
    },
    /** Wraps a new data key of an owner. */
    wrap: (owner: KeyOwner, version: number, raw: Uint8Array): Promise<Uint8Array> => vault.wrap(raw, contextOf(owner, version)),
    /** The raw keys of an owner, for making the next version. Wipe them afterwards. */
    rawKeys: async (owner: KeyOwner): Promise<SealingKeys> => keysFrom(vault, owner, await store.versionsOf(owner)),
    /** Destroys every data key of an owner: what was sealed under them never opens again (PRI-4). Forget it after the batch. */
    destroyStep: (owner: KeyOwner): WriteStep => store.removeAll(owner),
    forget: (owner: KeyOwner) => { sealers.forget(owner) },
    /** Reads the keys of an owner anew for everybody in this process who holds its sealer. */
    refresh: (owner: KeyOwner): Promise<void> => sealers.refresh(owner),
    /** Tells from now on of every sealed value that is opened. */
    whenOpened(onOpen: (place: Place) => void): void { state.onOpen = onOpen },
    /** Tells from now on of every value that does not open though its owner has keys. */
    whenBroken(onBroken: (owner: KeyOwner, place: Place) => void): void { state.onBroken = onBroken },
    /** Hears from now on what other processes do to keys. */
    listenTo(hearing: Hearing, onFailure: (error: unknown) => void): void {
      state.isHearing = hearing.isHearing
      hearing.subscribe((revoked) => {
        if (revoked.kind === 'data-keys') sealers.refresh(revoked.ownerId).catch(onFailure)
        // An account may be revoked because it was erased: its key is read anew, if there still is one.
        if (revoked.kind === 'account') sealers.refresh(revoked.accountId).catch(onFailure)
      })
    },
  }
}
export type KeyRing = ReturnType<typeof createKeyRing>

/** Keeps sealers, and replaces the keys of those that somebody still holds though they are kept no longer. */
function createSealers(load: (owner: KeyOwner) => Promise<SealingKeys>, earsOf: (owner: KeyOwner) => SealerEars) {
  const kept = new Map<KeyOwner, Promise<LiveSealer>>()
  const held = new Map<KeyOwner, WeakRef<LiveSealer>>()
  /** Loads of one owner run one after another, so that none puts back what a later one replaced. */
  const loading = new Map<KeyOwner, Promise<unknown>>()

  const inTurn = <Result>(owner: KeyOwner, run: () => Promise<Result>): Promise<Result> => {
    const turn = (loading.get(owner) ?? Promise.resolve()).then(run, run)
    const quiet = turn.catch(() => undefined).finally(() => { if (loading.get(owner) === quiet) loading.delete(owner) })
    loading.set(owner, quiet)
    return turn
  }
  const prune = () => {
    if (kept.size >= KEPT_SEALERS) kept.clear()
    if (held.size >= 2 * KEPT_SEALERS) for (const [owner, reference] of held) if (reference.deref() === undefined) held.delete(owner)
  }
  const read = (owner: KeyOwner) => inTurn(owner, async () => {
    const known = held.get(owner)?.deref()
    const given = await load(owner)
    try {
      if (known !== undefined) { known.replace(given); return known }
      const sealer = createLiveSealer(owner, given, earsOf(owner))
      held.set(owner, new WeakRef(sealer))
      return sealer
    } finally {
      wipe(...given.keys.values())
    }
  })
  const end = (owner: KeyOwner) => {
    kept.delete(owner)
    held.get(owner)?.deref()?.replace(null)
    held.delete(owner)
  }
  return {
    of(owner: KeyOwner, { anew }: { readonly anew: boolean }): Promise<LiveSealer> {
      const known = kept.get(owner)
      if (known !== undefined && !anew) return known
      prune()
      const reading = read(owner)
      reading.catch(() => { if (kept.get(owner) === reading) kept.delete(owner) })
      kept.set(owner, reading)
      return reading
    },
    async refresh(owner: KeyOwner): Promise<void> {
      if (!held.has(owner) && !kept.has(owner)) return
      await read(owner).catch((error: unknown) => {
        if (!(error instanceof SealBroken)) throw error
        end(owner)
      })
    },
    forget: end,
  }
}

interface KeyRow { readonly version: number; readonly wrapped: Uint8Array; readonly stage?: 'known' | 'needed' | 'retired' | null }

/** Unwraps an owner's data keys, for whoever wipes them. The highest version that every process knows seals. Throws `VaultFailure`. */
async function keysFrom(vault: KeyVault, owner: KeyOwner, rows: readonly KeyRow[]): Promise<SealingKeys> {
  const keys = new Map<number, Uint8Array>()
  try {
    for (const { version, wrapped } of rows) keys.set(version, await vault.unwrap(wrapped, contextOf(owner, version)))
  } catch (error) {
    wipe(...keys.values())
    throw error
  }
  return { keys, sealing: Math.max(...rows.filter(({ stage }) => stage !== 'known').map(({ version }) => version)) }
}

/** A sealer from an owner's wrapped data keys. Throws `VaultFailure` when the vault holds another key-encryption key than the one that wrapped them. */
export async function sealerFrom(vault: KeyVault, owner: KeyOwner, rows: readonly KeyRow[]): Promise<Sealer> {
  const given = await keysFrom(vault, owner, rows)
  try {
    return createLiveSealer(owner, given)
  } finally {
    wipe(...given.keys.values())
  }
}

/** What a wrapped data key is bound to. */
export const contextOf = (owner: KeyOwner, version: number) => `data-key ${owner} ${version}`

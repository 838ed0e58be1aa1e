import { randomBytes } from 'node:crypto'
import { WriteConflict, type Database, type WriteStep } from '../../database/database.ts'
import type { Clock } from '../../kernel/clock.ts'
import { createSealer, DATA_KEY_BYTES, type Sealer } from '../../kernel/seal.ts'
import type { KeyVault } from '../../ports/key-vault.ts'
import { createDataKeyStore } from './store.ts'

/** Whose data keys: an account's, a collection's, or the server's own. */
export type KeyOwner = string
export const SERVER_KEYS: KeyOwner = 'server'

const KEPT_SEALERS = 10_000

/** Finds and makes the data keys of owners, wrapped by the vault (SEC-3, PRI-1). */
export function createKeyRing(database: Database, vault: KeyVault, clock: Clock) {
  const store = createDataKeyStore(database)
  const sealers = new Map<KeyOwner, Promise<Sealer>>()

  const load = async (owner: KeyOwner): Promise<Sealer> => sealerFrom(vault, owner, await store.versionsOf(owner))
  const sealerOf = (owner: KeyOwner): Promise<Sealer> => {
    const known = sealers.get(owner)
    if (known !== undefined) return known
    if (sealers.size >= KEPT_SEALERS) sealers.clear()
    const loading = load(owner)
    loading.catch(() => sealers.delete(owner))
    sealers.set(owner, loading)
    return loading
  }
  /** A first data key for a new owner: the sealer to use now, and the step that must be written with the owner's own row. */
  const create = async (owner: KeyOwner): Promise<{ sealer: Sealer; step: WriteStep }> => {
    const raw = randomBytes(DATA_KEY_BYTES)
    const wrapped = await vault.wrap(raw, contextOf(owner, 1))
    return { sealer: createSealer(owner, new Map([[1, raw]])), step: store.insert({ owner_id: owner, version: 1, wrapped, created_at: clock.now() }) }
  }
  return {
    sealerOf,
    create,
    /** The sealer of an owner that may be new, such as the server itself. */
    async ensure(owner: KeyOwner): Promise<Sealer> {
      if ((await store.versionsOf(owner)).length === 0) {
        const { step } = await create(owner)
        // Another process may have been first; then its key is the one.
        await database.write([step]).catch((error: unknown) => { if (!(error instanceof WriteConflict)) throw error })
      }
      return sealerOf(owner)
    },
    forget: (owner: KeyOwner) => { sealers.delete(owner) },
  }
}
export type KeyRing = ReturnType<typeof createKeyRing>

/** A sealer from an owner's wrapped data keys. Throws `VaultFailure` when the vault holds another key-encryption key than the one that wrapped them. */
export async function sealerFrom(vault: KeyVault, owner: KeyOwner, rows: readonly { readonly version: number; readonly wrapped: Uint8Array }[]): Promise<Sealer> {
  const keys = new Map<number, Uint8Array>()
  for (const { version, wrapped } of rows) keys.set(version, await vault.unwrap(wrapped, contextOf(owner, version)))
  return createSealer(owner, keys)
}

const contextOf = (owner: KeyOwner, version: number) => `data-key ${owner} ${version}`

import { join } from 'node:path'
import { openPageKey, openVault, postgresPlace, wrapPageKey } from '../compose/store.ts'
import { openKind } from '../compose/vault.ts'
import type { Config } from '../config/load.ts'
import { openDataDirectory, readStoreRecord, type StoreRecord } from '../database/data-directory.ts'
import type { Database } from '../database/database.ts'
import { openPostgres } from '../database/postgres/open.ts'
import { listFormerFolders } from '../database/sqlite/former.ts'
import { openSqlite } from '../database/sqlite/open.ts'
import { pendingVaultKey, takeOverWrapped, wrapForNext } from '../domains/secrets/index.ts'
import { systemClock } from '../kernel/clock.ts'
import { wipe } from '../kernel/wipe.ts'
import { VaultFailure, type KeyVault } from '../ports/key-vault.ts'

/** Kinds whose key can change behind one name: wrapping anew under the same name is of use there. */
const KEEP_NAMES = new Set(['transit', 'aws-kms'])

export interface Rewrapped { readonly keys: number; readonly from: string; readonly to: string; /** Folders of stores that a restore laid aside, which the new vault does not open: no erasure reaches them. */ readonly closedStores: readonly string[] }
export interface RewrapStoreOptions { readonly next: Config; readonly onProgress?: (done: number, total: number) => void }

/**
 * Moves a store to another vault, or to another key of the same one: every wrapped data key and the key of its pages. The server must not run:
 * its lock is taken. Until the store's record is replaced, which is one rename, the former vault opens everything, and from then on the new one
 * does. What was cut off goes on when it is called again. Throws `VaultFailure` and `DataDirectoryProblem`.
 */
export async function rewrapStore(config: Config, { next, onProgress }: RewrapStoreOptions): Promise<Rewrapped> {
  const directory = await openDataDirectory(config.dataDirectory)
  const ends: (() => Promise<void>)[] = []
  try {
    const { record } = directory
    if (record === null) throw new VaultFailure('There is no store yet. Set vault.kind before the first start.')
    const former = await openVault(config, record)
    ends.push(former.close)
    const { pageKey } = await openPageKey(directory, former.vault, config.vault.kind)
    const database = config.store.url.startsWith('sqlite:') ? await openSqlite({ path: directory.storePath, pageKey }) : await openPostgres(postgresPlace(config))
    ends.push(() => database.close())
    const opened = await openNext(next, database)
    ends.push(opened.close)
    refuseSame(record, next, opened.vault)
    const keys = await wrapForNext(database, { from: former.vault, to: opened.vault, ...(onProgress !== undefined && { onProgress }) })
    await directory.writeRecord({ storeId: record.storeId, file: record.file, vault: { kind: next.vault.kind, keyId: opened.vault.keyId }, pageKey: await wrapPageKey(opened.vault, pageKey) })
    wipe(pageKey)
    await takeOverWrapped(database, opened.vault.keyId, systemClock.now())
    return { keys, from: record.vault.kind, to: next.vault.kind, closedStores: await listClosedStores(config, opened.vault) }
  } finally {
    for (const end of ends.toReversed()) await end()
    directory.release()
  }
}

/** Former stores whose pages another key wraps. Those of PostgreSQL have no such key, and are reached all the same. */
async function listClosedStores({ dataDirectory, store }: Config, vault: KeyVault): Promise<readonly string[]> {
  if (!store.url.startsWith('sqlite:')) return []
  const folders = (await listFormerFolders(dataDirectory)).map(({ name }) => join(dataDirectory, name))
  // The move is done by now: a damaged one does not fail it, and does not open either.
  const records = await Promise.all(folders.map((folder) => readStoreRecord(folder).catch(() => null)))
  return folders.filter((_, index) => records[index]?.vault.keyId !== vault.keyId)
}

/** The new vault. One that an attempt before has begun with is opened as the same again: a passphrase has its salt there. */
async function openNext(next: Config, database: Database) {
  const pending = await pendingVaultKey(database)
  if (pending !== null) {
    const again = await openKind(next, pending).catch((error: unknown) => { if (error instanceof VaultFailure) return null; throw error })
    if (again?.vault.keyId === pending) return again
    await again?.close()
  }
  return openKind(next, null)
}

function refuseSame(record: StoreRecord, next: Config, vault: KeyVault): void {
  if (vault.keyId === record.vault.keyId && !KEEP_NAMES.has(next.vault.kind)) throw new VaultFailure('The new vault holds the key that the store has already. Name another key file, passphrase or service.')
}

import { join } from 'node:path'
import type { VersionedKeys } from '../../kernel/seal.ts'
import type { Secret } from '../../kernel/secret.ts'
import { BlobStoreFailure, type BlobStore } from '../../ports/blob-store.ts'
import { AgeFailure } from './age.ts'
import { macProblem, type BackupManifest, type KeysManifest } from './manifest.ts'
import { DumpBroken } from './read-dump.ts'
import { readSealed } from './sealed-file.ts'
import { BackupRefused, createSet } from './set.ts'

/** A wrapped data key, as a backup holds it. */
export interface WrappedKey { readonly owner_id: string; readonly version: number; readonly wrapped: Uint8Array }

export interface OpenSetOptions {
  readonly store: BlobStore
  readonly name: string
  readonly identities: readonly Secret[]
  /** A directory of this process's own, for the files. */
  readonly scratch: string
  /** The migrations of this program. */
  readonly known: readonly string[]
  /** The store that it must be of; null takes any. */
  readonly storeId: string | null
  /** The key with which that store marks its manifests, from its wrapped keys. Throws when the key-encryption key is another one. */
  readonly macKeysFrom: (keys: readonly WrappedKey[], vault: KeysManifest['vault']) => Promise<VersionedKeys>
}
export interface OpenedSet { readonly manifest: BackupManifest; readonly keys: KeysManifest; readonly dumpPath: string; readonly keysPath: string }

/**
 * Fetches a backup and proves everything that can be proved before a row of it is read: its version, whose it is, that its files are those
 * that were stored, that its keys open with this identity, and that its manifests were made by the store itself. Throws `BackupRefused`.
 */
export async function openSet({ store, name, identities, scratch, known, storeId, macKeysFrom }: OpenSetOptions): Promise<OpenedSet> {
  const set = createSet(store, scratch)
  const manifest = await set.manifest(name)
  if (manifest === null) throw new BackupRefused(`There is no backup ${name}. See the names with: npm run sallyport -- backup list`)
  requireVersion(manifest.migrations, known)
  if (storeId !== null && manifest.storeId !== storeId) throw new BackupRefused(`${name} is of another store. Restore it into an empty data directory; nothing was changed.`)
  const keys = await set.keys()
  if (keys === null) throw new BackupRefused('keys.json is missing beside the backup: it names the wrapped keys, without which nothing opens. Copy the whole folder, and try again.')
  if (keys.storeId !== manifest.storeId) throw new BackupRefused('The backup and the wrapped keys beside it are of two stores. Copy the whole folder, and try again.')
  const [dumpPath, keysPath] = [join(scratch, 'dump.age'), join(scratch, 'keys.age')]
  await set.fetch(manifest.dump, dumpPath)
  await set.fetch(keys.keys, keysPath)
  const wrapped = await readKeys(keysPath, identities, keys.keys.textBytes)
  const macKeys = await macKeysFrom(wrapped, keys.vault)
  const problem = macProblem(keys, macKeys) ?? macProblem(manifest, macKeys)
  if (problem !== null) throw new BackupRefused(`The manifest of ${name} cannot be believed. ${problem}`)
  return { manifest, keys, dumpPath, keysPath }
}

/** Refuses a version that this program does not know, and one from before the first migration. */
function requireVersion(migrations: readonly string[], known: readonly string[]): void {
  if (migrations.length === 0 || migrations[0] !== known[0]) throw new BackupRefused('The backup is older than the first version that can be restored.')
  if (migrations.some((migration, index) => migration !== known[index])) {
    throw new BackupRefused('The backup was made by a newer version of Sallyport. Install that version or a later one, then restore.')
  }
}

async function readKeys(path: string, identities: readonly Secret[], mostTextBytes: number): Promise<readonly WrappedKey[]> {
  const found: WrappedKey[] = []
  try {
    await readSealed(path, identities, {
      mostTextBytes,
      open: () => Promise.resolve({
        tables: [{ name: 'data_key', columns: [{ name: 'owner_id', kind: 'text' }, { name: 'version', kind: 'number' }, { name: 'wrapped', kind: 'bytes' }, { name: 'created_at', kind: 'number' }] }],
        insert: ({ columns }, rows) => {
          const at = (name: string) => columns.findIndex((column) => column.name === name)
          for (const row of rows) {
            const [owner, version, wrapped] = [row[at('owner_id')], row[at('version')], row[at('wrapped')]]
            if (typeof owner === 'string' && typeof version === 'number' && wrapped instanceof Uint8Array) found.push({ owner_id: owner, version, wrapped })
          }
          return Promise.resolve()
        },
      }),
    })
    return found
  } catch (error) {
    throw toRefusal(error)
  }
}

/** The refusal that a broken file is; anything else as it is. */
export const toRefusal = (error: unknown): unknown =>
  (error instanceof AgeFailure || error instanceof DumpBroken || error instanceof BlobStoreFailure ? new BackupRefused(`${error.message} Nothing was changed.`, { cause: error }) : error)

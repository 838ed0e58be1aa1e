import type { VersionedKeys } from '../../kernel/seal.ts'
import type { BlobStore } from '../../ports/blob-store.ts'
import { dumpFilePattern, KEYS_MANIFEST, macProblem, type KeysManifest } from './manifest.ts'
import { BackupRefused, createSet, ManifestDamaged } from './set.ts'

/** The wrapped keys that lie in the folder before new ones take their place; `isDamaged` where the file that names them says nothing any more. */
export type FormerKeys = { readonly keys: KeysManifest | null; readonly isDamaged: false } | { readonly keys: null; readonly isDamaged: true }

interface KeysPlace { readonly store: BlobStore; readonly storeId: string; readonly macKeys: VersionedKeys }
/** What is told after a damaged one was replaced. */
export const KEYS_REPLACED = `${KEYS_MANIFEST} in the backup folder was damaged, and was written anew: the backups that lie there open with it again. Find out whether the disk fails, or who may write into that folder.`

/**
 * Reads what names the wrapped keys. They are a copy of what the store has, so a damaged file keeps no backup from being made where the folder is shown to be
 * this store's alone: nothing in it is another's, and this store's own key has marked a backup in it, or there is none of anybody's. Otherwise the new keys
 * might take the place of another store's, whose backups would never open again. Throws `BackupRefused` with what to do.
 */
export async function readFormerKeys(place: KeysPlace, scratch: string): Promise<FormerKeys> {
  const set = createSet(place.store, scratch)
  const keys = await set.keys().catch((error: unknown) => { if (error instanceof ManifestDamaged) return error; throw error })
  if (!(keys instanceof ManifestDamaged)) {
    if (keys !== null && keys.storeId !== place.storeId) throw new BackupRefused('The folder holds the backups of another store. Give this store a folder of its own with backup.directory.')
    return { keys, isDamaged: false }
  }
  const { manifests, bytesOf } = await set.list()
  const isOthers = manifests.some(({ storeId }) => storeId !== place.storeId)
  const isProved = manifests.some((manifest) => manifest.storeId === place.storeId && macProblem(manifest, place.macKeys) === null)
  if (!isOthers && (isProved || ![...bytesOf.keys()].some((name) => dumpFilePattern.test(name)))) return { keys: null, isDamaged: true }
  throw new BackupRefused(`${KEYS_MANIFEST} in the backup folder is damaged, and nothing shows that the folder is this store's alone, so nothing was written over it. Where another store's backups lie there, copy that store's ${KEYS_MANIFEST} back, and give this store a folder of its own with backup.directory. Where all of them are this store's, move ${KEYS_MANIFEST} out of the folder, and try again: a new one is written, with which they open.`, { cause: keys })
}

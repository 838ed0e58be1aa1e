import { ProblemError } from '../../kernel/problem.ts'
import type { Attempts } from './attempts.ts'
import type { BackupPlace } from './make-backup.ts'
import { hasGoodMac, type BackupManifest } from './manifest.ts'
import { renewKeys } from './renew-keys.ts'
import { withScratch } from './scratch.ts'
import { createSet } from './set.ts'

interface KeyCopyDeps {
  readonly recipients: () => Promise<readonly string[]>
  /** Manifests of this store's backups. */
  readonly own: () => Promise<readonly BackupManifest[]>
  readonly attempts: Pick<Attempts, 'between'>
}

/** The copy of the wrapped data keys that lies beside all backups of a store: without it none of them opens. */
export function createKeyCopy(place: BackupPlace, { recipients, own, attempts }: KeyCopyDeps) {
  const read = () => withScratch(place, (scratch) => createSet(place.store, scratch).keys())
  return {
    /**
     * Puts a new copy there, so that no backup opens what was sealed under a key that is gone. Gives when; null where there is no backup.
     * Throws `conflict` where nobody is named who could open it.
     */
    async renewKeys(): Promise<number | null> {
      const forWhom = await recipients()
      return attempts.between(async () => {
        if (forWhom.length > 0) return renewKeys(place, forWhom)
        if ((await own()).length > 0) throw new ProblemError('conflict', { detail: 'Say first for whom backups are encrypted: npm run sallyport -- backup init' })
        return null
      })
    },
    /** A change of vault leaves a copy behind that only the former vault opens: it is replaced. */
    async renewKeysOfFormerVault(): Promise<void> {
      const keys = await read()
      if (keys === null || keys.storeId !== place.storeId || keys.vault.keyId === place.vault.keyId) return
      await attempts.between(async () => renewKeys(place, await recipients()))
    },
    /** When the copy was made; null where there is none. Throws `conflict` where it is not this store's, or was altered. */
    async keysMadeAt(): Promise<number | null> {
      const keys = await read()
      if (keys === null) return null
      if (keys.storeId !== place.storeId || !hasGoodMac(keys, place.macKey)) throw new ProblemError('conflict', { detail: 'The wrapped keys in the backup folder were not made by this store, or were altered.' })
      return Date.parse(keys.madeAt)
    },
  }
}

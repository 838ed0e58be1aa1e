import { join } from 'node:path'
import { ProblemError } from '../../kernel/problem.ts'
import type { Attempts } from './attempts.ts'
import type { BackupPlace } from './make-backup.ts'
import { dumpFilePattern, keysFilePattern, macProblem, type BackupManifest } from './manifest.ts'
import { renewKeys } from './renew-keys.ts'
import { withScratch } from './scratch.ts'
import { BackupRefused, createSet } from './set.ts'

/** What lies in the backup folder of what opens backups. */
export interface KeyCopyState {
  /** When the copy of the wrapped keys was made; null where none is named. */
  readonly madeAt: number | null
  /** Whether the file of keys is the one that was stored. */
  readonly isWhole: boolean
  /** Other files of keys. */
  readonly strays: readonly string[]
  /** Files of backups, named by a manifest or not. */
  readonly dumps: number
}

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
    /**
     * Looks at the whole folder: when the copy was made, and what else lies there that could open a backup. Throws `conflict` where the copy
     * is not this store's, or was altered.
     */
    async look(): Promise<KeyCopyState> {
      const files = (await place.store.list()).map(({ name }) => name)
      const strays = (named: string | null) => files.filter((name) => keysFilePattern.test(name) && name !== named)
      const keys = await read()
      if (keys === null) return { madeAt: null, isWhole: true, strays: strays(null), dumps: files.filter((name) => dumpFilePattern.test(name)).length }
      const problem = keys.storeId === place.storeId ? macProblem(keys, place.macKeys) : 'It is of another store.'
      if (problem !== null) throw new ProblemError('conflict', { detail: `The wrapped keys in the backup folder cannot be believed. ${problem}` })
      const isWhole = await withScratch(place, (scratch) => createSet(place.store, scratch).fetch(keys.keys, join(scratch, 'keys.age')).then(() => true, (error: unknown) => { if (error instanceof BackupRefused) return false; throw error }))
      return { madeAt: Date.parse(keys.madeAt), isWhole, strays: strays(keys.keys.file), dumps: files.filter((name) => dumpFilePattern.test(name)).length }
    },
  }
}

import { tmpdir } from 'node:os'
import { liesAhead } from '../../kernel/clock.ts'
import type { VersionedKeys } from '../../kernel/seal.ts'
import { BlobStoreFailure, type BlobStore } from '../../ports/blob-store.ts'
import { KEYS_MISSING, macProblem, type BackupManifest, type KeysManifest, type SealedFile } from './manifest.ts'
import { withScratch } from './scratch.ts'
import { BackupRefused, createSet, type BackupSet } from './set.ts'

/** A backup of this store, and why it does not count; null where it does. */
export interface StandingBackup { readonly manifest: BackupManifest; readonly problem: string | null; /** The part of that which is wrong with its files. */ readonly damage: string | null; /** Whether this store made it, as it stands there. */ readonly isProved: boolean }

export interface StandingOptions {
  readonly storeId: string
  readonly now: number
  /** With which the store marks what it made. */
  readonly macKeys: VersionedKeys
  /** A directory for what is read; the system's own for somebody who has none. */
  readonly staging?: string
}

export interface SeenBackups {
  readonly standing: readonly StandingBackup[]
  /** The names of those whose manifest is there, and is none. */
  readonly unreadable: ReadonlySet<string>
  /** What is told of the wrapped keys, which all of them need; null where it is not to be relied on. */
  readonly keys: KeysManifest | null
}

/**
 * The backups that say they are this store's, newest first, each with why it does not count: made by somebody else, dated ahead of the clock, with a
 * file that is gone or is another one by its size, or without the wrapped keys; and the names of those of which nothing can be told any more. What a
 * file holds is not read here.
 */
export const lookAtBackups = (store: BlobStore, { storeId, now, macKeys, staging = tmpdir() }: StandingOptions): Promise<SeenBackups> => withScratch({ staging }, async (scratch) => {
  const set = createSet(store, scratch)
  const looked = await lookAtKeys(set, { storeId, macKeys })
  // Twice, where it fails: they may have been replaced in between.
  const { keys, keysProblem, listed: { manifests, unreadable, bytesOf } } = looked.keys === null ? await lookAtKeys(set, { storeId, macKeys }) : looked
  const standing = manifests.filter((manifest) => manifest.storeId === storeId).map((manifest) => {
    const doubt = macProblem(manifest, macKeys)
    const damage = doubt === null ? damageOf(manifest.dump, bytesOf) : `Its manifest cannot be believed. ${doubt}`
    return { manifest, isProved: doubt === null, damage, problem: damage ?? keysProblem ?? aheadOf(manifest, now) }
  })
  return { standing, keys, unreadable: new Set(unreadable.map((name) => name.replace(/\.json$/, ''))) }
})

type Looked = { readonly listed: Awaited<ReturnType<BackupSet['list']>> } & ({ readonly keys: KeysManifest; readonly keysProblem: null } | { readonly keys: null; readonly keysProblem: string })

/** What lies there, and why the wrapped keys are of no use, as far as it can be told from outside. */
async function lookAtKeys(set: BackupSet, { storeId, macKeys }: Pick<StandingOptions, 'storeId' | 'macKeys'>): Promise<Looked> {
  const read = await set.keys().catch(toProblem)
  const listed = await set.list()
  if (read === null || typeof read === 'string') return { listed, keys: null, keysProblem: read ?? KEYS_MISSING }
  const doubt = read.storeId === storeId ? macProblem(read, macKeys) : 'They are of another store.'
  const keysProblem = doubt === null ? damageOf(read.keys, listed.bytesOf) : `The wrapped keys (keys.json) cannot be believed. ${doubt}`
  return keysProblem === null ? { listed, keys: read, keysProblem } : { listed, keys: null, keysProblem }
}

/** What is wrong with a file that could not be read; a place that does not answer is thrown on. */
function toProblem(error: unknown): string {
  if (error instanceof BackupRefused) return error.message
  if (error instanceof BlobStoreFailure || !(error instanceof Error && 'code' in error)) throw error
  return `The wrapped keys (keys.json) cannot be read (${String(error.code)}).`
}

function damageOf({ file, bytes: expected }: SealedFile, bytesOf: ReadonlyMap<string, number>): string | null {
  const bytes = bytesOf.get(file)
  if (bytes === undefined) return `Its file ${file} is missing.`
  return bytes === expected ? null : `Its file ${file} is damaged: it has ${bytes} bytes, and had ${expected}.`
}

const aheadOf = ({ madeAt }: BackupManifest, now: number): string | null =>
  (liesAhead(Date.parse(madeAt), now) ? `It is dated ahead of the clock (${madeAt}): the clock was wrong when it was made, or is wrong now.` : null)

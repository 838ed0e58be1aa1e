import { join } from 'node:path'
import { ProblemError } from '../../kernel/problem.ts'
import type { BackupPlace } from './make-backup.ts'
import { KEYS_MISSING, macProblem } from './manifest.ts'
import { BackupRefused, createSet } from './set.ts'

/** What the system says of a file that it cannot read. */
const UNREADABLE = new Set(['EIO', 'EACCES', 'EPERM', 'ENXIO', 'ESTALE', 'EUCLEAN'])

/**
 * What is wrong with a stored backup, as far as it can be told without opening it: its files by hash, its manifests by the server's own mark. Null for
 * nothing. Throws `not-found`, and `BlobStoreFailure` where the place does not answer: then nothing is known of it.
 */
export async function problemOfStored(place: Pick<BackupPlace, 'store' | 'macKeys'>, scratch: string, name: string): Promise<string | null> {
  try {
    const set = createSet(place.store, scratch)
    const [manifest, keys] = [await set.manifest(name), await set.keys()]
    if (manifest === null) throw new ProblemError('not-found')
    if (keys === null) return KEYS_MISSING
    const problem = macProblem(manifest, place.macKeys) ?? macProblem(keys, place.macKeys)
    if (problem !== null) return `The manifest cannot be believed. ${problem}`
    await set.fetch(manifest.dump, join(scratch, `dump-${crypto.randomUUID()}.age`))
    await set.fetch(keys.keys, join(scratch, `keys-${crypto.randomUUID()}.age`))
    return null
  } catch (error) {
    if (error instanceof BackupRefused) return error.message
    if (error instanceof Error && 'code' in error && UNREADABLE.has(String(error.code))) return `A file of it cannot be read (${String(error.code)}): the disk may be failing. Take another copy of it, or another backup.`
    throw error
  }
}

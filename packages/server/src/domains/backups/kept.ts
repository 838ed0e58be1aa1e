import type { Backup } from '@sallyport/contract'
import { toMoment } from '../../kernel/clock.ts'
import { BlobStoreFailure } from '../../ports/blob-store.ts'
import type { BackupPlace } from './make-backup.ts'
import type { BackupManifest } from './manifest.ts'
import { UNREADABLE_MANIFEST } from './recheck.ts'
import { lookAtBackups, type SeenBackups } from './standing.ts'
import type { BackupStore } from './store.ts'
import type { BackupCheckTable } from './tables.ts'

/** What is kept: as it stands in its place, with what the last look at it found. All of it throws `BlobStoreFailure` where the place does not answer. */
export function createKept(place: BackupPlace, store: Pick<BackupStore, 'checks'>) {
  const seen = () => lookAtBackups(place.store, { ...place, now: place.clock.now() })
  /** Newest first. */
  const all = async (): Promise<readonly Backup[]> => listKept(await seen(), await store.checks())
  return {
    all,
    /** The manifests of those that this store made. */
    own: async (): Promise<readonly BackupManifest[]> => (await seen()).standing.filter(({ isProved }) => isProved).map(({ manifest }) => manifest),
    /** False where the place does not answer: then nothing is known of it. */
    async isSpoiled(name: string): Promise<boolean> {
      const kept = await all().catch((error: unknown) => { if (error instanceof BlobStoreFailure) return null; throw error })
      return kept !== null && !kept.some((backup) => backup.name === name && backup.problem === null)
    },
  }
}

/** What is kept, newest first: as it stands there, with what the last look at its files found; and what was there and cannot be read any more. */
function listKept({ standing, unreadable }: SeenBackups, checks: readonly BackupCheckTable[]): readonly Backup[] {
  const known = new Map(checks.map((row) => [row.name, row]))
  const momentOf = (row: BackupCheckTable | undefined) => (row?.checked_at == null ? null : toMoment(row.checked_at))
  const readable = standing.map(({ manifest: { name, madeAt, dump, recipients, verifiedAt }, problem }): Backup => {
    const row = known.get(name)
    return { name, madeAt, bytes: dump.bytes, rows: dump.rows, recipients: [...recipients], verifiedAt, checkedAt: momentOf(row), problem: problem ?? (row === undefined || row.problem === '' ? null : row.problem) }
  })
  const lost = checks.filter(({ name }) => unreadable.has(name)).map((row): Backup => {
    const madeAt = toMoment(row.made_at)
    return { name: row.name, madeAt, bytes: row.bytes, rows: row.rows, recipients: [], verifiedAt: madeAt, checkedAt: momentOf(row), problem: UNREADABLE_MANIFEST }
  })
  return [...readable, ...lost].toSorted((left, right) => (left.madeAt < right.madeAt ? 1 : -1))
}

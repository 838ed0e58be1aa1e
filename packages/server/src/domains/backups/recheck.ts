import { rm } from 'node:fs/promises'
import type { Database, WriteStep } from '../../database/database.ts'
import { writeUnlessConflict } from '../../database/write-unless-conflict.ts'
import { isDueAgain } from '../../kernel/clock.ts'
import { backupCheck } from '../../policy/retention.ts'
import { auditServerStep, securityEventStep } from '../audit/index.ts'
import { problemOfStored } from './check-stored.ts'
import { newStaging, type BackupPlace } from './make-backup.ts'
import { lookAtBackups, type SeenBackups } from './standing.ts'
import type { BackupStore } from './store.ts'
import type { BackupCheckTable } from './tables.ts'

const [HOUR, DAY] = [3_600_000, 86_400_000]

interface RecheckDeps { readonly database: Database; readonly place: BackupPlace; readonly store: BackupStore }
interface Verdict { readonly name: string; readonly problem: string | null; /** Whether its manifest is there no more. */ readonly isGone?: boolean }

/**
 * Looks at kept backups again (DAT-4): at one of them at a time, the one that nobody looked at for longest, byte by byte, and at what can be told of
 * the others from outside. Each is looked at within `backupCheck.withinDays`, however many there are. One that was good and is not any more becomes a
 * security event of high severity.
 */
export function createRechecks({ database, place, store }: RecheckDeps) {
  const { clock } = place
  const state = { isClosing: false, looking: null as Promise<void> | null }
  const problemNow = async (name: string): Promise<string | null> => {
    const scratch = await newStaging(place.staging, 'check-')
    try {
      return await problemOfStored(place, scratch, name)
    } finally {
      await rm(scratch, { recursive: true, force: true })
    }
  }
  /** Twice, where it fails: the keys beside it may have been replaced in between. */
  const problemOf = async (name: string): Promise<string | null> => (await problemNow(name) === null ? null : problemNow(name))
  const look = async (rows: readonly BackupCheckTable[]): Promise<void> => {
    const seen = await lookAtBackups(place.store, { ...place, now: clock.now() })
    const known = new Map(rows.map((row) => [row.name, row]))
    const fresh = seen.standing.filter(({ isProved, manifest: { name } }) => isProved && !known.has(name)).map(({ manifest }) => store.rowOf(manifest))
    const damaged = rows.flatMap((row) => verdictFromOutside(row.name, seen) ?? [])
    const next = oldestDue([...rows.filter(({ name }) => !damaged.some((verdict) => verdict.name === name)), ...fresh], clock.now())
    const checked = next === undefined ? [] : [{ name: next.name, problem: await problemOf(next.name) }]
    if (state.isClosing) return
    const at = clock.now()
    const verdicts: readonly Verdict[] = [...damaged, ...checked]
    const told = verdicts.filter(({ name, problem }) => problem !== null && (known.get(name)?.problem ?? '') === '')
    const steps: readonly WriteStep[] = [
      ...fresh.map(store.insertCheck),
      // Whoever removed one meanwhile, or looked at it, knows better: then nothing of this is written.
      ...verdicts.flatMap(({ name, problem, isGone = false }) => (isGone ? [store.dropCheck(name)] : [store.recordCheck(name, { at, problem, formerAt: known.get(name)?.checked_at ?? null })])),
      ...checked.map(({ name, problem }) => auditServerStep({ at, action: 'backup-checked', outcome: problem === null ? 'allowed' : 'failed', detail: { name } })),
      ...(told.length === 0 ? [] : [securityEventStep(database, { at, type: 'backup-damaged', severity: 'high', accountId: null, detail: { backups: told.map(({ name, problem }) => ({ name, problem })) } })]),
    ]
    if (steps.length > 0) await writeUnlessConflict(database, steps)
  }
  return {
    /** Looks, when it is time, or waits for the look that is under way. */
    async checkWhenDue(): Promise<void> {
      if (state.looking !== null) return state.looking
      if (state.isClosing) return
      const rows = await store.checks()
      if (!isTime(rows, clock.now()) || (rows.length === 0 && await store.last(clock.now(), 'made') === undefined)) return
      state.looking = look(rows).catch((error: unknown) => { if (!state.isClosing) throw error }).finally(() => { state.looking = null })
      await state.looking
    },
    /** No look writes anything any more. */
    close(): void { state.isClosing = true },
  }
}

/** What can be told of a known backup without reading its file; null for nothing. */
function verdictFromOutside(name: string, { standing, unreadable }: SeenBackups): Verdict | null {
  const found = standing.find(({ manifest }) => manifest.name === name)
  if (found !== undefined) return found.damage === null ? null : { name, problem: found.damage }
  return unreadable.has(name) ? { name, problem: UNREADABLE_MANIFEST } : { name, problem: 'It is gone: its manifest is not there any more, and this server did not remove it.', isGone: true }
}
/** What is said of a backup whose manifest is there, and is none any more. */
export const UNREADABLE_MANIFEST = 'Its manifest is damaged, or cannot be read.'

const lastSeen = ({ checked_at: checked, made_at: made }: BackupCheckTable) => checked ?? made
/** The one that nobody looked at for longest; none where all were looked at in the last hours. */
const oldestDue = (rows: readonly BackupCheckTable[], now: number) =>
  rows.filter((row) => isDueAgain(lastSeen(row), now, backupCheck.everyHours * HOUR)).toSorted((left, right) => lastSeen(left) - lastSeen(right))[0]

/** Whether the last look is long enough ago: a day, and less where there are so many that a day would be too long for all to have their turn. A day is to spare. */
function isTime(rows: readonly BackupCheckTable[], now: number): boolean {
  const looks = rows.flatMap(({ checked_at: checked }) => checked ?? [])
  const interval = Math.min(backupCheck.everyHours * HOUR, ((backupCheck.withinDays - 1) * DAY) / Math.max(rows.length, 1))
  return (looks.length === 0 || isDueAgain(Math.max(...looks), now, interval)) && (rows.length === 0 || oldestDue(rows, now) !== undefined)
}

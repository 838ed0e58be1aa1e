import type { PenaltySubject } from '../../policy/penalties.ts'
import { MILLI, pointsAt } from './points.ts'
import type { PenaltyRow } from './tables.ts'

const KEPT_SUBJECTS = 20_000
const SWEEP_TO = 18_000

/** What this process knows of somebody: the store's row, with points that are not written yet in it. */
export interface Entry { row: PenaltyRow; pending: number; /** The allowance that other processes were last told of. */ told: number }

const keyOf = ({ kind, id }: PenaltySubject) => `${kind}\n${id}`

/** Who has points, in the memory of this process. It is bounded: who has none left goes first, then who came first and is not banned. */
export function createLedger() {
  const entries = new Map<string, Entry>()
  const dirty = new Set<Entry>()

  const drop = (key: string, entry: Entry) => { entries.delete(key); dirty.delete(entry) }
  const sweep = (now: number) => {
    const isBanned = ({ row }: Entry) => row.banned_until !== null && row.banned_until > now
    for (const [key, entry] of entries) if (pointsAt(entry.row, now) < MILLI && !isBanned(entry)) drop(key, entry)
    for (const [key, entry] of entries) { if (entries.size <= SWEEP_TO) return; if (!isBanned(entry)) drop(key, entry) }
    for (const [key, entry] of entries) { if (entries.size <= SWEEP_TO) return; drop(key, entry) }
  }
  return {
    find: (subject: PenaltySubject): Entry | null => (entries.size === 0 ? null : entries.get(keyOf(subject)) ?? null),
    /** Takes over a row of the store, with what is not written yet on top. */
    take(row: PenaltyRow, now: number): Entry {
      const key = keyOf({ kind: row.kind, id: row.subject })
      const before = entries.get(key)
      if (before !== undefined) {
        before.row = before.pending === 0 ? row : { ...row, points: pointsAt(row, now) + before.pending, points_at: Math.max(row.points_at, now) }
        return before
      }
      if (entries.size >= KEPT_SUBJECTS) sweep(now)
      const entry = { row, pending: 0, told: 1 }
      entries.set(key, entry)
      return entry
    },
    /** Adds points that the store does not know yet. */
    add(entry: Entry, points: number, { now, why }: { readonly now: number; readonly why: string }): void {
      entry.row = { ...entry.row, points: pointsAt(entry.row, now) + points, points_at: Math.max(entry.row.points_at, now), why }
      entry.pending += points
      dirty.add(entry)
    },
    /** Up to so many who have points that are not written yet, with these. They count as written from now on. */
    takeUnwritten(most: number): readonly { readonly entry: Entry; readonly points: number }[] {
      const taken = [...dirty].slice(0, most).map((entry) => ({ entry, points: entry.pending }))
      for (const { entry } of taken) { entry.pending = 0; dirty.delete(entry) }
      return taken
    },
    /** Points that could not be written after all. */
    giveBack(entry: Entry, points: number): void { entry.pending += points; dirty.add(entry) },
    hasUnwritten: () => dirty.size > 0,
    removeById(id: string): void {
      for (const [key, entry] of entries) if (entry.row.id === id) { drop(key, entry); return }
    },
  }
}
export type Ledger = ReturnType<typeof createLedger>

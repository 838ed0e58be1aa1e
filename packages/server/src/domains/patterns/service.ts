import { createHmac, randomBytes } from 'node:crypto'
import type { Database } from '../../database/database.ts'
import type { Clock } from '../../kernel/clock.ts'
import { patterns, patternSubjects, type PatternName } from '../../policy/patterns.ts'
import type { PenaltySubject, Violation } from '../../policy/penalties.ts'
import { securityEventStep } from '../audit/index.ts'
import { DistinctWindow } from './distinct-window.ts'

const KEY_BYTES = 32

export interface PatternDeps {
  readonly database: Database
  readonly clock: Clock
  readonly penalties: { note(subject: PenaltySubject, violation: Violation): void }
  readonly onFailure: (error: unknown) => void
}
/** Who did something. `accountId` where it is known and the subject is not its id. */
export interface PatternSubject { readonly kind: PenaltySubject['kind']; readonly id: string; readonly accountId?: string | null }

/**
 * Patterns across requests (LIM-5), in memory that does not grow with them. When one shows, it is a security event, and costs points where
 * its row says so; it then begins anew, so that one attack is told about again and again, and not with every request.
 */
export function createPatterns({ database, clock, penalties, onFailure }: PatternDeps) {
  // Nobody outside can choose things that count as one.
  const key = randomBytes(KEY_BYTES)
  const hashOf = (item: string) => createHmac('sha256', key).update(item).digest().readUInt32LE()
  const windows = new Map<PatternName, Map<string, DistinctWindow>>()

  const windowOf = (name: PatternName, subject: string): DistinctWindow => {
    const all = windows.get(name) ?? new Map<string, DistinctWindow>()
    windows.set(name, all)
    const window = all.get(subject) ?? new DistinctWindow(patterns[name].windowSeconds)
    // Whoever did something last stands last.
    all.delete(subject)
    if (all.size >= patternSubjects) all.delete(all.keys().next().value ?? '')
    all.set(subject, window)
    return window
  }
  const tell = (name: PatternName, { kind, id, accountId }: PatternSubject, { count, at }: { readonly count: number; readonly at: number }): void => {
    const row = patterns[name]
    if (row.violation !== null) penalties.note({ kind, id }, row.violation)
    const account = accountId === undefined ? (kind === 'account' ? id : null) : accountId
    const detail = { of: row.of, count, windowSeconds: row.windowSeconds, kind, ...(accountId === undefined && { subject: id }) }
    database.write([securityEventStep(database, { at, type: name, severity: row.severity, accountId: account, detail })]).catch(onFailure)
  }
  return {
    /**
     * Notes one of the things that a pattern tells apart, for each of those who answer for it: a key, and then the account that has other keys.
     * The first whom it shows of is told about; it stays in the windows of the others. Costs microseconds, and never fails.
     */
    note(name: PatternName, subjects: readonly PatternSubject[], item: string): void {
      const at = clock.now()
      const hash = hashOf(item)
      const counted = subjects.map((subject) => {
        const window = windowOf(name, `${subject.kind} ${subject.id}`)
        return { subject, window, count: window.add(hash, at) }
      })
      const most = patterns[name].count
      for (const { window, count } of counted) if (count < most) window.isTold = false
      const shown = counted.find(({ count, window }) => count >= (window.isTold ? 2 * most : most))
      if (shown === undefined) return
      // One that is told about alone is not told about again for all, until there is as much again.
      for (const { window } of counted) window.isTold = window !== shown.window
      shown.window.clear()
      tell(name, shown.subject, { count: shown.count, at })
    },
  }
}
export type Patterns = ReturnType<typeof createPatterns>

import type { Database } from '../../database/database.ts'
import { writeUnlessConflict } from '../../database/write-unless-conflict.ts'
import { toMoment, type Clock } from '../../kernel/clock.ts'
import { auditExpiry } from '../../policy/retention.ts'
import { CUT_ACTION, type CutMarks } from './cuts.ts'
import { auditServerStep, securityEventStep } from './record.ts'
import { createAuditStore } from './store.ts'
import { follow, startOf } from './verify-chain.ts'

const DAY = 86_400_000

export interface AuditExpiryDeps { readonly database: Database; readonly clock: Clock; readonly days: number; readonly marks: CutMarks }

/**
 * Cuts entries whose life is over off the old end of the audit log, some at a time (PRI-3). The entry that says so holds the number and the hash of
 * the last one that went, in the same batch, so that the rest is followed from there. What does not fit the chain is not cut off, but told of: an
 * expiry must not take the proof of a change away. Gives how many went.
 */
export function createAuditExpiry({ database, clock, days, marks }: AuditExpiryDeps) {
  const store = createAuditStore(database)
  const tellBroken = async (at: number, brokenAt: number): Promise<void> => {
    if (await store.hasEventSince('audit-log-broken', at - DAY)) return
    await database.write([securityEventStep(database, { at, type: 'audit-log-broken', severity: 'high', accountId: null, detail: { entry: brokenAt } })])
  }
  const cutSome = async (now: number): Promise<number> => {
    const before = now - days * DAY
    const [oldest] = await store.after(0, 1)
    // A cut leaves an entry itself: it waits until there is a day's worth.
    if (oldest === undefined || oldest.at >= before - auditExpiry.worthMilliseconds) return 0
    const rows = await store.after(0, auditExpiry.rows)
    const young = rows.findIndex(({ at }) => at >= before)
    const due = young < 0 ? rows : rows.slice(0, young)
    const start = await startOf(store, marks)
    const { head, brokenAt } = start.brokenAt === null ? follow(start.head, due) : start
    if (brokenAt !== null) {
      // Unless another process has cut them off meanwhile.
      if ((await store.after(0, 1))[0]?.sequence === oldest.sequence) await tellBroken(now, brokenAt)
      return 0
    }
    const cut = marks.mark({ through: head.sequence, hash: head.hash, before: toMoment(before), entries: due.length })
    // The entry first: the chain goes on from the newest one, also where every other goes.
    return await writeUnlessConflict(database, [auditServerStep({ at: now, action: CUT_ACTION, detail: cut }), store.cut(head.sequence, due.length)]) ? due.length : 0
  }
  return async (): Promise<number> => {
    for (let removed = 0; ;) {
      const cut = await cutSome(clock.now())
      if (cut === 0) return removed
      removed += cut
    }
  }
}

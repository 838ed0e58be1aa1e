import type { Database } from '../../database/database.ts'
import { writeUnlessConflict } from '../../database/write-unless-conflict.ts'
import { toMoment, type Clock } from '../../kernel/clock.ts'
import { keyLife } from '../../policy/limits.ts'
import { securityEventStep } from '../audit/index.ts'
import { DAY_MILLISECONDS, rotationDueAt } from './key-row.ts'
import type { KeyFinder } from './store.ts'

const AT_ONCE = 200

/** Tells once of each key whose value has become old, by a security event; lists and the page show it from then on. Gives how many there were. */
export const createRotationReminder = ({ database, clock, finder }: { readonly database: Database; readonly clock: Clock; readonly finder: KeyFinder }) => async (): Promise<number> => {
  const at = clock.now()
  let told = 0
  for (;;) {
    const due = await finder.overdue(at - keyLife.rotationDueDays * DAY_MILLISECONDS, at, AT_ONCE)
    for (const row of due) {
      const isTold = await writeUnlessConflict(database, [
        finder.markReminded(row.id, at),
        securityEventStep(database, { at, type: 'key-rotation-due', severity: 'low', accountId: row.account_id, detail: { keyId: row.id, dueSince: toMoment(rotationDueAt(row)) } }),
      ])
      // Where not, another process told of it.
      if (isTold) told += 1
    }
    if (due.length < AT_ONCE) return told
  }
}

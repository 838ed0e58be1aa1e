import type { Database } from '../../database/database.ts'
import type { Clock } from '../../kernel/clock.ts'
import { expiry } from '../../policy/retention.ts'

const DAY = 86_400_000

/** Removes security events that are older than their life, some at a time (PRI-3). Gives how many. */
export function createEventExpiry({ database, clock, days }: { readonly database: Database; readonly clock: Clock; readonly days: number }) {
  const { read } = database
  return async (): Promise<number> => {
    const before = clock.now() - days * DAY
    for (let removed = 0; ;) {
      const ids = (await read.selectFrom('security_event').select('id').where('at', '<', before).orderBy('at').limit(expiry.rows).execute()).map(({ id }) => id)
      if (ids.length === 0) return removed
      await database.write([{ query: read.deleteFrom('security_event').where('id', 'in', ids).compile() }])
      removed += ids.length
    }
  }
}

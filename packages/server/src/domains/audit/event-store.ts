import type { Database, WriteStep } from '../../database/database.ts'
import type { SecurityEventTable } from './tables.ts'

type Claimed = Pick<SecurityEventTable, 'id' | 'type' | 'account_id' | 'alert_due_at'>

/** Security events, and which of them somebody must be told of. */
export function createEventStore({ read }: Database) {
  const due = ({ id, alert_due_at }: Pick<Claimed, 'id' | 'alert_due_at'>) => read.updateTable('security_event').where('id', '=', id).where('alert_due_at', '=', alert_due_at)
  return {
    page: (before: string | undefined, limit: number) => {
      const rows = read.selectFrom('security_event').selectAll().orderBy('id', 'desc').limit(limit)
      return (before === undefined ? rows : rows.where('id', '<', before)).execute()
    },
    /** What nobody was told of, oldest first. */
    due: (now: number, limit: number) => read.selectFrom('security_event').selectAll().where('alert_due_at', '<=', now).orderBy('alert_due_at').orderBy('id').limit(limit).execute(),
    /**
     * Takes an event up for a mail: of many at once one does, and only where none of its kind and account was mailed since. The first
     * statement makes those who claim events of one kind and account wait for one another, so that each sees what the other mailed.
     */
    claim: (event: Claimed, { until, now, mailedSince }: { readonly until: number; readonly now: number; readonly mailedSince: number }): readonly WriteStep[] => {
      const { id, type, account_id } = event
      const alike = read.updateTable('security_event').where('type', '=', type).where('account_id', account_id === null ? 'is' : '=', account_id)
      const mailed = read.selectFrom('security_event as other').select('other.id').where('other.type', '=', type).where('other.account_id', account_id === null ? 'is' : '=', account_id).where('other.id', '!=', id).where('other.mailed_at', '>', mailedSince)
      return [
        { query: alike.where('alert_due_at', 'is not', null).set((row) => ({ alert_due_at: row.ref('alert_due_at') })).compile() },
        { query: due(event).where(({ not, exists }) => not(exists(mailed))).set({ alert_due_at: until, mailed_at: now }).compile(), expectRows: 1 },
      ]
    },
    /** Nobody needs to be told of it any more. Fails the batch where another process took it up. */
    settle: (event: Claimed, mailedAt: number | null): WriteStep => ({ query: due(event).set({ alert_due_at: null, mailed_at: mailedAt }).compile(), expectRows: 1 }),
  }
}
export type EventStore = ReturnType<typeof createEventStore>

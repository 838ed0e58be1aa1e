import type { Role } from '@sallyport/contract'
import type { Database } from '../../database/database.ts'
import { writeUnlessConflict } from '../../database/write-unless-conflict.ts'
import type { Clock } from '../../kernel/clock.ts'
import { idAfter } from '../../kernel/ids.ts'
import { livesOf, type Whose } from '../../policy/lives.ts'
import { expiry } from '../../policy/retention.ts'
import { auditServerStep } from '../audit/index.ts'

const [MINUTE, DAY] = [60_000, 86_400_000]

export interface ExpiryDeps {
  readonly database: Database
  readonly clock: Clock
  /** How long a conversation lives after its last change; those of some roles' accounts for another time. */
  readonly life: { readonly ordinaryDays: number; readonly daysByRole: Readonly<Partial<Record<Role, number>>>; readonly ephemeralMinutes: number }
}
const everybody: Whose = { allBut: [] }
interface Due { readonly isEphemeral: boolean; readonly before: number; readonly whose: Whose }

/** Removes conversations whose life is over, with their messages, some at a time; none in which an answer is being written (PRI-3). Gives how many. */
export function createConversationExpiry({ database, clock, life }: ExpiryDeps) {
  const { read } = database
  const due = ({ isEphemeral, before, whose }: Due) => {
    const running = read.selectFrom('message').select('conversation_id').where('status', '=', 'running')
    const kind = read.selectFrom('conversation').select('id').where('ephemeral', '=', isEphemeral ? 1 : 0).where('updated_at', '<', before).where('id', 'not in', running).orderBy('id').limit(expiry.rows)
    const accounts = read.selectFrom('account').select('id')
    const rows = 'role' in whose ? kind.where('account_id', 'in', accounts.where('role', '=', whose.role)) : whose.allBut.length === 0 ? kind : kind.where('account_id', 'not in', accounts.where('role', 'in', whose.allBut))
    // An ordinary conversation cannot be older than its id says, so younger ones are not looked at. Ephemeral ones have an index of their own.
    return (isEphemeral ? rows : rows.where('id', '<', idAfter('conversation', before))).execute()
  }
  const expire = async (wanted: Due): Promise<number> => {
    const { isEphemeral, before, whose } = wanted
    let removed = 0
    for (;;) {
      const ids = (await due(wanted)).map(({ id }) => id)
      if (ids.length === 0) return removed
      const isWritten = await writeUnlessConflict(database, [
        // Whoever writes in one of them at this moment keeps them all, until the next look.
        { query: read.deleteFrom('conversation').where('id', 'in', ids).where('updated_at', '<', before).compile(), expectRows: ids.length },
        { query: read.deleteFrom('message').where('conversation_id', 'in', ids).compile() },
        auditServerStep({ at: clock.now(), action: 'conversations-expired', detail: { kind: isEphemeral ? 'ephemeral' : 'ordinary', ...('role' in whose && { role: whose.role }), conversations: ids.length } }),
      ])
      if (!isWritten) return removed
      removed += ids.length
    }
  }
  return async (): Promise<number> => {
    const now = clock.now()
    let removed = await expire({ isEphemeral: true, before: now - life.ephemeralMinutes * MINUTE, whose: everybody })
    for (const { days, whose } of livesOf({ days: life.ordinaryDays, daysByRole: life.daysByRole })) removed += await expire({ isEphemeral: false, before: now - days * DAY, whose })
    return removed
  }
}

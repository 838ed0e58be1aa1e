import { WriteConflict, type Database } from '../../database/database.ts'
import type { Clock } from '../../kernel/clock.ts'
import { idAfter } from '../../kernel/ids.ts'
import { expiry } from '../../policy/retention.ts'
import { auditServerStep } from '../audit/index.ts'

const [HOUR, DAY] = [3_600_000, 86_400_000]

export interface ExpiryDeps {
  readonly database: Database
  readonly clock: Clock
  /** How long a conversation lives after its last change. */
  readonly life: { readonly ordinaryDays: number; readonly ephemeralHours: number }
}

/** Removes conversations whose life is over, with their messages, some at a time; none in which an answer is being written (PRI-3). Gives how many. */
export function createConversationExpiry({ database, clock, life }: ExpiryDeps) {
  const { read } = database
  const due = (isEphemeral: boolean, before: number) => {
    const running = read.selectFrom('message').select('conversation_id').where('status', '=', 'running')
    const rows = read.selectFrom('conversation').select('id').where('ephemeral', '=', isEphemeral ? 1 : 0).where('updated_at', '<', before).where('id', 'not in', running).orderBy('id').limit(expiry.rows)
    // An ordinary conversation cannot be older than its id says, so younger ones are not looked at. Ephemeral ones have an index of their own.
    return (isEphemeral ? rows : rows.where('id', '<', idAfter('conversation', before))).execute()
  }
  const expire = async (isEphemeral: boolean, before: number): Promise<number> => {
    let removed = 0
    for (;;) {
      const ids = (await due(isEphemeral, before)).map(({ id }) => id)
      if (ids.length === 0) return removed
      try {
        await database.write([
          // Whoever writes in one of them at this moment keeps them all, until the next look.
          { query: read.deleteFrom('conversation').where('id', 'in', ids).where('updated_at', '<', before).compile(), expectRows: ids.length },
          { query: read.deleteFrom('message').where('conversation_id', 'in', ids).compile() },
          auditServerStep({ at: clock.now(), action: 'conversations-expired', detail: { kind: isEphemeral ? 'ephemeral' : 'ordinary', conversations: ids.length } }),
        ])
      } catch (error) {
        if (error instanceof WriteConflict) return removed
        throw error
      }
      removed += ids.length
    }
  }
  return async (): Promise<number> => {
    const now = clock.now()
    return await expire(true, now - life.ephemeralHours * HOUR) + await expire(false, now - life.ordinaryDays * DAY)
  }
}

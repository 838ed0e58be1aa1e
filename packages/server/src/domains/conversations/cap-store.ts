import { sql, type RawBuilder } from 'kysely'
import type { Database, WriteStep } from '../../database/database.ts'
import type { Scope } from '../../kernel/scope.ts'
import type { ConversationCaps } from '../../policy/limits.ts'

/** What is counted of a new conversation. */
export interface CountedConversation { readonly id: string; readonly ephemeral: boolean; readonly keyId: string | null }

/** How many conversations there are, and steps that let one more in only while there is room (LIM-7). */
export function createCapStore({ read }: Pick<Database, 'read'>, { accountId }: Scope) {
  const count = (condition: RawBuilder<unknown>) => sql<number>`(select count(*) from conversation where ${condition})`
  const own = sql`account_id = ${accountId}`
  const ofKey = (keyId: string | null) => sql`ephemeral = 1 and key_id = ${keyId ?? ''}`
  return {
    async counts(keyId: string | null): Promise<ConversationCaps> {
      const { rows: [row] } = await sql<ConversationCaps>`select ${count(own)} as "perAccount", ${count(ofKey(keyId))} as "ephemeralByKey", ${count(sql`ephemeral = 1`)} as "ephemeralInAll"`.execute(read)
      return row ?? { perAccount: 0, ephemeralByKey: 0, ephemeralInAll: 0 }
    },
    /** When the ephemeral conversation of a key, or of all (null), was changed that was so first; null where there is none. */
    async oldestChange(keyId: string | null): Promise<number | null> {
      const rows = read.selectFrom('conversation').select('updated_at').where('ephemeral', '=', 1).orderBy('updated_at').limit(1)
      return (await (keyId === null ? rows : rows.where('key_id', '=', keyId)).executeTakeFirst())?.updated_at ?? null
    },
    /**
     * Around the step that inserts it: a conflict where the caps have no room. The account's row is taken first, so that of two at once for one
     * account the second counts the first; in all there may be a few more than the cap where several accounts begin at one moment.
     */
    within({ id, ephemeral, keyId }: CountedConversation, insert: WriteStep, caps: ConversationCaps): readonly WriteStep[] {
      const hasRoom = (counted: RawBuilder<number>, cap: number) => sql<boolean>`${counted} <= cast(${cap} as integer)`
      const rules = [hasRoom(count(own), caps.perAccount), ...(ephemeral ? [hasRoom(count(ofKey(keyId)), caps.ephemeralByKey), hasRoom(count(sql`ephemeral = 1`), caps.ephemeralInAll)] : [])]
      return [
        { query: sql`update account set created_at = created_at where id = ${accountId}`.compile(read), expectRows: 1 },
        insert,
        { query: sql`update conversation set model = model where id = ${id} and ${sql.join(rules, sql` and `)}`.compile(read), expectRows: 1 },
      ]
    },
  }
}

/** The bytes that an account's conversations take up as they are stored, sealed. */
export const createStoredBytes = ({ read }: Pick<Database, 'read'>) => async ({ accountId }: Scope): Promise<number> => {
  const row = await read.selectFrom('account_storage').select('bytes').where('account_id', '=', accountId).executeTakeFirst()
  return row?.bytes ?? 0
}

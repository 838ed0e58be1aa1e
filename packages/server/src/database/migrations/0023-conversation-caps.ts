import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** The API key that opened a conversation, so that those of one key can be counted. */
export const conversationCaps: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('conversation').addColumn('key_id', 'text').execute()
    await sql`create index conversation_ephemeral_by_key on conversation (key_id) where ephemeral = 1`.execute(db)
  },
}

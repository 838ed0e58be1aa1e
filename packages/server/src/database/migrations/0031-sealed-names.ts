import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Columns } from '../columns.ts'

/** What stood in clear, and is sealed from here on. The values wait in `…_clear` for the keys, which no migration has: the next start seals them. */
const moved = [
  { table: 'account', from: 'name', to: 'name' },
  { table: 'account', from: 'password_hash', to: 'password' },
  { table: 'api_key', from: 'name', to: 'name' },
  { table: 'api_key', from: 'last_used_address', to: 'last_used_address' },
  { table: 'factor', from: 'name', to: 'name' },
  { table: 'conversation_access', from: 'reader_name', to: 'reader_name' },
] as const

/** Names of accounts, API keys, factors, groups and readers, hashes of passwords, and where keys were last used from. */
export const sealedNames = ({ bytes }: Columns): Migration => ({
  async up(db: Kysely<unknown>) {
    for (const { table, from, to } of moved) {
      await db.schema.alterTable(table).addColumn(`${to}_sealed`, bytes).execute()
      await db.schema.alterTable(table).addColumn(`${to}_clear`, 'text').execute()
      await sql`update ${sql.table(table)} set ${sql.ref(`${to}_clear`)} = nullif(${sql.ref(from)}, '')`.execute(db)
      await db.schema.alterTable(table).dropColumn(from).execute()
    }
    // Names of groups are unique: until they are sealed they stand where a keyed hash of them will.
    await db.schema.alterTable('account_group').addColumn('name_sealed', bytes).execute()
    await db.schema.alterTable('account_group').renameColumn('name', 'name_lookup').execute()
  },
})

import { sql, type Selectable } from 'kysely'
import type { Database, WriteStep } from '../../database/database.ts'
import type { PersonalTable } from './personal-tables.ts'
import type { ErasureTable } from './tables.ts'

/** Proofs of erasure, and what the store holds on an account. */
export const createPrivacyStore = ({ read }: Database) => ({
  insertErasure: (row: Selectable<ErasureTable>): WriteStep => ({ query: read.insertInto('erasure').values(row).compile() }),
  erasure: (id: string) => read.selectFrom('erasure').selectAll().where('id', '=', id).executeTakeFirst(),
  page: (before: string | undefined, limit: number) => {
    const rows = read.selectFrom('erasure').selectAll().orderBy('id', 'desc').limit(limit)
    return (before === undefined ? rows : rows.where('id', '<', before)).execute()
  },
  uncleared: () => read.selectFrom('erasure').select(['id', 'account_lookup']).where('former_stores_cleared_at', 'is', null).execute(),
  clearFormerStores: (id: string, at: number): WriteStep => ({ query: read.updateTable('erasure').set({ former_stores_cleared_at: at }).where('id', '=', id).compile() }),
  unclosed: () => read.selectFrom('erasure').select('id').where('backups_closed_at', 'is', null).execute(),
  closeBackups: (id: string, at: number): WriteStep => ({ query: read.updateTable('erasure').set({ backups_closed_at: at }).where('id', '=', id).where('erased_at', '<=', at).compile() }),
  keyVersions: async (owner: string) => (await read.selectFrom('data_key').select('version').where('owner_id', '=', owner).orderBy('version').execute()).map(({ version }) => version),
  keyOwners: async (after: string, limit: number) => (await read.selectFrom('data_key').select('owner_id').distinct().where('owner_id', '>', after).orderBy('owner_id').limit(limit).execute()).map(({ owner_id }) => owner_id),
  /** Turns name an account without referring to its row. */
  removeTurns: (accountId: string): WriteStep => ({ query: read.deleteFrom('turn').where('account_id', '=', accountId).compile() }),
  async count({ table, column }: PersonalTable, accountId: string): Promise<number> {
    const { rows } = await sql<{ readonly count: number }>`select count(*) as count from ${sql.table(table)} where ${sql.ref(column)} = ${accountId}`.execute(read)
    return rows[0]?.count ?? 0
  },
  /** Rows below the collection of an account: documents, passages, and what the index has of them. */
  async countDocuments(accountId: string) {
    const own = read.selectFrom('collection').select('id').where('kind', '=', 'mine').where('owner', '=', accountId)
    const documents = await read.selectFrom('document').select(({ fn }) => fn.countAll<number>().as('count')).where('collection_id', 'in', own).executeTakeFirstOrThrow()
    const passages = await read.selectFrom('passage').select(({ fn }) => fn.countAll<number>().as('count')).where('collection_id', 'in', own).executeTakeFirstOrThrow()
    const words = await read.selectFrom('collection_word').select(({ fn }) => fn.countAll<number>().as('count')).where('collection_id', 'in', own).executeTakeFirstOrThrow()
    return { document: documents.count, passage: passages.count, collection_word: words.count }
  },
  /** The accounts that a column names, some at a time. */
  async namesIn({ table, column }: PersonalTable, after: string, limit: number): Promise<readonly string[]> {
    const { rows } = await sql<{ readonly name: string }>`select distinct ${sql.ref(column)} as name from ${sql.table(table)} where ${sql.ref(column)} > ${after} order by name limit ${limit}`.execute(read)
    return rows.map(({ name }) => name)
  },
})
export type PrivacyStore = ReturnType<typeof createPrivacyStore>

import { sql } from 'kysely'
import type { Database, WriteStep } from '../../database/database.ts'
import type { Place } from '../../kernel/seal.ts'
import type { SealedTable } from './sealed-columns.ts'
import type { BrokenValueTable } from './tables.ts'

/** Values that do not open: as they are stored now, and which of them somebody was told of. */
export const createBrokenStore = ({ read }: Pick<Database, 'read'>) => ({
  /** The bytes that are stored at a place; null where the row is gone, or holds none there. */
  async bytesAt({ table, row }: SealedTable, { rowId, column }: Place): Promise<Uint8Array | null> {
    const { rows: [found] } = await sql<{ readonly bytes: unknown }>`select ${sql.ref(column)} as bytes from ${sql.table(table)} where ${sql.ref(row)} = ${rowId}`.execute(read)
    return found?.bytes instanceof Uint8Array ? found.bytes : null
  },
  isAccount: async (id: string): Promise<boolean> => await read.selectFrom('account').select('id').where('id', '=', id).executeTakeFirst() !== undefined,
  /** Fails its batch where the place is marked already. */
  mark: (row: BrokenValueTable): WriteStep => ({ query: read.insertInto('broken_value').values(row).compile() }),
})

import type { Insertable } from 'kysely'
import type { Database, WriteStep } from '../../database/database.ts'
import type { DataKeyTable } from './tables.ts'

/** Wrapped data keys by owner. */
export const createDataKeyStore = (database: Database) => ({
  versionsOf: (owner: string) => database.read.selectFrom('data_key').select(['version', 'wrapped']).where('owner_id', '=', owner).orderBy('version').execute(),
  insert: (row: Insertable<DataKeyTable>): WriteStep => ({ query: database.read.insertInto('data_key').values(row).compile() }),
})

import type { Insertable } from 'kysely'
import type { Database, WriteStep } from '../../database/database.ts'
import type { DataKeyTable } from './tables.ts'

/** Wrapped data keys by owner. `vaultKeyId` names the key that the open vault holds: what was wrapped anew for it goes before what was wrapped first. */
export const createDataKeyStore = ({ read }: Database, vaultKeyId: string) => ({
  /** Versions that may be needed to open a live row, with the stage of those that have one. */
  versionsOf: (owner: string) => read.selectFrom('data_key as key')
    .leftJoin('data_key_next as next', (join) => join.onRef('next.owner_id', '=', 'key.owner_id').onRef('next.version', '=', 'key.version').on('next.vault_key_id', '=', vaultKeyId))
    .leftJoin('data_key_stage as stage', (join) => join.onRef('stage.owner_id', '=', 'key.owner_id').onRef('stage.version', '=', 'key.version'))
    .where('key.owner_id', '=', owner).where((where) => where.or([where('stage.stage', 'is', null), where('stage.stage', '<>', 'retired')]))
    .select((select) => ['key.version as version', select.fn.coalesce('next.wrapped', 'key.wrapped').as('wrapped'), 'stage.stage as stage']).orderBy('key.version').execute(),
  has: async (owner: string) => await read.selectFrom('data_key').select('owner_id').where('owner_id', '=', owner).limit(1).executeTakeFirst() !== undefined,
  removeAll: (owner: string): WriteStep => ({ query: read.deleteFrom('data_key').where('owner_id', '=', owner).compile() }),
  insert: (row: Insertable<DataKeyTable>): WriteStep => ({ query: read.insertInto('data_key').values(row).compile() }),
})

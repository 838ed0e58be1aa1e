import type { Database } from '../../database/database.ts'
import { openName } from '../../kernel/names.ts'
import { keyedHash, type Sealer } from '../../kernel/seal.ts'
import { createGroupStore, type GroupName } from './store.ts'
import type { AccountGroupTable } from './tables.ts'

const namePlace = (rowId: string) => ({ table: 'account_group', rowId, column: 'name_sealed' })
/** What keeps a name from being given twice, while no row holds it in clear. */
const lookupOf = (server: Sealer, name: string): string => keyedHash(server.derive('group names'), name).toString('base64')
/** What a row keeps of a group's name. */
export const sealGroupName = (server: Sealer, rowId: string, name: string): GroupName => ({ name_sealed: server.seal(namePlace(rowId), name), name_lookup: lookupOf(server, name) })
/** What a group is called. */
export const openGroupName = (server: Sealer, { id, name_sealed: sealed }: Pick<AccountGroupTable, 'id' | 'name_sealed'>): string => openName(server, namePlace(id), sealed)

/** Seals the names that were kept in clear before migration 0031, where the keyed hash stands now. Gives how many. */
export async function sealGroupNames(database: Database, server: Sealer): Promise<number> {
  const store = createGroupStore(database)
  const rows = await store.clearNames()
  if (rows.length > 0) await database.write(rows.map(({ id, name_lookup: name }) => store.sealClearName({ id, name }, sealGroupName(server, id, name))))
  return rows.length
}

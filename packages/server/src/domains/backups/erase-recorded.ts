import type { Database, StatementStep } from '../../database/database.ts'
import { eraseOwnerless } from './store.ts'

/** Owners whose keys are removed by one statement. */
const OWNERS = 500

/**
 * What takes whose erasure is recorded out of a store that still has them: their keys, and then every row that only those keys opened. Empty
 * where the store has none of them.
 */
export async function eraseRecorded(store: Pick<Database, 'read'>, isErased: (owner: string) => boolean): Promise<readonly StatementStep[]> {
  const owners = (await keyOwners(store)).filter(isErased)
  if (owners.length === 0) return []
  const chunks = Array.from({ length: Math.ceil(owners.length / OWNERS) }, (_, index) => owners.slice(index * OWNERS, (index + 1) * OWNERS))
  return [...chunks.map((some) => ({ query: store.read.deleteFrom('data_key').where('owner_id', 'in', some).compile() })), ...eraseOwnerless(store)]
}

/** Whoever has a data key in a store. */
export const keyOwners = async ({ read }: Pick<Database, 'read'>): Promise<readonly string[]> =>
  (await read.selectFrom('data_key').select('owner_id').distinct().execute()).map(({ owner_id }) => owner_id)

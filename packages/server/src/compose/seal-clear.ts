import type { Database } from '../database/database.ts'
import { sealGroupNames } from '../domains/groups/index.ts'
import { sealPenalisedAddresses } from '../domains/penalties/index.ts'
import { sealWhatIsClear, SERVER_KEYS, type KeyRing } from '../domains/secrets/index.ts'

/** Seals what an older version of the program kept in clear, before anything reads it. Gives how many values. */
export async function sealFormerlyClear(database: Database, keyRing: Pick<KeyRing, 'sealerOf'>): Promise<number> {
  const server = await keyRing.sealerOf(SERVER_KEYS)
  return await sealWhatIsClear(database, keyRing) + await sealGroupNames(database, server) + await sealPenalisedAddresses(database, server)
}

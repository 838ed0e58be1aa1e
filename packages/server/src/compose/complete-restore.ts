import { passageIndexes } from '../adapters/passage-index/index.ts'
import type { Database } from '../database/database.ts'
import { countOwnerless, eraseOwnerless } from '../domains/backups/index.ts'
import { rebuildIndex } from '../domains/knowledge/index.ts'

interface Restored { readonly at: number; readonly name: string }

/** What a restored store needs before it is used: those who were erased leave again, the word index is made, and the audit log says what happened. Gives how many accounts left. */
export async function completeRestore(database: Database, { at, name }: Restored): Promise<number> {
  const erased = await countOwnerless(database)
  await database.write([...eraseOwnerless(database), { audit: { at, action: 'backup-restored', actor: 'operator', credential: 'command-line', outcome: 'allowed', detail: JSON.stringify({ name, erased }) } }])
  await rebuildIndex(database, passageIndexes[database.dialect].create(database.read))
  return erased
}

import { passageIndexes } from '../adapters/passage-index/index.ts'
import type { Database, WriteStep } from '../database/database.ts'
import { countAccounts, eraseOwnerless, eraseRecorded } from '../domains/backups/index.ts'
import { rebuildIndex } from '../domains/knowledge/index.ts'
import { ERASED_ACCOUNTS, type ErasureTable } from '../domains/privacy/index.ts'
import { createKeyRing, sealerFrom, SERVER_KEYS } from '../domains/secrets/index.ts'
import { systemClock } from '../kernel/clock.ts'
import { keyedHash } from '../kernel/seal.ts'
import type { KeyVault } from '../ports/key-vault.ts'
import { sealFormerlyClear } from './seal-clear.ts'

interface Restored { readonly at: number; readonly name: string; readonly vault: KeyVault; /** What the store that is replaced knows of erasures. */ readonly erasures: readonly ErasureTable[] }

/**
 * What a restored store needs before it is used: the proofs of erasures that the former store had come along, those who were erased leave
 * again, what an older version kept in clear is sealed, the word index is made, and the audit log says what happened. Gives how many accounts left.
 */
export async function completeRestore(database: Database, { at, name, vault, erasures }: Restored): Promise<number> {
  await carryOver(database, { at, erasures })
  const before = await countAccounts(database)
  await database.write([...await eraseRecorded(database, await isErasedIn(database, vault)), ...eraseOwnerless(database)])
  await sealFormerlyClear(database, createKeyRing(database, vault, systemClock))
  const erased = before - await countAccounts(database)
  await database.write([{ audit: { at, action: 'backup-restored', actor: 'operator', credential: 'command-line', outcome: 'allowed', detail: JSON.stringify({ name, erased }) } }])
  await rebuildIndex(database, passageIndexes[database.dialect].create(database.read))
  return erased
}

/** Puts down the erasures that the backup does not have, and in the audit log that they came along. */
async function carryOver({ read, write }: Database, { at, erasures }: Pick<Restored, 'at' | 'erasures'>): Promise<void> {
  const known = new Set((await read.selectFrom('erasure').select('id').execute()).map(({ id }) => id))
  const steps = erasures.filter(({ id }) => !known.has(id)).flatMap((row): WriteStep[] => [
    { query: read.insertInto('erasure').values(row).compile() },
    { audit: { at, action: 'erasure-carried-over', actor: 'operator', credential: 'command-line', outcome: 'allowed', detail: JSON.stringify({ erasureId: row.id, erasedAt: row.erased_at, requestedBy: row.requested_by }) } },
  ])
  if (steps.length > 0) await write(steps)
}

/** Tells whose erasure a store has put down, by the pseudonym that only its own key makes. */
async function isErasedIn({ read }: Database, vault: KeyVault): Promise<(owner: string) => boolean> {
  const erased = new Set((await read.selectFrom('erasure').select('account_lookup').execute()).map(({ account_lookup: lookup }) => Buffer.from(lookup).toString('hex')))
  const keys = await read.selectFrom('data_key').selectAll().where('owner_id', '=', SERVER_KEYS).execute()
  const pseudonym = (await sealerFrom(vault, SERVER_KEYS, keys)).derive(ERASED_ACCOUNTS)
  return (owner) => erased.has(keyedHash(pseudonym, owner).toString('hex'))
}

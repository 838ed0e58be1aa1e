import { sql } from 'kysely'
import type { Database, WriteStep } from '../../database/database.ts'
import { viewOf, wipe } from '../../kernel/wipe.ts'
import { VaultFailure, type KeyVault } from '../../ports/key-vault.ts'
import { contextOf } from './key-ring.ts'

const ROWS = 100

/** The key for which data keys were wrapped anew by a change of vault that did not come to its end; null where there was none. */
export const pendingVaultKey = async ({ read }: Database): Promise<string | null> =>
  (await read.selectFrom('data_key_next').select('vault_key_id').limit(1).executeTakeFirst())?.vault_key_id ?? null

export interface RewrapOptions { readonly from: KeyVault; readonly to: KeyVault; readonly onProgress?: (done: number, total: number) => void }

/**
 * Wraps every data key for another vault, beside what is there: until the store's record names that vault, the former one opens everything.
 * What an attempt before has wrapped is kept. Each wrapped key is opened again before it is written. Throws `VaultFailure`.
 */
export async function wrapForNext(database: Database, { from, to, onProgress }: RewrapOptions): Promise<number> {
  const { read } = database
  await database.write([{ query: read.deleteFrom('data_key_next').where('vault_key_id', '<>', to.keyId).compile() }])
  const { total } = await read.selectFrom('data_key').select(({ fn }) => fn.countAll<number>().as('total')).executeTakeFirstOrThrow()
  for (;;) {
    const rows = await read.selectFrom('data_key as key').leftJoin('data_key_next as next', (join) => join.onRef('next.owner_id', '=', 'key.owner_id').onRef('next.version', '=', 'key.version'))
      .where('next.owner_id', 'is', null).select(['key.owner_id as owner', 'key.version as version', 'key.wrapped as wrapped']).orderBy('key.owner_id').orderBy('key.version').limit(ROWS).execute()
    if (rows.length === 0) return total
    const steps: WriteStep[] = []
    for (const { owner, version, wrapped } of rows) {
      const context = contextOf(owner, version)
      // Another directory of the same store may have changed over already: then it is wrapped for the next vault.
      const raw = await from.unwrap(wrapped, context).catch(async (error: unknown) => to.unwrap(wrapped, context).catch(() => { throw error }))
      const anew = await to.wrap(raw, context)
      const again = await to.unwrap(anew, context)
      const isSame = viewOf(again).equals(raw)
      wipe(raw, again)
      if (!isSame) throw new VaultFailure('The new vault does not give back what it wrapped. Nothing was changed.')
      steps.push({ query: read.insertInto('data_key_next').values({ owner_id: owner, version, vault_key_id: to.keyId, wrapped: anew }).compile() })
    }
    await database.write(steps)
    const { left } = await read.selectFrom('data_key').where(sql<boolean>`not exists (select 1 from data_key_next n where n.owner_id = data_key.owner_id and n.version = data_key.version)`).select(({ fn }) => fn.countAll<number>().as('left')).executeTakeFirstOrThrow()
    onProgress?.(total - left, total)
  }
}

/** Puts the keys that were wrapped for this vault in the place of the former ones, and says so in the audit log. Does nothing where there are none. */
export async function takeOverWrapped(database: Database, keyId: string, at: number): Promise<void> {
  if (await pendingVaultKey(database) !== keyId) return
  const { read } = database
  await database.write([
    { query: sql`update data_key set wrapped = (select n.wrapped from data_key_next n where n.owner_id = data_key.owner_id and n.version = data_key.version)
      where exists (select 1 from data_key_next n where n.owner_id = data_key.owner_id and n.version = data_key.version and n.vault_key_id = ${keyId})`.compile(read) },
    { query: read.deleteFrom('data_key_next').compile() },
    { audit: { at, action: 'vault-changed', actor: 'operator', credential: 'command-line', outcome: 'allowed', detail: JSON.stringify({ keyId }) } },
  ])
}

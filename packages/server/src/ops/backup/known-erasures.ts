import { pageKeyWith, postgresPlace } from '../../compose/store.ts'
import type { Config } from '../../config/load.ts'
import type { DataDirectory } from '../../database/data-directory.ts'
import type { OpenFormer } from '../../database/former.ts'
import { openPostgresAsItIs } from '../../database/postgres/former.ts'
import { openSqliteAsItIs } from '../../database/sqlite/former.ts'
import type { ErasureTable } from '../../domains/privacy/index.ts'
import type { KeyVault } from '../../ports/key-vault.ts'

/**
 * The erasures that the store knows of which a restore is about to replace: they must not be undone by it (PRI-4). Empty where there is no
 * store; null where there is one and it does not open, as after a broken disk.
 */
export async function readKnownErasures(config: Config, directory: DataDirectory, vault: KeyVault): Promise<readonly ErasureTable[] | null> {
  if (directory.record === null) return []
  try {
    const store = await openLive(config, directory, vault)
    if (store === null) return null
    try {
      if (!(await store.read.introspection.getTables()).some(({ name }) => name === 'erasure')) return []
      const rows: readonly (Omit<ErasureTable, 'former_stores_cleared_at'> & Partial<Pick<ErasureTable, 'former_stores_cleared_at'>>)[] = await store.read.selectFrom('erasure').selectAll().execute()
      return rows.map((row) => ({ ...row, former_stores_cleared_at: row.former_stores_cleared_at ?? null }))
    } finally {
      await store.close()
    }
  } catch {
    // Whatever is wrong with it is why there is a restore.
    return null
  }
}

async function openLive(config: Config, { record, storePath }: DataDirectory, vault: KeyVault): Promise<OpenFormer | null> {
  if (!config.store.url.startsWith('sqlite:')) return openPostgresAsItIs(postgresPlace(config))
  const pageKey = record === null ? null : await pageKeyWith(vault, record)
  return pageKey === null ? null : openSqliteAsItIs(storePath, pageKey)
}

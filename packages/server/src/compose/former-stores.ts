import type { Config } from '../config/load.ts'
import type { FormerStores } from '../database/former.ts'
import { sqliteFormerStores } from '../database/sqlite/former.ts'
import type { KeyVault } from '../ports/key-vault.ts'
import { pageKeyWith, postgresPlace } from './store.ts'

/** The stores that restores laid aside, on the engine of the configuration. PostgreSQL's driver is loaded where it is used. */
export function composeFormerStores(config: Config, vault: KeyVault): FormerStores {
  if (config.store.url.startsWith('sqlite:')) return sqliteFormerStores(config.dataDirectory, (record) => pageKeyWith(vault, record))
  const stores = async () => (await import('../database/postgres/former.ts')).postgresFormerStores(postgresPlace(config))
  return { list: async () => (await stores()).list(), open: async (name) => (await stores()).open(name), remove: async (name) => (await stores()).remove(name) }
}

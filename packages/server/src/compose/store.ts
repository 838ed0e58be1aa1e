import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Config } from '../config/load.ts'
import { openDataDirectory, type DataDirectory, type StoreRecord } from '../database/data-directory.ts'
import type { Database } from '../database/database.ts'
import type { PostgresPlace } from '../database/postgres/connection.ts'
import type { StoreSource } from '../database/snapshot.ts'
import type { SqliteFile } from '../database/sqlite/connect.ts'
import { openSqlite } from '../database/sqlite/open.ts'
import { takeOverWrapped } from '../domains/secrets/index.ts'
import { systemClock } from '../kernel/clock.ts'
import { wipe } from '../kernel/wipe.ts'
import { VaultFailure, type KeyVault } from '../ports/key-vault.ts'
import { openKind, type OpenVault } from './vault.ts'

const PAGE_KEY_BYTES = 32
const PAGE_KEY_CONTEXT = 'page-key'

export interface OpenStore {
  readonly directory: DataDirectory
  readonly record: StoreRecord
  readonly vault: KeyVault
  /** Lets go of the connections to a key service. */
  readonly closeVault: () => Promise<void>
  readonly database: Database
  /** How another thread opens the same store. */
  readonly source: StoreSource
}

/** Opens the data directory, its vault and its store, in this order; a new key is made for an empty directory alone. */
export async function openStore(config: Config): Promise<OpenStore> {
  const directory = await openDataDirectory(config.dataDirectory)
  try {
    const { vault, close } = await openVault(config, directory.record)
    try {
      return { directory, vault, closeVault: close, ...await (isEmbedded(config) ? openEmbedded(config, directory, vault) : openShared(config, directory, vault)) }
    } catch (error) {
      await close()
      throw error
    }
  } catch (error) {
    directory.release()
    throw error
  }
}

type Opened = Pick<OpenStore, 'record' | 'database' | 'source'>

async function openEmbedded(config: Config, directory: DataDirectory, vault: KeyVault): Promise<Opened> {
  const { record, pageKey } = await openPageKey(directory, vault, config.vault.kind)
  const file = { path: directory.storePath, pageKey }
  const database = await openSqlite(file)
  await takeOver(database, vault.keyId)
  return { record, database, source: { dialect: 'sqlite', file } }
}

/** The record is written when the database has answered: a first start that never reached it says nothing of a store that is not there. */
async function openShared(config: Config, directory: DataDirectory, vault: KeyVault): Promise<Opened> {
  const place = postgresPlace(config)
  const database = await openScaled(place)
  try {
    const { record, pageKey } = await openPageKey(directory, vault, config.vault.kind)
    // It encrypts nothing here; it is kept for a store that is embedded one day.
    wipe(pageKey)
    await takeOver(database, vault.keyId)
    return { record, database, source: { dialect: 'postgres', place } }
  } catch (error) {
    await database.close()
    throw error
  }
}

/** Opens the vault that a store was made with; a new key is made only where there is no store yet. Throws `VaultFailure`. */
export async function openVault(config: Config, record: Pick<StoreRecord, 'vault'> | null): Promise<OpenVault> {
  const { kind } = config.vault
  if (record !== null && record.vault.kind !== kind) {
    throw new VaultFailure(`This store was made with the vault "${record.vault.kind}", and vault.kind is "${kind}". Set vault.kind to "${record.vault.kind}".`)
  }
  const opened = await openKind(config, record?.vault.keyId ?? null)
  if (record !== null && record.vault.keyId !== opened.vault.keyId) {
    await opened.close()
    throw new VaultFailure(`This store needs key ${record.vault.keyId}; the ${kind} holds key ${opened.vault.keyId}${kind === 'key-file' ? ` (${config.keyFile})` : ''}. Put the right key back; nothing was changed.`)
  }
  return opened
}

/** A new key for the pages of a store: raw for opening it, and wrapped for its record. */
export async function newPageKey(vault: KeyVault): Promise<{ readonly pageKey: Uint8Array; readonly wrapped: string }> {
  const pageKey = randomBytes(PAGE_KEY_BYTES)
  return { pageKey, wrapped: await wrapPageKey(vault, pageKey) }
}

/** The key of a store's pages, as its record keeps it. */
export const wrapPageKey = async (vault: KeyVault, pageKey: Uint8Array): Promise<string> => Buffer.from(await vault.wrap(pageKey, PAGE_KEY_CONTEXT)).toString('base64')

/** Whether a vault opens the pages of a store. Throws `VaultFailure` where it does not. */
export async function tryPageKey({ pageKey }: StoreRecord, vault: KeyVault): Promise<void> {
  wipe(await vault.unwrap(Buffer.from(pageKey, 'base64'), PAGE_KEY_CONTEXT))
}

/** The key of a store's pages, with the vault at hand; null where that is not the store's own. */
export async function pageKeyWith(vault: KeyVault, { pageKey, vault: own }: StoreRecord): Promise<Uint8Array | null> {
  if (own.keyId !== vault.keyId) return null
  try {
    return await vault.unwrap(Buffer.from(pageKey, 'base64'), PAGE_KEY_CONTEXT)
  } catch (error) {
    if (error instanceof VaultFailure) return null
    throw error
  }
}

/** The key of a directory's pages; a new one for an empty directory. */
export async function openPageKey(directory: DataDirectory, vault: KeyVault, kind: string): Promise<{ readonly record: StoreRecord; readonly pageKey: Uint8Array }> {
  const { record } = directory
  if (record !== null) return { record, pageKey: await vault.unwrap(Buffer.from(record.pageKey, 'base64'), PAGE_KEY_CONTEXT) }
  const { pageKey, wrapped } = await newPageKey(vault)
  return { record: await directory.writeRecord({ vault: { kind, keyId: vault.keyId }, pageKey: wrapped }), pageKey }
}

/** A change of vault that ended before its last step is brought to its end. */
async function takeOver(database: Database, keyId: string): Promise<void> {
  try {
    await takeOverWrapped(database, keyId, systemClock.now())
  } catch (error) {
    await database.close()
    throw error
  }
}

const isEmbedded = ({ store: { url } }: Config) => url.startsWith('sqlite:')
const sourceOf = (config: Config, file: SqliteFile): StoreSource => (isEmbedded(config) ? { dialect: 'sqlite', file } : { dialect: 'postgres', place: postgresPlace(config) })

/** A store that is there, for somebody who only reads, whether the server runs or not. Throws `VaultFailure`. */
export const readingSource = async (config: Config, record: StoreRecord, vault: KeyVault): Promise<StoreSource> =>
  sourceOf(config, { path: join(config.dataDirectory, record.file), pageKey: await vault.unwrap(Buffer.from(record.pageKey, 'base64'), PAGE_KEY_CONTEXT) })

/** Where the configuration has the scaled store. */
export const postgresPlace = ({ store: { url, credential, authority, connections } }: Pick<Config, 'store'>): PostgresPlace => ({ url, password: credential?.reveal() ?? null, authority, connections })

/** PostgreSQL's driver is loaded where it is used: the embedded store starts without it. */
async function openScaled(place: PostgresPlace): Promise<Database> {
  const { openPostgres } = await import('../database/postgres/open.ts')
  return openPostgres(place)
}

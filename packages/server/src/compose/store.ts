import { randomBytes } from 'node:crypto'
import { keyVaults } from '../adapters/key-vault/index.ts'
import type { Config } from '../config/load.ts'
import { openDataDirectory, type DataDirectory, type StoreRecord } from '../database/data-directory.ts'
import type { Database } from '../database/database.ts'
import type { StoreSource } from '../database/snapshot.ts'
import { openSqlite } from '../database/sqlite/open.ts'
import { VaultFailure, type KeyVault } from '../ports/key-vault.ts'

const PAGE_KEY_BYTES = 32
const PAGE_KEY_CONTEXT = 'page-key'
const KEYRING_SERVICE = 'sallyport'

export interface OpenStore {
  readonly directory: DataDirectory
  readonly record: StoreRecord
  readonly vault: KeyVault
  readonly database: Database
  /** How another thread opens the same store. */
  readonly source: StoreSource
}

/** Opens the data directory, its vault and its store, in this order; a new key is made for an empty directory alone. */
export async function openStore(config: Config): Promise<OpenStore> {
  const directory = await openDataDirectory(config.dataDirectory)
  try {
    const vault = await openVault(config, directory.record)
    const { record, pageKey } = await openPageKey(directory, vault, config.vault.kind)
    const { url } = config.store
    const source: StoreSource = url.startsWith('sqlite:') ? { dialect: 'sqlite', file: { path: directory.storePath, pageKey } } : { dialect: 'postgres', url }
    const database = source.dialect === 'sqlite' ? await openSqlite(source.file) : await openScaled(source.url)
    return { directory, record, vault, database, source }
  } catch (error) {
    directory.release()
    throw error
  }
}

/** Opens the vault that a store was made with; a new key is made only where there is no store yet. Throws `VaultFailure`. */
export async function openVault(config: Config, record: Pick<StoreRecord, 'vault'> | null): Promise<KeyVault> {
  const { kind } = config.vault
  if (record !== null && record.vault.kind !== kind) {
    throw new VaultFailure(`This store was made with the vault "${record.vault.kind}", and vault.kind is "${kind}". Set vault.kind to "${record.vault.kind}".`)
  }
  const mayCreate = record === null
  const vault = kind === 'key-file'
    ? await keyVaults['key-file'].open({ path: config.keyFile }, mayCreate)
    : await keyVaults.keyring.open({ service: KEYRING_SERVICE, name: config.dataDirectory }, mayCreate)
  if (record !== null && record.vault.keyId !== vault.keyId) {
    throw new VaultFailure(`This store needs key ${record.vault.keyId}; the ${kind} holds key ${vault.keyId}${kind === 'key-file' ? ` (${config.keyFile})` : ''}. Put the right key back; nothing was changed.`)
  }
  return vault
}

/** A new key for the pages of a store: raw for opening it, and wrapped for its record. */
export async function newPageKey(vault: KeyVault): Promise<{ readonly pageKey: Uint8Array; readonly wrapped: string }> {
  const pageKey = randomBytes(PAGE_KEY_BYTES)
  return { pageKey, wrapped: Buffer.from(await vault.wrap(pageKey, PAGE_KEY_CONTEXT)).toString('base64') }
}

async function openPageKey(directory: DataDirectory, vault: KeyVault, kind: string): Promise<{ readonly record: StoreRecord; readonly pageKey: Uint8Array }> {
  const { record } = directory
  if (record !== null) return { record, pageKey: await vault.unwrap(Buffer.from(record.pageKey, 'base64'), PAGE_KEY_CONTEXT) }
  const { pageKey, wrapped } = await newPageKey(vault)
  return { record: await directory.writeRecord({ vault: { kind, keyId: vault.keyId }, pageKey: wrapped }), pageKey }
}

/** PostgreSQL's driver is loaded where it is used: the embedded store starts without it. */
async function openScaled(url: string): Promise<Database> {
  const { openPostgres } = await import('../database/postgres/open.ts')
  return openPostgres(url)
}

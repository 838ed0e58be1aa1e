import { randomBytes } from 'node:crypto'
import { keyVaults } from '../adapters/key-vault/index.ts'
import type { Config } from '../config/load.ts'
import { openDataDirectory, type DataDirectory } from '../database/data-directory.ts'
import type { Database } from '../database/database.ts'
import { openPostgres } from '../database/postgres/open.ts'
import { openSqlite } from '../database/sqlite/open.ts'
import { VaultFailure, type KeyVault } from '../ports/key-vault.ts'

const PAGE_KEY_BYTES = 32
const PAGE_KEY_CONTEXT = 'page-key'
const KEYRING_SERVICE = 'sallyport'

export interface OpenStore { readonly directory: DataDirectory; readonly vault: KeyVault; readonly database: Database }

/** Opens the data directory, its vault and its store, in this order; a new key is made for an empty directory alone. */
export async function openStore(config: Config): Promise<OpenStore> {
  const directory = await openDataDirectory(config.dataDirectory)
  try {
    const vault = await openVault(config, directory)
    const pageKey = await openPageKey(directory, vault, config.vault.kind)
    const { url } = config.store
    const database = url.startsWith('sqlite:') ? await openSqlite({ path: directory.storePath, pageKey }) : await openPostgres(url)
    return { directory, vault, database }
  } catch (error) {
    directory.release()
    throw error
  }
}

async function openVault(config: Config, { record }: DataDirectory): Promise<KeyVault> {
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

async function openPageKey(directory: DataDirectory, vault: KeyVault, kind: string): Promise<Uint8Array> {
  if (directory.record !== null) return vault.unwrap(Buffer.from(directory.record.pageKey, 'base64'), PAGE_KEY_CONTEXT)
  const pageKey = randomBytes(PAGE_KEY_BYTES)
  const wrapped = await vault.wrap(pageKey, PAGE_KEY_CONTEXT)
  await directory.writeRecord({ vault: { kind, keyId: vault.keyId }, pageKey: Buffer.from(wrapped).toString('base64') })
  return pageKey
}

import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import SQLite from 'better-sqlite3-multiple-ciphers'
import { Kysely, SqliteDialect } from 'kysely'
import { DataDirectoryProblem, readStoreRecord, type StoreRecord } from '../data-directory.ts'
import { inOrder, parseFormer, type FormerStore, type FormerStores, type OpenFormer } from '../former.ts'
import type { Schema } from '../schema.ts'
import { connectSqlite } from './connect.ts'

/** What the name of a folder with a former store begins with. */
export const FORMER_FOLDER = 'former-'

/** Gives the key of a store's pages; null where the vault at hand is another. */
export type PageKeyOf = (record: StoreRecord) => Promise<Uint8Array | null>

/** The former stores in a data directory, oldest first. */
export const listFormerFolders = async (dataDirectory: string): Promise<readonly FormerStore[]> =>
  inOrder((await readdir(dataDirectory, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map(({ name }) => parseFormer(name, FORMER_FOLDER)))

/** The former stores of an embedded store. */
export const sqliteFormerStores = (dataDirectory: string, pageKeyOf: PageKeyOf): FormerStores => ({
  list: () => listFormerFolders(dataDirectory),
  async open(name) {
    const folder = join(dataDirectory, name)
    const record = await readStoreRecord(folder).catch(unlessDamaged)
    if (record === null) return null
    const pageKey = await pageKeyOf(record)
    if (pageKey === null) return null
    try {
      return openSqliteAsItIs(join(folder, record.file), pageKey)
    } catch (error) {
      return unlessDamaged(error)
    }
  },
  async remove(name) {
    await rm(join(dataDirectory, name), { recursive: true, force: true })
    return 'removed'
  },
})

/** One that is damaged is as closed as one of another key; it must keep nobody from the others. */
function unlessDamaged(error: unknown): null {
  if (error instanceof DataDirectoryProblem || error instanceof SQLite.SqliteError) return null
  throw error
}

/** Opens a store as it is, without migrating it. Throws where the key does not fit, or the file is damaged. */
export function openSqliteAsItIs(path: string, pageKey: Uint8Array): OpenFormer {
  const connection = connectSqlite({ path, pageKey }, false)
  const read = new Kysely<Schema>({ dialect: new SqliteDialect({ database: connection }) })
  return {
    read,
    async close() {
      // What was overwritten must not live on in the log.
      connection.pragma('wal_checkpoint(TRUNCATE)')
      await read.destroy()
    },
  }
}

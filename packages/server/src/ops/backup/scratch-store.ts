import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import type { Config } from '../../config/load.ts'
import type { Database } from '../../database/database.ts'
import type { SqliteFile } from '../../database/sqlite/connect.ts'
import { openSqliteFill } from '../../database/sqlite/fill.ts'
import { openSqlite } from '../../database/sqlite/open.ts'
import { fillFromFiles, toRefusal } from '../../domains/backups/index.ts'
import { withBackup, type BackupChoice, type OpenedBackup } from './open.ts'

/** A backup as a store of its own, migrated, with its rows as they were. */
export interface ScratchStore extends OpenedBackup { readonly database: Database; readonly file: SqliteFile; /** A directory that is gone afterwards. */ readonly scratch: string }
interface Wanted { readonly choice: BackupChoice; /** The store that it must be of; null takes any. */ readonly storeId: string | null }

/**
 * Restores a backup into a scratch store, under a page key that nobody keeps, and does the work there; afterwards nothing is left of it. The
 * live store is not touched, and may be in use. Throws `BackupRefused` and `VaultFailure`.
 */
export async function withScratchStore<Result>(config: Config, { choice, storeId }: Wanted, work: (store: ScratchStore) => Promise<Result>): Promise<Result> {
  const parent = join(config.dataDirectory, 'run')
  await mkdir(parent, { recursive: true, mode: 0o700 })
  const scratch = await mkdtemp(join(parent, 'rehearsal-'))
  try {
    return await withBackup({ config, choice, place: { scratch, storeId } }, async (opened) => {
      const file = { path: join(scratch, 'store.sqlite'), pageKey: randomBytes(32) }
      const database = await fillScratch(file, { choice, opened })
      try {
        return await work({ ...opened, database, file, scratch })
      } finally {
        await database.close()
      }
    })
  } catch (error) {
    throw toRefusal(error)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

async function fillScratch(file: SqliteFile, { choice, opened: { set: { manifest, keys, dumpPath, keysPath } } }: { readonly choice: BackupChoice; readonly opened: OpenedBackup }): Promise<Database> {
  await fillFromFiles({ dumpPath, keysPath, identities: choice.identities }, {
    expected: { dump: manifest.dump, keys: keys.keys, storeId: manifest.storeId }, open: (migration) => openSqliteFill(file, migration),
    onRows: (done) => { choice.onProgress?.('reading', done, manifest.dump.rows) },
  })
  choice.onProgress?.('migrating', 0, 0)
  return openSqlite(file)
}

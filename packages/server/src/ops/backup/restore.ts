import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { completeRestore } from '../../compose/complete-restore.ts'
import { newPageKey, postgresPlace } from '../../compose/store.ts'
import type { Config } from '../../config/load.ts'
import { openDataDirectory, type DataDirectory } from '../../database/data-directory.ts'
import type { Database } from '../../database/database.ts'
import { formerStamp } from '../../database/former.ts'
import { dropScratch, inSchema, openPostgresFill, swapSchemas } from '../../database/postgres/fill.ts'
import { FORMER_SCHEMA } from '../../database/postgres/former.ts'
import { openPostgres } from '../../database/postgres/open.ts'
import type { FillTarget } from '../../database/snapshot.ts'
import { openSqliteFill } from '../../database/sqlite/fill.ts'
import { FORMER_FOLDER } from '../../database/sqlite/former.ts'
import { openSqlite } from '../../database/sqlite/open.ts'
import { settleSqlite } from '../../database/sqlite/settle.ts'
import { BackupRefused, fillFromFiles, toRefusal } from '../../domains/backups/index.ts'
import { systemClock } from '../../kernel/clock.ts'
import { wipe } from '../../kernel/wipe.ts'
import { readKnownErasures } from './known-erasures.ts'
import { withBackup, type BackupChoice, type OpenedBackup } from './open.ts'

const SCRATCH = 'restore-'

export interface Restored {
  readonly name: string
  readonly madeAt: string
  readonly rows: number
  /** Accounts that were erased after the backup, and stay so. */
  readonly erased: number
  /** Where the former store is; null where there was none. */
  readonly former: string | null
  /** False where there was a store that did not open: who was erased there after the backup may be back. */
  readonly erasuresKnown: boolean
}

/**
 * Puts a backup in the place of the store. The server must not run: its lock is taken. Everything is proved and built in a scratch place
 * first; until the swap, which is one rename (one transaction on PostgreSQL), the former store is the store, and afterwards it lies aside.
 * Throws `BackupRefused`, `VaultFailure` and `DataDirectoryProblem`; then nothing was changed.
 */
export async function restoreBackup(config: Config, choice: BackupChoice): Promise<Restored> {
  const directory = await openDataDirectory(config.dataDirectory)
  const scratch = await newScratch(join(config.dataDirectory, 'run'))
  try {
    return await withBackup({ config, choice, place: { scratch, storeId: directory.record?.storeId ?? null } }, async (opened) => {
      requireWhole(opened)
      const place = { config, choice, directory, scratch, opened }
      const swapped = config.store.url.startsWith('sqlite:') ? await restoreSqlite(place) : await restorePostgres(place)
      const { manifest } = opened.set
      return { name: manifest.name, madeAt: manifest.madeAt, rows: manifest.dump.rows, ...swapped }
    })
  } catch (error) {
    throw toRefusal(error)
  } finally {
    await rm(scratch, { recursive: true, force: true })
    directory.release()
  }
}

/** A backup of one conversation would put next to nothing in the place of everything. */
function requireWhole({ set: { manifest: { name, conversation } } }: OpenedBackup): void {
  if (conversation !== undefined) throw new BackupRefused(`${name} holds one conversation alone, not a whole store. Put it back with --conversation ${conversation}; nothing was changed.`)
}

/** A new scratch directory. What a killed restore left behind is removed: the lock says that none runs. */
async function newScratch(parent: string): Promise<string> {
  for (const name of (await readdir(parent)).filter((entry) => entry.startsWith(SCRATCH))) await rm(join(parent, name), { recursive: true, force: true })
  return mkdtemp(join(parent, SCRATCH))
}

interface Place { readonly config: Config; readonly choice: BackupChoice; readonly directory: DataDirectory; readonly scratch: string; readonly opened: OpenedBackup }
type Swapped = Pick<Restored, 'erased' | 'former' | 'erasuresKnown'>

async function restoreSqlite({ config, choice, directory, scratch, opened: { set, vault } }: Place): Promise<Swapped> {
  const { pageKey, wrapped } = await newPageKey(vault)
  const file = { path: join(scratch, 'store.sqlite'), pageKey }
  await fill({ choice, set }, (migration) => openSqliteFill(file, migration))
  choice.onProgress?.('migrating', 0, 0)
  const erasures = await readKnownErasures(config, directory, vault)
  const erased = await complete(await openSqlite(file), { name: set.manifest.name, vault, erasures: erasures ?? [] })
  await settleSqlite(file)
  const name = `sallyport-${randomBytes(8).toString('hex')}.sqlite`
  await rename(file.path, join(config.dataDirectory, name))
  const former = await keepRecord(config, directory)
  await directory.writeRecord({ storeId: set.manifest.storeId, vault: set.keys.vault, pageKey: wrapped, file: name })
  if (former !== null) await moveAside(directory.storePath, former)
  wipe(pageKey)
  return { erased, former, erasuresKnown: erasures !== null }
}

async function restorePostgres({ config, choice, directory, opened: { set, vault } }: Place): Promise<Swapped> {
  const place = postgresPlace(config)
  const scratch = { place, schema: `sallyport_restore_${randomBytes(6).toString('hex')}` }
  try {
    await fill({ choice, set }, (migration) => openPostgresFill(scratch, migration))
    choice.onProgress?.('migrating', 0, 0)
    const erasures = await readKnownErasures(config, directory, vault)
    const erased = await complete(await openPostgres(inSchema(place, scratch.schema)), { name: set.manifest.name, vault, erasures: erasures ?? [] })
    const former = `${FORMER_SCHEMA}${stampNow()}`
    if (directory.record === null) {
      const { pageKey, wrapped } = await newPageKey(vault)
      wipe(pageKey)
      await directory.writeRecord({ storeId: set.manifest.storeId, vault: set.keys.vault, pageKey: wrapped })
    }
    await swapSchemas(scratch, former)
    return { erased, former: `schema ${former}`, erasuresKnown: erasures !== null }
  } catch (error) {
    await dropScratch(scratch)
    throw error
  }
}

interface Filling { readonly choice: BackupChoice; readonly set: OpenedBackup['set'] }

const fill = ({ choice, set: { manifest, keys, dumpPath, keysPath } }: Filling, open: (migration: string) => Promise<FillTarget>) =>
  fillFromFiles({ dumpPath, keysPath, identities: choice.identities }, {
    expected: { dump: manifest.dump, keys: keys.keys, storeId: manifest.storeId }, open,
    onRows: (done) => { choice.onProgress?.('reading', done, manifest.dump.rows) },
  })

/** Runs on a store that was just filled and migrated, and closes it. */
async function complete(database: Database, known: Omit<Parameters<typeof completeRestore>[1], 'at'>): Promise<number> {
  try {
    return await completeRestore(database, { ...known, at: systemClock.now() })
  } finally {
    await database.close()
  }
}

/** Keeps the former store's record, without which its pages would never open again. Gives the directory for the rest of it. */
async function keepRecord(config: Config, { record }: DataDirectory): Promise<string | null> {
  if (record === null) return null
  const former = join(config.dataDirectory, `${FORMER_FOLDER}${stampNow()}`)
  await mkdir(former, { recursive: true, mode: 0o700 })
  await writeFile(join(former, 'store.json'), `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600, flush: true })
  return former
}

async function moveAside(storePath: string, former: string): Promise<void> {
  for (const ending of ['', '-wal', '-shm']) {
    await rename(`${storePath}${ending}`, join(former, `${basename(storePath)}${ending}`)).catch((error: unknown) => {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    })
  }
}

const stampNow = () => formerStamp(systemClock.now(), randomBytes(2).toString('hex'))

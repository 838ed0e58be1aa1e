import { randomUUID } from 'node:crypto'
import { chmod, lstat, mkdir, open, readFile, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import SQLite from 'better-sqlite3-multiple-ciphers'
import * as z from 'zod'

/** The data directory cannot be used. `message` says why and what to do; it is printed at start. */
export class DataDirectoryProblem extends Error {
  override readonly name = 'DataDirectoryProblem'
}

const STORE = 'sallyport.sqlite'
const RECORD = 'store.json'

/** What a store says of itself without its key: which vault and key open it. */
const StoreRecord = z.strictObject({
  format: z.literal(1),
  storeId: z.string(),
  vault: z.strictObject({ kind: z.string(), keyId: z.string() }),
  pageKey: z.base64(),
  /** Which file of the directory is the store. A restore changes it: replacing this record is what puts the new store in place of the former. */
  file: z.string().regex(/^sallyport(-[0-9a-f]{16})?\.sqlite$/).default(STORE),
})
export type StoreRecord = z.output<typeof StoreRecord>

export interface DataDirectory {
  readonly storePath: string
  readonly socketPath: string
  /** Null in an empty directory. */
  readonly record: StoreRecord | null
  /** Replaces the record, durably and at once. Gives what was written. */
  writeRecord(record: Pick<StoreRecord, 'vault' | 'pageKey'> & Partial<Pick<StoreRecord, 'storeId' | 'file'>>): Promise<StoreRecord>
  release(): void
}

/**
 * Takes a data directory for this process: makes it, mends its modes (DAT-1), locks it so that there is one owner, and reads what the
 * store says of itself. Throws `DataDirectoryProblem`. The lock goes with the process, however it ends.
 */
export async function openDataDirectory(path: string): Promise<DataDirectory> {
  const run = join(path, 'run')
  try {
    await makeDirectory(run)
    await mendModes(path)
  } catch (error) {
    throw new DataDirectoryProblem(`The data directory ${path} cannot be used. Make it writable for this user, or name another one with SALLYPORT_DATA_DIR.`, { cause: error })
  }
  const release = lock(join(run, 'lock'), path)
  try {
    const names = await readdir(path)
    const record = names.includes(RECORD) ? parseRecord(await readFile(join(path, RECORD), 'utf8'), path) : null
    if (record === null && names.includes(STORE)) throw new DataDirectoryProblem(`${join(path, RECORD)} is missing beside ${STORE}. Put it back from a copy of the directory: it holds the wrapped page key.`)
    const socketPath = join(run, 'admin.sock')
    await rm(socketPath, { force: true })
    return { storePath: join(path, record?.file ?? STORE), socketPath, record, release, writeRecord: (fields) => writeDurably(join(path, RECORD), { format: 1, storeId: randomUUID(), file: STORE, ...fields }) }
  } catch (error) {
    release()
    throw error
  }
}

/** What the store of a directory says of itself, read without taking the directory; null where there is no store. Throws `DataDirectoryProblem`. */
export async function readStoreRecord(path: string): Promise<StoreRecord | null> {
  const text = await readFile(join(path, RECORD), 'utf8').catch((error: unknown) => { if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null; throw error })
  return text === null ? null : parseRecord(text, path)
}

/** One level after the other: asked for all at once, Node never comes back from a place such as /proc, where nothing can be made. */
async function makeDirectory(path: string): Promise<void> {
  const found = await stat(path).catch(() => null)
  if (found?.isDirectory() === true) return
  if (dirname(path) !== path) await makeDirectory(dirname(path))
  await mkdir(path, { mode: 0o700 }).catch((error: unknown) => { if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error })
}

/** Directories 0700, files 0600. What belongs to somebody else cannot be mended, and stops the start. */
async function mendModes(directory: string): Promise<void> {
  if (process.platform === 'win32') return
  await chmod(directory, 0o700)
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    const wanted = entry.isDirectory() ? 0o700 : entry.isFile() ? 0o600 : null
    if (wanted !== null && ((await lstat(path)).mode & 0o777) !== wanted) await chmod(path, wanted)
  }
}

/** An exclusive lock of the operating system, through SQLite's own: no stale file can outlive its process. */
function lock(path: string, directory: string): () => void {
  const holder = new SQLite(path, { timeout: 0 })
  try {
    holder.pragma('locking_mode = EXCLUSIVE')
    holder.exec('begin exclusive')
  } catch (error) {
    holder.close()
    throw new DataDirectoryProblem(`Another Sallyport uses ${directory}. Stop it first, or name another directory with SALLYPORT_DATA_DIR.`, { cause: error })
  }
  return () => { holder.close() }
}

function parseRecord(text: string, directory: string): StoreRecord {
  try {
    return StoreRecord.parse(JSON.parse(text))
  } catch (error) {
    throw new DataDirectoryProblem(`${join(directory, RECORD)} is damaged or of a newer version. Put it back from a copy of the directory; it was not changed.`, { cause: error })
  }
}

async function writeDurably(path: string, record: StoreRecord): Promise<StoreRecord> {
  const temporary = `${path}.new`
  const file = await open(temporary, 'w', 0o600)
  try {
    await file.writeFile(`${JSON.stringify(record, null, 2)}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(temporary, path)
  await syncDirectory(dirname(path))
  return record
}

/** Makes renames in a directory durable. Windows has no such call, and needs none. */
async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

import { constants } from 'node:fs'
import { chmod, link, lstat, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import * as z from 'zod'
import { isBlobName } from '../../../kernel/blob-name.ts'
import { syncPath } from '../../../kernel/sync-path.ts'
import { BlobStoreFailure, type BlobStore, type BlobStoreDescriptor, type StoredBlob } from '../../../ports/blob-store.ts'

const config = z.strictObject({ path: z.string().min(1) })
const PART = '.part'

/** A folder of this machine: 0700, its files 0600. */
export const folderStore = {
  id: 'folder',
  title: 'Folder',
  config,
  create: ({ path: folder }): BlobStore => ({
    async put(name, path) {
      const target = placeOf(folder, name)
      await ensureFolder(folder)
      // What a killed process left half-written has no name of a blob, and goes with the next one.
      for (const left of (await readdir(folder)).filter((entry) => entry.startsWith('.') && entry.endsWith(PART))) await rm(join(folder, left), { force: true })
      const temporary = join(folder, `.${name}${PART}`)
      await linkOrCopy(path, temporary)
      await rename(temporary, target)
      await syncPath(folder)
    },
    async get(name, path, mostBytes) {
      const source = placeOf(folder, name)
      const { size } = await stat(source).catch((error: unknown) => { if (isMissing(error)) return { size: -1 }; throw error })
      if (size < 0) return false
      if (size > mostBytes) throw new Error(`${name} has ${size} bytes, more than the ${mostBytes} that it may have.`)
      try {
        await copy(source, path)
      } catch (error) {
        throw isLink(error) ? new BlobStoreFailure(`${name} in the folder of the backups is a link, and links are not followed. Put the file itself there.`, { cause: error }) : error
      }
      return true
    },
    async list() {
      const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => { if (isMissing(error)) return []; throw error })
      const found: StoredBlob[] = []
      for (const entry of entries) {
        if (!entry.isFile() || !isBlobName(entry.name)) continue
        // Another process may remove it in this moment.
        const size = await lstat(join(folder, entry.name)).then((stats) => stats.size, (error: unknown) => { if (isMissing(error)) return null; throw error })
        if (size !== null) found.push({ name: entry.name, bytes: size })
      }
      return found.toSorted((left, right) => (left.name < right.name ? -1 : 1))
    },
    remove: (name) => rm(placeOf(folder, name), { force: true }),
  }),
} as const satisfies BlobStoreDescriptor<z.output<typeof config>>

/** Takes from all others on this machine what they may do with a folder of stored files and with these files, by their names. Where it holds none of them it is left as it is. */
export async function narrowFolder(folder: string, isOwn: (name: string) => boolean): Promise<void> {
  if (process.platform === 'win32') return
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => { if (isMissing(error)) return []; throw error })
  const files = entries.filter((entry) => entry.isFile() && isOwn(entry.name)).map(({ name }) => join(folder, name))
  if (files.length === 0) return
  await narrow(folder, 0o700)
  // Another process may remove one in this moment.
  for (const file of files) await narrow(file, 0o600).catch((error: unknown) => { if (!isMissing(error)) throw error })
}

async function narrow(path: string, mode: number): Promise<void> {
  if (((await stat(path)).mode & 0o777) !== mode) await chmod(path, mode)
}

function placeOf(folder: string, name: string): string {
  if (!isBlobName(name)) throw new Error('A name that no file of this store has.')
  return join(folder, name)
}

async function ensureFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  if (process.platform !== 'win32') await narrow(folder, 0o700)
}

/** Copies to a file that is new, and readable by this user alone. Follows no link at the source, and syncs what it wrote. */
async function copy(from: string, to: string): Promise<void> {
  const source = await open(from, constants.O_RDONLY | (process.platform === 'win32' ? 0 : constants.O_NOFOLLOW))
  try {
    const target = await open(to, 'wx', 0o600)
    await pipeline(source.createReadStream({ autoClose: false, highWaterMark: 1_048_576 }), target.createWriteStream({ flush: true }))
  } finally {
    await source.close()
  }
}

/** On the same disk a second name costs nothing; the bytes are synced all the same. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to)
  } catch {
    await copy(from, to)
    return
  }
  await chmod(to, 0o600)
  await syncPath(to)
}

const isLink = (error: unknown) => error instanceof Error && 'code' in error && error.code === 'ELOOP'
const isMissing = (error: unknown) => error instanceof Error && 'code' in error && error.code === 'ENOENT'

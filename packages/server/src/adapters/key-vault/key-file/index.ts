import { randomUUID } from 'node:crypto'
import { link, mkdir, open, readFile, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import * as z from 'zod'
import { syncPath } from '../../../kernel/sync-path.ts'
import { VaultFailure, type KeyVaultDescriptor } from '../../../ports/key-vault.ts'
import { createLocalVault, newKeyText, parseKeyText } from '../shared/local-key.ts'

const config = z.strictObject({ path: z.string().min(1) })

/** A key file that only its owner can read, outside the data directory. */
export const keyFileVault = {
  id: 'key-file',
  title: 'Key file',
  config,
  async open({ path }, { keyId }) {
    const text = await readKey(path) ?? (keyId === null ? await createKey(path) : null)
    if (text === null) throw new VaultFailure(`The key file ${path} is missing. This store cannot be opened without it: put the file back from where you keep a copy.`)
    const key = parseKeyText(text)
    if (key === null) throw new VaultFailure(`The key file ${path} does not hold 64 hexadecimal digits. Put the right file back; it was not changed.`)
    return createLocalVault(key)
  },
} as const satisfies KeyVaultDescriptor<z.output<typeof config>>

async function readKey(path: string): Promise<string | null> {
  try {
    const { mode, uid } = await stat(path)
    if (process.platform !== 'win32') {
      if ((mode & 0o077) !== 0) throw new VaultFailure(`Others can read the key file ${path}. Run: chmod 600 ${path}`)
      if (process.getuid !== undefined && uid !== process.getuid()) throw new VaultFailure(`The key file ${path} belongs to another user. Run: chown $(id -u) ${path}`)
    }
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

/**
 * Makes the key file whole or not at all, and never in the place of another: two starts at once must not overwrite each other's key, and
 * one that ends in between, or finds no room, must not leave a file that no later start can read.
 */
async function createKey(path: string): Promise<string> {
  const directory = dirname(path)
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const text = newKeyText()
  const temporary = `${path}.${randomUUID()}.new`
  try {
    const file = await open(temporary, 'wx', 0o600)
    try {
      await file.writeFile(`${text}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
    await link(temporary, path)
  } finally {
    await rm(temporary, { force: true })
  }
  // Its name must last as long as what is sealed with it, which may lie on another disk.
  await syncPath(directory)
  return text
}

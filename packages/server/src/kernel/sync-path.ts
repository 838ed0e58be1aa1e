import { open } from 'node:fs/promises'

/** Makes a file's bytes, or a directory's names, durable. Windows syncs no directory, and needs to sync none. */
export async function syncPath(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

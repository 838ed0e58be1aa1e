import { open, rm } from 'node:fs/promises'
import { BlobStoreFailure } from '../../../ports/blob-store.ts'
import type { S3Calls } from './calls.ts'

const PART_BYTES = 8_388_608

interface Target { readonly path: string; readonly mostBytes: number }

/** Copies an object to a new file, a range at a time, all of one and the same version of it. False where there is none. */
export async function download(calls: S3Calls, name: string, { path, mostBytes }: Target): Promise<boolean> {
  const first = await calls.call({ method: 'GET', name, headers: { range: `bytes=0-${PART_BYTES - 1}` }, accept: [200, 206, 404, 416] })
  if (first.status === 404) return false
  // A range of an empty object cannot be given.
  const body = first.status === 416 ? Buffer.alloc(0) : first.body
  const total = first.status === 206 ? Number(/\/(\d+)$/.exec(first.headers['content-range'] ?? '')?.[1] ?? Number.NaN) : body.byteLength
  if (!Number.isSafeInteger(total)) throw new BlobStoreFailure('The store of backups does not say how long a file is. Check backup.s3Address.')
  if (total > mostBytes) throw new Error(`${name} has ${total} bytes, more than the ${mostBytes} that it may have.`)
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(body)
    for (let at = body.byteLength; at < total;) {
      const part = await calls.call({ method: 'GET', name, headers: { range: `bytes=${at}-${Math.min(at + PART_BYTES, total) - 1}`, 'if-match': first.headers['etag'] ?? '*' }, accept: [206] })
      if (part.body.byteLength === 0) throw new BlobStoreFailure('The store of backups gives less of a file than it has.')
      await file.writeFile(part.body)
      at += part.body.byteLength
    }
    await file.sync()
    return true
  } catch (error) {
    await rm(path, { force: true })
    throw error
  } finally {
    await file.close()
  }
}

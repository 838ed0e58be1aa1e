import { open, type FileHandle } from 'node:fs/promises'
import { BlobStoreFailure } from '../../../ports/blob-store.ts'
import type { S3Calls } from './calls.ts'
import { element } from './wire.ts'

/** S3 takes parts from 5 MiB on, but for the last one, and 10,000 of them. */
const PART_BYTES = 8_388_608
const MOST_PARTS = 10_000

/** Stores a file: in one call, or in parts, which become the object together. What fails in between is taken back. */
export async function upload(calls: S3Calls, name: string, path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    if (size <= PART_BYTES) await calls.call({ method: 'PUT', name, body: await readPart(file, 0, size) })
    else await uploadParts(calls, name, { file, size })
  } finally {
    await file.close()
  }
}

async function uploadParts(calls: S3Calls, name: string, { file, size }: { readonly file: FileHandle; readonly size: number }): Promise<void> {
  const partBytes = Math.max(PART_BYTES, Math.ceil(size / MOST_PARTS))
  const uploadId = element(await calls.text({ method: 'POST', name, query: { uploads: '' } }), 'UploadId')
  if (uploadId === null) throw new BlobStoreFailure('The store of backups does not take files in parts. Check backup.s3Address.')
  try {
    const tags: string[] = []
    for (let from = 0; from < size; from += partBytes) {
      const { headers } = await calls.call({ method: 'PUT', name, query: { partNumber: String(tags.length + 1), uploadId }, body: await readPart(file, from, Math.min(partBytes, size - from)) })
      tags.push(headers['etag'] ?? '')
    }
    const parts = tags.map((tag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${tag.replaceAll('"', '&quot;')}</ETag></Part>`).join('')
    const done = (await calls.call({ method: 'POST', name, query: { uploadId }, body: Buffer.from(`<CompleteMultipartUpload>${parts}</CompleteMultipartUpload>`), once: true })).body.toString('utf8')
    // S3 may answer 200 and say in the body that it failed.
    if (!done.includes('<CompleteMultipartUploadResult')) throw new BlobStoreFailure('The store of backups did not put the parts of a file together. The next backup tries again.')
  } catch (error) {
    await calls.call({ method: 'DELETE', name, query: { uploadId }, accept: [204, 200, 404] }).catch(() => undefined)
    throw error
  }
}

async function readPart(file: FileHandle, from: number, length: number): Promise<Buffer> {
  const part = Buffer.allocUnsafe(length)
  let got = 0
  while (got < length) {
    const { bytesRead } = await file.read(part, got, length - got, from + got)
    if (bytesRead === 0) throw new Error('A file became shorter while it was stored.')
    got += bytesRead
  }
  return part
}

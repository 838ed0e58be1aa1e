import { isBlobName } from '../../../kernel/blob-name.ts'
import type { BlobStore, BlobStoreDescriptor } from '../../../ports/blob-store.ts'
import { createCalls } from './calls.ts'
import { config, type S3Settings } from './config.ts'
import { download } from './download.ts'
import { upload } from './upload.ts'
import { parseListing } from './wire.ts'

/** A bucket of an S3-style service (Amazon S3, MinIO, Ceph), by path. What is stored is there whole or not at all: the service says so only when it is kept. */
export const s3Store = {
  id: 's3',
  title: 'S3-style store',
  config,
  create: (settings, deps): BlobStore => {
    const calls = createCalls(settings, deps)
    return {
      put: (name, path) => upload(calls, requireName(name), path),
      get: (name, path, mostBytes) => download(calls, requireName(name), { path, mostBytes }),
      async list() {
        const found = []
        for (let token: string | null = ''; token !== null;) {
          const page = parseListing(await calls.text({ method: 'GET', name: null, query: { 'list-type': '2', prefix: settings.prefix, ...(token !== '' && { 'continuation-token': token }) } }))
          found.push(...page.items.map(({ key, bytes }) => ({ name: key.slice(settings.prefix.length), bytes })).filter(({ name }) => isBlobName(name)))
          token = page.next
        }
        return found.toSorted((left, right) => (left.name < right.name ? -1 : 1))
      },
      async remove(name) { await calls.call({ method: 'DELETE', name: requireName(name), accept: [204, 200, 404] }) },
    }
  },
} as const satisfies BlobStoreDescriptor<S3Settings>

function requireName(name: string): string {
  if (!isBlobName(name)) throw new Error('A name that no file of this store has.')
  return name
}

import type * as z from 'zod'
import type { EgressRequest, EgressResponse } from './egress.ts'

export interface StoredBlob { readonly name: string; readonly bytes: number }

/** Keeps files under flat names, such as backups. A name is one that `isBlobName` takes; adapters refuse every other (zip slip, CWE-22). */
export interface BlobStore {
  /** Stores the file at a path, whole or not at all, in place of what had that name. Durable when it resolves. The file at the path is not changed afterwards: a store may keep it under a second name. */
  put(name: string, path: string): Promise<void>
  /** Copies what has that name to a new file, readable by this user alone. False when there is nothing of that name. Throws when it is larger than `mostBytes`. */
  get(name: string, path: string, mostBytes: number): Promise<boolean>
  /** What is there. Things with other names, directories and links are left out. */
  list(): Promise<readonly StoredBlob[]>
  /** Nothing to remove is no error. */
  remove(name: string): Promise<void>
}

/** The store does not answer, or refuses. `message` says why and what to do; it is shown to the operator, and holds no secret. */
export class BlobStoreFailure extends Error {
  override readonly name = 'BlobStoreFailure'
}

/** The way out to the one host that the adapter's settings name. */
export interface BlobStoreDeps { readonly fetchConfigured: (request: EgressRequest) => Promise<EgressResponse> }

export interface BlobStoreDescriptor<Config = unknown> {
  readonly id: string
  readonly title: string
  readonly config: z.ZodType<Config>
  create(config: Config, deps: BlobStoreDeps): BlobStore
}

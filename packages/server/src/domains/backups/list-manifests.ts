import { tmpdir } from 'node:os'
import type { BlobStore } from '../../ports/blob-store.ts'
import type { BackupManifest } from './manifest.ts'
import { withScratch } from './scratch.ts'
import { createSet } from './set.ts'

/** What a store of backups says of them, newest first, for somebody who has no key: whose they are is claimed, not proved. */
export const listManifests = async (store: BlobStore): Promise<readonly BackupManifest[]> =>
  (await withScratch({ staging: tmpdir() }, (scratch) => createSet(store, scratch).list())).manifests

import { folderStore } from './folder/index.ts'
import { s3Store } from './s3/index.ts'

/** Add a store for files: make a folder, add a line. */
export const blobStores = { folder: folderStore, s3: s3Store } as const

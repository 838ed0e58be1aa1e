import { folderStore } from './folder/index.ts'

/** Add a store for files: make a folder, add a line. */
export const blobStores = { folder: folderStore } as const

import type { StoreSource } from '../../database/snapshot.ts'
import type { DumpHead } from './dump.ts'
import type { SealedFile } from './manifest.ts'

/** What a backup's own thread is started with. */
export interface WorkerStart {
  readonly source: StoreSource
  readonly recipients: readonly string[]
  readonly head: DumpHead
  /** A directory for what is not yet stored. */
  readonly staging: string
}
/** What a file is, but for its name in the store. */
export type MadeFile = Omit<SealedFile, 'file'>
export interface Made { readonly dump: MadeFile; readonly keys: MadeFile; readonly tables: Readonly<Record<string, number>>; readonly migrations: readonly string[] }

export type FromWorker =
  | { readonly type: 'progress'; readonly done: number; readonly total: number }
  | { readonly type: 'made'; readonly made: Made }
  | { readonly type: 'checked' }
  | { readonly type: 'failed'; readonly message: string }
/** Where the files lie that were read back from the store. */
export interface CheckRequest { readonly dumpPath: string; readonly keysPath: string }

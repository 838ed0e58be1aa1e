import type { AuditRecord } from '../audit-chain.ts'
import type { ChainStatements } from '../run-batch.ts'
import type { SqliteFile } from './connect.ts'

/** What the main thread and the writer thread say to each other. */
export interface WriterStart { readonly file: SqliteFile; readonly statements: ChainStatements }
/** A step by the number of its statement: texts travel once, because copying them between threads costs more than running them. -1 expects nothing. */
export type WriterStep = readonly [statement: number, expectRows: number, parameters: readonly unknown[]] | AuditRecord
export interface WriterMessage {
  /** The texts of statements that were not named before; the first has the number `from`. */
  readonly statements: { readonly from: number; readonly texts: readonly string[] } | null
  readonly batches: readonly (readonly WriterStep[])[]
}
export type WriterOutcome = 'written' | 'conflict' | 'full' | 'failed'
/** Asks that what was removed leaves the log of writes, and tells whether it did. */
export const FORGET = 'forget'
export interface Forgotten { readonly forgotten: boolean }
/** What became of the batches, in their order; null for those that were written. */
export type WriterReply = readonly (null | { readonly outcome: Exclude<WriterOutcome, 'written'>; readonly message: string })[]
export type WriterRequest = WriterMessage | 'close' | typeof FORGET

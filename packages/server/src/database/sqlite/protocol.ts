import type { ChainStatements, PlainStep } from '../run-batch.ts'
import type { SqliteFile } from './connect.ts'

/** What the main thread and the writer thread say to each other. */
export interface WriterStart { readonly file: SqliteFile; readonly statements: ChainStatements }
export interface WriterRequest { readonly id: number; readonly steps: readonly PlainStep[] }
export type WriterOutcome = 'written' | 'conflict' | 'full' | 'failed'
export interface WriterReply { readonly id: number; readonly outcome: WriterOutcome; readonly message?: string }

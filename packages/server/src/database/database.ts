import type { CompiledQuery, Kysely } from 'kysely'
import { ProblemError } from '../kernel/problem.ts'
import type { AuditRecord } from './audit-chain.ts'
import type { Schema } from './schema.ts'

export type Dialect = 'sqlite' | 'postgres'

/** One statement of a batch. When `expectRows` is given and another number of rows was changed, the whole batch is undone. */
export interface StatementStep { readonly query: CompiledQuery; readonly expectRows?: number }
/** One row for the audit chain, linked and written inside the batch's own transaction. */
export interface AuditStep { readonly audit: AuditRecord }
export type WriteStep = StatementStep | AuditStep

/** A batch was undone because a statement changed another number of rows than it had to, or met a unique value. Nothing was written. */
export class WriteConflict extends Error {
  override readonly name = 'WriteConflict'
}

/** What every engine says when there is no room. */
export const storageFull = (cause: unknown) =>
  new ProblemError('storage-full', { detail: 'Nothing was changed. Free some space on the server, then try again.', cause })

/** What every engine says when its disk or its server fails. */
export const storageUnavailable = (cause: unknown) =>
  new ProblemError('storage-unavailable', { detail: 'Nothing was changed. Try again; if it stays so, tell your administrator.', cause })

/** The one relational store. Reading and writing are apart, because writing is batched, durable and has one thread (or one transaction). */
export interface Database {
  readonly dialect: Dialect
  /** For reading, and for building the statements of a batch with `.compile()`. */
  readonly read: Kysely<Schema>
  /**
   * Writes a batch: all of it or nothing, durable when the promise resolves (DAT-2).
   * Throws `WriteConflict` when an expectation was missed, and `ProblemError` `storage-full` when there is no room.
   */
  write(steps: readonly WriteStep[]): Promise<void>
  /**
   * Takes what was removed out of the engine's own files as far as it can: the embedded store's log of writes, and on PostgreSQL the dead rows of wrapped
   * keys, where this role owns them. False where somebody still reads what was there before, or the role may not: try again, or leave it to the engine.
   */
  forgetRemoved(): Promise<boolean>
  /** Waits for what was accepted, then lets go of files and connections. */
  close(): Promise<void>
}

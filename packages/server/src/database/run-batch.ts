import { chain, emptyChain, type AuditHead, type AuditRecord } from './audit-chain.ts'
import type { WriteStep } from './database.ts'

/** A step as it travels to where it runs: text and values only. */
export type PlainStep =
  | { readonly sql: string; readonly parameters: readonly unknown[]; readonly expectRows?: number }
  | { readonly audit: AuditRecord }
export interface Statement { readonly sql: string; readonly parameters: readonly unknown[]; readonly returnsRows: boolean }
export interface StatementResult { readonly changed: number; readonly rows: readonly unknown[] }

/** The statements of the audit chain in an engine's own words. `lock` keeps two writers from taking the same head. */
export interface ChainStatements { readonly lock: string | null; readonly head: string; readonly insert: string }

/** Takes from a step what its engine needs. */
export const toPlain = (step: WriteStep): PlainStep =>
  'audit' in step ? step : { sql: step.query.sql, parameters: step.query.parameters, ...(step.expectRows !== undefined && { expectRows: step.expectRows }) }

/** Says that a step missed its expectation; the batch must be rolled back. */
export class MissedExpectation extends Error {
  override readonly name = 'MissedExpectation'
}

/** The newest row of the chain. By hand, because a schema library in the writer thread would double its memory. */
function parseHead(row: unknown): AuditHead {
  if (typeof row !== 'object' || row === null || !('sequence' in row) || !('hash' in row) || typeof row.hash !== 'string') throw new Error('The head of the audit chain cannot be read.')
  return { sequence: Number(row.sequence), hash: row.hash }
}

/**
 * The body of a batch, as a generator of statements, so that one piece of code serves an engine that answers at once (SQLite)
 * and one that answers later (PostgreSQL). The caller opens and ends the transaction.
 */
export function* runBatch(steps: readonly PlainStep[], statements: ChainStatements): Generator<Statement, void, StatementResult> {
  for (const step of steps) {
    if ('audit' in step) {
      if (statements.lock !== null) yield { sql: statements.lock, parameters: [], returnsRows: true }
      const found = (yield { sql: statements.head, parameters: [], returnsRows: true }).rows[0]
      const row = chain(found === undefined ? emptyChain : parseHead(found), step.audit)
      yield {
        sql: statements.insert, returnsRows: false,
        parameters: [row.sequence, row.at, row.action, row.actor, row.credential, row.outcome, row.detail, row.previous_hash, row.hash],
      }
      continue
    }
    const { changed } = yield { sql: step.sql, parameters: step.parameters, returnsRows: false }
    if (step.expectRows !== undefined && changed !== step.expectRows) throw new MissedExpectation()
  }
}

import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { storageFull, storageUnavailable, WriteConflict, type Database, type WriteStep } from '../database.ts'
import { migrate } from '../migrate.ts'
import { MissedExpectation, runBatch, toPlain } from '../run-batch.ts'
import type { Schema } from '../schema.ts'

const statements = {
  lock: `select pg_advisory_xact_lock(hashtext('sallyport.audit_entry'))`,
  head: 'select sequence, hash from audit_entry order by sequence desc limit 1',
  insert: 'insert into audit_entry (sequence, at, action, actor, credential, outcome, detail, previous_hash, hash) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)',
} as const

/** Times and counts fit a double; PostgreSQL's driver would give them as text. */
const types = new pg.TypeOverrides()
types.setTypeParser(pg.types.builtins.INT8, Number)
const POOL_SIZE = 10

/** Opens the scaled store: migrates it, then keeps a pool. Times and counts come back as numbers. */
export async function openPostgres(url: string): Promise<Database> {
  const pool = new pg.Pool({
    connectionString: url, max: POOL_SIZE,
    types,
  })
  // An idle connection that breaks is replaced at the next query; without a listener it would end the process.
  pool.on('error', () => undefined)
  const read = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) })
  await migrate(read, 'postgres')
  return {
    dialect: 'postgres', read,
    write: (steps) => writeBatch(pool, steps),
    close: () => read.destroy(),
  }
}

async function writeBatch(pool: pg.Pool, steps: readonly WriteStep[]): Promise<void> {
  const client = await pool.connect().catch((error: unknown) => { throw translate(error) })
  let broken: Error | undefined
  try {
    await client.query('begin')
    const batch = runBatch(steps.map(toPlain), statements)
    let next = batch.next()
    while (next.done !== true) {
      const { sql, parameters } = next.value
      const { rowCount, rows } = await client.query<Record<string, unknown>>(sql, [...parameters])
      next = batch.next({ changed: rowCount ?? 0, rows })
    }
    await client.query('commit')
  } catch (error) {
    await client.query('rollback').catch((lost: unknown) => { broken = lost instanceof Error ? lost : new Error('lost') })
    throw translate(error)
  } finally {
    client.release(broken)
  }
}

/** Classes 08 (connection), 53 (resources), 57 (operator intervention), 58 (system), and the system's own words for a server that is not there. */
const UNREACHABLE = /^(?:08|53|57|58|ECONN|ENOTFOUND|ETIMEDOUT|EPIPE)/

/** SQLSTATE class 23 is an integrity constraint, 53100 a full disk (PostgreSQL manual, appendix A). */
function translate(error: unknown): unknown {
  if (error instanceof MissedExpectation) return new WriteConflict('A statement changed another number of rows than it had to.')
  if (error instanceof pg.DatabaseError && error.code?.startsWith('23') === true) return new WriteConflict(error.message)
  if (error instanceof pg.DatabaseError && error.code === '53100') return storageFull(error)
  if (error instanceof Error && 'code' in error && UNREACHABLE.test(String(error.code))) return storageUnavailable(error)
  return error
}

import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { storageFull, storageUnavailable, WriteConflict, type Database, type WriteStep } from '../database.ts'
import { migrate } from '../migrate.ts'
import { MissedExpectation, runBatch, toPlain } from '../run-batch.ts'
import type { Schema } from '../schema.ts'
import { explainRefusal, poolOf, type PostgresPlace } from './connection.ts'
import { narrowGrants } from './narrow.ts'

const statements = {
  lock: `select pg_advisory_xact_lock(hashtext('sallyport.audit_entry'))`,
  head: 'select sequence, hash from audit_entry order by sequence desc limit 1',
  insert: 'insert into audit_entry (sequence, at, action, actor, credential, outcome, detail, previous_hash, hash) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)',
} as const

/** Times and counts fit a double; PostgreSQL's driver would give them as text. */
const types = new pg.TypeOverrides()
types.setTypeParser(pg.types.builtins.INT8, Number)

/**
 * Opens the scaled store: migrates it where that is due, then keeps a pool. Times and counts come back as numbers. A role that may not make tables can open
 * a store that is up to date. Throws `PostgresRefused`, with the mend, where it cannot be opened.
 */
export async function openPostgres(place: PostgresPlace): Promise<Database> {
  const pool = new pg.Pool({ ...poolOf(place), types })
  // An idle connection that breaks is replaced at the next query; without a listener it would end the process.
  pool.on('error', () => undefined)
  const read = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) })
  try {
    await migrate(read, 'postgres')
    await narrowGrants(read)
  } catch (error) {
    await read.destroy()
    throw explainRefusal(error, place)
  }
  return {
    dialect: 'postgres', read,
    write: (steps) => writeBatchAgain(pool, steps),
    forgetRemoved: () => rewriteKeys(pool),
    close: () => read.destroy(),
  }
}

/** Whether this role owns the table, without which PostgreSQL passes over it with a warning; and whether anybody in this database may still see what was there before. */
const STANDING = `select pg_has_role(relowner, 'usage') as owns, exists (select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and backend_xmin is not null) as seen
  from pg_class where oid = 'data_key'::regclass`
/** Whoever waits longer than that for the table to himself would keep others waiting. */
const LOCK_MILLISECONDS = 500
const LOCK_NOT_AVAILABLE = '55P03'

/**
 * Takes removed keys out of the table's file: the first command drops dead rows, whatever goes on in other databases; the second writes the small table anew,
 * because pages that were only tidied keep what lay in them. Put off while somebody in this database, such as a backup, reads what was there before.
 */
async function rewriteKeys(pool: pg.Pool): Promise<boolean> {
  const client = await pool.connect().catch((error: unknown) => { throw translate(error) })
  try {
    await client.query(`set lock_timeout = ${LOCK_MILLISECONDS}`)
    const { rows: [standing] } = await client.query<{ readonly owns: boolean; readonly seen: boolean }>(STANDING)
    if (standing?.owns !== true || standing.seen) return false
    await client.query('vacuum data_key')
    await client.query('vacuum full data_key')
    return true
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === LOCK_NOT_AVAILABLE) return false
    throw translate(error)
  } finally {
    // A connection with a setting of its own is not given back.
    client.release(true)
  }
}

/** The engine ends one of those that wait for one another in a circle, and undoes all of it: that one writes again. */
const DEADLOCK = '40P01'
const DEADLOCK_TRIES = 5

async function writeBatchAgain(pool: pg.Pool, steps: readonly WriteStep[]): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await writeBatch(pool, steps)
    } catch (error) {
      if (tries === DEADLOCK_TRIES || !(error instanceof pg.DatabaseError) || error.code !== DEADLOCK) throw error
    }
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

/** The pool's own words when no connection was free, or made, in time. */
const WAITED = /^timeout exceeded when trying to connect/

/** SQLSTATE class 23 is an integrity constraint, 53100 a full disk (PostgreSQL manual, appendix A). */
function translate(error: unknown): unknown {
  if (error instanceof MissedExpectation) return new WriteConflict('A statement changed another number of rows than it had to.')
  if (error instanceof pg.DatabaseError && error.code?.startsWith('23') === true) return new WriteConflict(error.message)
  if (error instanceof pg.DatabaseError && error.code === '53100') return storageFull(error)
  if (error instanceof Error && (('code' in error && UNREACHABLE.test(String(error.code))) || WAITED.test(error.message))) return storageUnavailable(error)
  return error
}

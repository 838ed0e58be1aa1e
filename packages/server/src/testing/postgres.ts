import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'

/** A database of a test's own. */
export interface TestDatabase extends AsyncDisposable {
  /** `postgres://…`, with everything that a connection needs. */
  readonly url: string
  /** Counts what lies in its tables, as the server does by itself within minutes: a plan for a full table needs that. */
  analyse(): Promise<void>
}

/**
 * Makes an empty PostgreSQL database, dropped with everything in it when disposed of. Throws where no server was found: call it
 * under `describeWith('postgres', …)`.
 */
export async function createPostgresDatabase(): Promise<TestDatabase> {
  const found = inject('postgres')
  if (!('url' in found)) throw new Error(found.reason)
  return createDatabaseAt(found.url)
}

/** The same at a server that is named. */
export async function createDatabaseAt(server: string): Promise<TestDatabase> {
  const name = `sallyport_test_${randomBytes(6).toString('hex')}`
  await administer(server, `create database ${name}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  return {
    url: url.href,
    analyse: () => administer(url.href, 'analyze'),
    [Symbol.asyncDispose]: () => administer(server, `drop database if exists ${name} with (force)`),
  }
}

async function administer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

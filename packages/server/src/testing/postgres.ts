import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'

/** A database of a test's own. */
export interface TestDatabase extends AsyncDisposable {
  /** `postgres://…`, with everything that a connection needs. */
  readonly url: string
}

/**
 * Makes an empty PostgreSQL database, dropped with everything in it when disposed of. Throws where no server was found: call it
 * under `describeWith('postgres', …)`.
 */
export async function createPostgresDatabase(): Promise<TestDatabase> {
  const found = inject('postgres')
  if (!('url' in found)) throw new Error(found.reason)
  const name = `sallyport_test_${randomBytes(6).toString('hex')}`
  await administer(found.url, `create database ${name}`)
  const url = new URL(found.url)
  url.pathname = `/${name}`
  return {
    url: url.href,
    [Symbol.asyncDispose]: () => administer(found.url, `drop database if exists ${name} with (force)`),
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

import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'
import type { PostgresPlace } from '../database/postgres/connection.ts'
import { roleStatements } from '../database/postgres/roles.ts'

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
  return createDatabaseAt(foundServer())
}

/** A database with the two roles that the documentation gives it: the owner of its tables, and one that the server runs as. */
export interface RoledDatabase extends AsyncDisposable { readonly owner: PostgresPlace; readonly runTime: PostgresPlace; readonly administrator: PostgresPlace }

/** Makes one, empty, at a server that is named; where none is found for tests, it throws. The roles are dropped with it. */
export async function createRoledDatabase(server: string = foundServer()): Promise<RoledDatabase> {
  const database = await createDatabaseAt(server)
  const [name, password] = [new URL(database.url).pathname.slice(1), randomBytes(16).toString('hex')]
  const names = { database: name, owner: `${name}_owner`, runTime: `${name}_server`, schema: 'sallyport', connections: 50 }
  const place = (role: string): PostgresPlace => {
    const url = new URL(database.url)
    url.username = role
    url.password = ''
    return { url: url.href, password }
  }
  await administer(database.url, [...roleStatements(names), ...[names.owner, names.runTime].map((role) => `alter role ${role} password '${password}'`)].join(';'))
  return {
    owner: place(names.owner), runTime: place(names.runTime), administrator: { url: database.url },
    async [Symbol.asyncDispose]() {
      await database[Symbol.asyncDispose]()
      await administer(server, `drop role ${names.runTime}; drop role ${names.owner}`)
    },
  }
}

/** The address of a place with its password in it. */
export function urlOf({ url, password }: PostgresPlace): string {
  const address = new URL(url)
  address.password = password ?? ''
  return address.href
}

function foundServer(): string {
  const found = inject('postgres')
  if (!('url' in found)) throw new Error(found.reason)
  return found.url
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

import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe } from 'vitest'
import { createLocalVault } from '../adapters/key-vault/shared/local-key.ts'
import type { Database, Dialect } from '../database/database.ts'
import { openPostgres } from '../database/postgres/open.ts'
import { openSqlite } from '../database/sqlite/open.ts'
import { createKeyRing, type KeyRing } from '../domains/secrets/index.ts'
import { systemClock } from '../kernel/clock.ts'
import type { Sealer } from '../kernel/seal.ts'
import { describeWith } from './needs.ts'
import { createRoledDatabase } from './postgres.ts'

export interface TestStore extends AsyncDisposable {
  readonly database: Database
  readonly keyRing: KeyRing
  /** Does what only the owner of the tables may: on PostgreSQL the store is opened by a role that reads and writes rows and nothing else (DAT-6). */
  asOwner(work: (database: Database) => Promise<void>): Promise<void>
  /** Makes an account's row and data key, so that other rows may refer to it. */
  addAccount(id: string, fields?: { readonly name?: string; readonly createdAt?: number }): Promise<Sealer>
}

/** A migrated, empty store of one engine; gone when it is disposed of. On PostgreSQL its owner migrated it, and the role that a server runs as opens it. */
export async function openTestStore(dialect: Dialect): Promise<TestStore> {
  const directory = await mkdtemp(join(tmpdir(), 'sallyport-store-'))
  const postgres = dialect === 'postgres' ? await createRoledDatabase() : null
  if (postgres !== null) await (await openPostgres(postgres.owner)).close()
  const database = postgres === null ? await openSqlite({ path: join(directory, 'store.db'), pageKey: randomBytes(32) }) : await openPostgres(postgres.runTime)
  const keyRing = createKeyRing(database, createLocalVault(randomBytes(32)), systemClock)
  return {
    database, keyRing,
    async asOwner(work) {
      const owner = postgres === null ? database : await openPostgres(postgres.owner)
      await work(owner)
      if (postgres !== null) await owner.close()
    },
    async addAccount(id, { name = 'Somebody', createdAt = 1 } = {}) {
      const { sealer, step } = await keyRing.create(id)
      const row = { id, name_sealed: sealer.seal({ table: 'account', rowId: id, column: 'name_sealed' }, name), role: 'member' as const, password_sealed: null, created_at: createdAt, email_lookup: randomBytes(32), email_sealed: sealer.seal({ table: 'account', rowId: id, column: 'email_sealed' }, `${id}@example.org`) }
      await database.write([step, { query: database.read.insertInto('account').values(row).compile() }])
      return sealer
    },
    async [Symbol.asyncDispose]() {
      await database.close()
      await postgres?.[Symbol.asyncDispose]()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** The same tests over every engine. PostgreSQL is left out, by name, where there is none. */
export function describeEachEngine(name: string, body: (dialect: Dialect) => void): void {
  describe(`${name} (sqlite)`, () => { body('sqlite') })
  describeWith('postgres', `${name} (postgres)`, () => { body('postgres') })
}

/** An id of that form. */
export const idLike = (prefix: string, number: number) => `${prefix}_${number.toString(16).padStart(32, '0')}`

import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { createLocalVault } from '../../src/adapters/key-vault/shared/local-key.ts'
import type { Database } from '../../src/database/database.ts'
import { openPostgres } from '../../src/database/postgres/open.ts'
import { openSqlite } from '../../src/database/sqlite/open.ts'
import { createKeyRing } from '../../src/domains/secrets/index.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { describeWith } from '../../src/testing/needs.ts'
import { createPostgresDatabase } from '../../src/testing/postgres.ts'

// PRI-4: whoever takes the engine's files after an erasure, and has the key-encryption key, finds no wrapped key of the account in them.

/** Makes the key of an account and destroys it. Gives it as it was wrapped. */
async function makeAndDestroy(database: Database): Promise<Buffer> {
  const keyRing = createKeyRing(database, createLocalVault(randomBytes(32)), systemClock)
  const { step } = await keyRing.create('acc_1')
  await database.write([step, (await keyRing.create('acc_2')).step])
  const { wrapped } = await database.read.selectFrom('data_key').select('wrapped').where('owner_id', '=', 'acc_1').executeTakeFirstOrThrow()
  await database.write([keyRing.destroyStep('acc_1')])
  return Buffer.from(wrapped)
}

async function withFiles(work: (at: { readonly database: Database; readonly directory: string; readonly bytes: () => Promise<Buffer> }) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'sallyport-erased-'))
  try {
    const bytes = async () => Buffer.concat(await Promise.all((await readdir(directory)).map((name) => readFile(join(directory, name)))))
    await work({ database: await openSqlite({ path: join(directory, 'store.db'), pageKey: null }), directory, bytes })
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

test('a destroyed key is in no file of the embedded store once it was forgotten, while others write', async () => {
  await withFiles(async ({ database, bytes }) => {
    const wrapped = await makeAndDestroy(database)
    expect((await bytes()).includes(wrapped), 'the control: before, the log of writes has it').toBe(true)
    const [forgotten] = await Promise.all([database.forgetRemoved(), database.write([{ query: sql`update owner_lock set turns = turns + 1`.compile(database.read) }])])
    expect(forgotten || await database.forgetRemoved()).toBe(true)
    expect((await bytes()).includes(wrapped)).toBe(false)
    expect((await database.read.selectFrom('data_key').select('owner_id').execute()).map(({ owner_id: owner }) => owner)).toEqual(['acc_2'])
    await database.close()
  })
})

test('a store that was closed leaves no log of writes, and no destroyed key', async () => {
  await withFiles(async ({ database, directory, bytes }) => {
    const wrapped = await makeAndDestroy(database)
    await database.close()
    expect((await bytes()).includes(wrapped)).toBe(false)
    const log = (await readdir(directory)).filter((name) => name.endsWith('-wal'))
    expect((await Promise.all(log.map((name) => readFile(join(directory, name))))).map(({ byteLength }) => byteLength).filter((length) => length > 0)).toEqual([])
  })
})

describeWith('postgres', 'a destroyed key in PostgreSQL', () => {
  test('is in the file of its table no more once it was forgotten', async () => {
    await using postgres = await createPostgresDatabase()
    const database = await openPostgres({ url: postgres.url })
    const wrapped = await makeAndDestroy(database)
    const isInFile = async () => {
      await sql`checkpoint`.execute(database.read)
      const { rows: [row] } = await sql<{ readonly bytes: Buffer }>`select pg_read_binary_file(pg_relation_filepath('data_key')) as bytes`.execute(database.read)
      return Buffer.from(row?.bytes ?? '').includes(wrapped)
    }
    expect(await isInFile(), 'the control').toBe(true)
    await expect.poll(() => database.forgetRemoved()).toBe(true)
    expect(await isInFile()).toBe(false)
    await database.close()
  })
})

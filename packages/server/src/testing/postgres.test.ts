import { existsSync, globSync } from 'node:fs'
import pg from 'pg'
import { expect, test } from 'vitest'
import { describeWith } from './needs.ts'
import { createPostgresDatabase } from './postgres.ts'
import { startPostgres, startServices } from './services.ts'

async function ask(url: string, statement: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(statement)).rows
  } finally {
    await client.end()
  }
}

describeWith('postgres', 'a test database', () => {
  test('is empty, a test\'s own, and gone afterwards with what is connected to it', async () => {
    await using one = await createPostgresDatabase()
    const other = await createPostgresDatabase()
    await ask(one.url, 'create table note (text text)')
    await ask(other.url, 'create table note (text text)')
    expect(await ask(other.url, 'select * from note')).toEqual([])
    const lingering = new pg.Client({ connectionString: other.url })
    lingering.on('error', () => undefined)
    await lingering.connect()
    await other[Symbol.asyncDispose]()
    await expect(ask(other.url, 'select 1')).rejects.toThrow(/does not exist/)
    expect(await ask(one.url, 'select * from note')).toEqual([])
  })
})

test.runIf(globSync('/usr/lib/postgresql/*/bin/initdb').length > 0)('a server of our own starts where none runs, and leaves nothing behind', async () => {
  const before = globSync('/tmp/sallyport-postgres-*')
  const own = await startPostgres()
  if (!('url' in own)) throw new Error(own.reason)
  expect(await ask(own.url, 'select 1 as one')).toEqual([{ one: 1 }])
  await own.stop()
  await expect(ask(own.url, 'select 1')).rejects.toThrow(/ECONNREFUSED/)
  expect(globSync('/tmp/sallyport-postgres-*').filter((place) => !before.includes(place) && existsSync(place))).toEqual([])
})

test('a server that was named and does not answer is not replaced by another', async () => {
  const { postgres, required } = await startServices({ SALLYPORT_TEST_POSTGRES_URL: 'postgres://postgres@127.0.0.1:1/postgres', SALLYPORT_TEST_REQUIRE: 'postgres, redis' })
  expect(postgres).toEqual({ reason: expect.stringMatching(/^PostgreSQL at SALLYPORT_TEST_POSTGRES_URL: .*ECONNREFUSED/) })
  expect(required).toEqual(['postgres', 'redis'])
})

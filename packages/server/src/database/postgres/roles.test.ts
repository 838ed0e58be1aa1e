import pg from 'pg'
import { expect, test } from 'vitest'
import { describeWith } from '../../testing/needs.ts'
import { createRoledDatabase, type RoledDatabase } from '../../testing/postgres.ts'
import { connectionOf, type PostgresPlace } from './connection.ts'
import { openPostgres } from './open.ts'
import { readStanding } from './standing.ts'

const migrate = async ({ owner }: RoledDatabase) => { await (await openPostgres(owner)).close() }
async function ask(place: PostgresPlace, statement: string): Promise<unknown[]> {
  const client = new pg.Client(connectionOf(place))
  await client.connect()
  try { return (await client.query<Record<string, unknown>>(statement)).rows } finally { await client.end() }
}
const AUDIT = { at: 1, action: 'tried', actor: 'system', credential: 'none', outcome: 'allowed' as const, detail: '{}' }

describeWith('postgres', 'the role that a server runs as', () => {
  test('reads and writes rows, and may do nothing else', async () => {
    await using roled = await createRoledDatabase()
    await migrate(roled)
    const database = await openPostgres(roled.runTime)
    await database.write([{ audit: AUDIT }])
    await database.close()
    for (const forbidden of [
      'create table mine (x int)', 'create schema mine', 'create table public.mine (x int)', 'drop table account', 'alter table account add column x int', 'truncate account', 'create index on account (name)', 'create trigger t after insert on account execute function now()', 'create role mine', 'create database mine',
      `update audit_entry set detail = '{}'`, 'delete from audit_entry', 'truncate audit_entry', `insert into kysely_migration (name, timestamp) values ('x', 'y')`, 'delete from kysely_migration',
      'create temporary table mine (x int)', `copy account to '/tmp/mine'`, `select pg_read_file('/etc/passwd')`, 'alter system set ssl = off', 'select * from pg_authid', 'alter role current_user superuser', 'set role postgres',
    ]) await expect(ask(roled.runTime, forbidden), forbidden).rejects.toThrow(/permission denied|must be (?:owner|superuser|member)|only roles with/)
    expect(await readStanding(roled.runTime)).toMatchObject({ is_superuser: false, may_create_roles: false, may_create_databases: false, may_replicate: false, passes_row_security: false, powerful: [], may_create: false, owned_tables: 0, may_change_audit: false })
  })

  test('cannot make or migrate the store, and is told who can', async () => {
    await using roled = await createRoledDatabase()
    const expected = /this role may not make tables \(42501\)\. Let its owner do it: npm run sallyport -- database migrate/
    await expect(openPostgres(roled.runTime)).rejects.toThrow(expected)
    await migrate(roled)
    await (await openPostgres(roled.runTime)).close()
    await ask(roled.owner, 'delete from kysely_migration where name = (select max(name) from kysely_migration)')
    await expect(openPostgres(roled.runTime)).rejects.toThrow(expected)
  })

  test('of one database does not reach another, nor its tables', async () => {
    await using one = await createRoledDatabase()
    await using other = await createRoledDatabase()
    const crossed = { ...one.runTime, url: other.runTime.url.replace(new URL(other.runTime.url).username, new URL(one.runTime.url).username) }
    await expect(ask(crossed, 'select 1')).rejects.toThrow(/permission denied for database/)
  })

  test('loses again what an owner gave it too much of', async () => {
    await using roled = await createRoledDatabase()
    await migrate(roled)
    await ask(roled.owner, `grant update, delete on audit_entry to "${new URL(roled.runTime.url).username}"`)
    expect((await readStanding(roled.runTime)).may_change_audit).toBe(true)
    // Owners that start at once do not stand in each other's way.
    await Promise.all([migrate(roled), migrate(roled), migrate(roled)])
    expect((await readStanding(roled.runTime)).may_change_audit).toBe(false)
  })
})

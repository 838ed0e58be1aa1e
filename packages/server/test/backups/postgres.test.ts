import { UsageReport } from '@sallyport/contract'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import pg from 'pg'
import { openPostgres } from '../../src/database/postgres/open.ts'
import { readStanding } from '../../src/database/postgres/standing.ts'
import { restoreBackup, rehearseRestore } from '../../src/ops/backup/index.ts'
import { describeWith } from '../../src/testing/needs.ts'
import { createRoledDatabase, urlOf } from '../../src/testing/postgres.ts'
import { measureStored } from '../../src/testing/stored-bytes.ts'
import { configOf, openBackedUp, PLANTED, rowsOf } from './support.ts'

describeWith('postgres', 'a backup of the scaled store', () => {
  test('is made by the role of the server, rehearsed, and restored by the owner in one transaction, with the former tables kept aside', async () => {
    await using database = await createRoledDatabase()
    await (await openPostgres(database.owner)).close()
    await using made = await openBackedUp({ settings: { STORE_URL: urlOf(database.runTime) } })
    const config = configOf(made.server, { SALLYPORT_STORE_URL: urlOf(database.owner) })
    const before = await rowsOf(made.server)
    const name = await made.backUp()
    await made.owner.call('POST', '/api/v1/conversations', { title: 'Written after the backup' })
    const tried = await rehearseRestore(config, { name, identities: [made.identity] })
    expect(tried.opened).toBeGreaterThan(2)
    await made.server.sallyport.close()
    await expect(restoreBackup(configOf(made.server, { SALLYPORT_STORE_URL: urlOf(database.runTime) }), { name, identities: [made.identity] })).rejects.toThrow(/^A restore builds new tables, and this role may not make any \(42501\)\. Run it as their owner/)
    const { former } = await restoreBackup(config, { name, identities: [made.identity] })
    expect(former).toMatch(/^schema sallyport_former_/)
    await made.server.restart()
    expect(await rowsOf(made.server)).toEqual(before)
    const owner = await made.server.renew(made.owner)
    // What counts the bytes of an account has moved along with its tables.
    const storage = async () => UsageReport.parse((await owner.call('GET', '/api/v1/usage')).json).storage.bytes
    const stored = await storage()
    expect(stored).toBe(await measureStored(made.server.sallyport.database, owner.account.id))
    await owner.call('POST', '/api/v1/conversations', { title: 'Counted' })
    expect(await storage()).toBe(await measureStored(made.server.sallyport.database, owner.account.id))
    expect(await storage()).toBeGreaterThan(stored)
    expect((await owner.call('GET', '/api/v1/conversations')).text).toContain(PLANTED)
    expect((await owner.call('POST', '/api/v1/documents', { title: 'Next', text: 'Sequences go on.', mediaType: 'text/plain', collection: 'mine' })).status).toBe(200)
    const client = new pg.Client({ connectionString: database.administrator.url })
    await client.connect()
    try {
      const { rows } = await client.query<{ readonly count: number }>(`select count(*)::int as count from ${former?.replace('schema ', '')}.conversation`)
      expect(rows[0]?.count).toBe(2)
      const { rows: left } = await client.query(`select nspname from pg_namespace where nspname like 'sallyport_restore%'`)
      expect(left).toEqual([])
      expect(await readStanding(database.runTime)).toMatchObject({ may_create: false, owned_tables: 0, may_change_audit: false })
      // So has what cuts the audit log: asked by the server's role, it reaches the log that is live, and not the former one.
      const entries = async (schema: string) => (await client.query<{ readonly count: number }>(`select count(*)::int as count from ${schema}.audit_entry where sequence = 1`)).rows[0]?.count
      await client.query('update sallyport.audit_entry set at = 1 where sequence = 1')
      const { rows: cut } = await sql`select removed from audit_entry_cut(1) as removed`.execute(made.server.sallyport.database.read)
      expect([cut, await entries('sallyport'), await entries(former?.replace('schema ', '') ?? '')]).toEqual([[{ removed: 1 }], 0, 1])
    } finally {
      await client.end()
    }
  }, 120_000)
})

import { expect, test } from 'vitest'
import pg from 'pg'
import { restoreBackup, rehearseRestore } from '../../src/ops/backup/index.ts'
import { describeWith } from '../../src/testing/needs.ts'
import { createPostgresDatabase } from '../../src/testing/postgres.ts'
import { configOf, openBackedUp, PLANTED, rowsOf } from './support.ts'

describeWith('postgres', 'a backup of the scaled store', () => {
  test('is made, rehearsed and restored in one transaction, with the former tables kept aside', async () => {
    await using database = await createPostgresDatabase()
    await using made = await openBackedUp({ settings: { STORE_URL: database.url } })
    const config = configOf(made.server, { SALLYPORT_STORE_URL: database.url })
    const before = await rowsOf(made.server)
    const name = await made.backUp()
    await made.owner.call('POST', '/api/v1/conversations', { title: 'Written after the backup' })
    const tried = await rehearseRestore(config, { name, identities: [made.identity] })
    expect(tried.opened).toBeGreaterThan(2)
    await made.server.sallyport.close()
    const { former } = await restoreBackup(config, { name, identities: [made.identity] })
    expect(former).toMatch(/^schema sallyport_former_/)
    await made.server.restart()
    expect(await rowsOf(made.server)).toEqual(before)
    const owner = await made.server.renew(made.owner)
    expect((await owner.call('GET', '/api/v1/conversations')).text).toContain(PLANTED)
    expect((await owner.call('POST', '/api/v1/documents', { title: 'Next', text: 'Sequences go on.', mediaType: 'text/plain', collection: 'mine' })).status).toBe(200)
    const client = new pg.Client({ connectionString: database.url })
    await client.connect()
    try {
      const { rows } = await client.query<{ readonly count: number }>(`select count(*)::int as count from ${former?.replace('schema ', '')}.conversation`)
      expect(rows[0]?.count).toBe(2)
      const { rows: left } = await client.query(`select nspname from pg_namespace where nspname like 'sallyport_restore%'`)
      expect(left).toEqual([])
    } finally {
      await client.end()
    }
  }, 120_000)
})

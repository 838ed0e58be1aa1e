import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openPostgres } from '../../src/database/postgres/open.ts'
import { loadConfig } from '../../src/config/load.ts'
import { ConfigProblem, describeRoles } from '../../src/ops/index.ts'
import { examine, type Finding } from '../../src/ops/doctor/index.ts'
import { describeWith } from '../../src/testing/needs.ts'
import { createPostgresDatabase, createRoledDatabase, urlOf, type RoledDatabase } from '../../src/testing/postgres.ts'
import { openTestServer } from '../../src/testing/server.ts'

const CLI = join(import.meta.dirname, '../../../cli/src/main.ts')

let home: string
beforeEach(async () => { home = await mkdtemp(join(tmpdir(), 'sallyport-roles-')) })
afterEach(async () => { await rm(home, { recursive: true, force: true }) })

const environment = (settings: Record<string, string>) => ({ SALLYPORT_DATA_DIR: join(home, 'data'), SALLYPORT_CONFIG_DIR: join(home, 'config'), ...settings })
const look = async (settings: Record<string, string>): Promise<readonly Finding[]> => (await examine(environment(settings))).findings.filter(({ area }) => area === 'database')
const told = async (url: string, settings: Record<string, string> = {}) => (await look({ SALLYPORT_STORE_URL: url, ...settings })).filter(({ health }) => health !== 'good').map(({ health, found }) => `${health}: ${found}`)
async function administer({ administrator }: RoledDatabase, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: administrator.url })
  await client.connect()
  try { await client.query(statement) } finally { await client.end() }
}

describeWith('postgres', 'a server over PostgreSQL', () => {
  test('does all its work as a role that reads and writes rows and nothing else, with its password in a file', async () => {
    await using roled = await createRoledDatabase()
    await (await openPostgres(roled.owner)).close()
    const file = join(home, 'password')
    await writeFile(file, `${roled.runTime.password ?? ''}\n`, { mode: 0o600 })
    await using server = await openTestServer({ withHandbook: true, settings: { STORE_URL: roled.runTime.url, STORE_CREDENTIAL: `file:${file}`, STORE_CONNECTIONS: '4' } })
    const owner = await server.setUpOwner()
    const member = await server.addAccount('Mia')
    const conversation = await owner.newConversation()
    const turn = await owner.call('POST', `/api/v1/conversations/${conversation}/turns`, { text: 'Where does Sallyport store its data?', model: 'sallyport/library' })
    expect(turn.status).toBe(200)
    expect((await owner.call('POST', '/api/v1/documents', { title: 'Bees', text: 'Of marmalade and bees.', mediaType: 'text/plain', collection: 'mine' })).status).toBe(200)
    expect((await owner.call('GET', '/api/v1/audit?limit=5')).status).toBe(200)
    expect((await owner.call('DELETE', `/api/v1/accounts/${member.account.id}`)).status).toBeLessThan(300)
    await server.restart()
    expect((await (await server.renew(owner)).call('GET', `/api/v1/conversations/${conversation}`)).status).toBe(200)
    expect(await told(roled.runTime.url, { SALLYPORT_STORE_CREDENTIAL: `file:${file}` })).toEqual([])
  }, 120_000)

  test('as a superuser or as the owner works, and doctor warns of it', async () => {
    await using roled = await createRoledDatabase()
    await (await openPostgres(roled.owner)).close()
    expect(await told(roled.administrator.url)).toEqual([expect.stringMatching(/^warning: The server signs in as \w+, a superuser of PostgreSQL\.$/)])
    expect(await told(urlOf(roled.owner))).toEqual([expect.stringMatching(/^warning: The role \w+_owner owns \d+ tables of the store\.$/)])
  })

  test('as a role with powers that it has no use for is told of each', async () => {
    await using roled = await createRoledDatabase()
    await (await openPostgres(roled.owner)).close()
    const role = new URL(roled.runTime.url).username
    await administer(roled, `alter role ${role} createrole createdb replication; grant pg_read_server_files to ${role}; grant create on schema sallyport to ${role}; grant delete on sallyport.audit_entry to ${role}`)
    expect(await told(urlOf(roled.runTime))).toEqual([
      `warning: The role ${role} may make roles, make databases, copy the whole cluster and act as pg_read_server_files.`, `warning: The role ${role} may make tables or schemas.`, `warning: The role ${role} may change entries of the audit log.`,
    ])
  })

  test('with a pool that is larger than what it is given is told so, and one that cannot sign in is a problem', async () => {
    await using roled = await createRoledDatabase()
    await (await openPostgres(roled.owner)).close()
    expect(await told(urlOf(roled.runTime), { SALLYPORT_STORE_CONNECTIONS: '60' })).toEqual([expect.stringMatching(/^warning: This server may take 62 connections, and the role \w+ gives 50\.$/)])
    expect(await told('postgres://sallyport@127.0.0.1:1/nothing')).toEqual([expect.stringMatching(/^problem: PostgreSQL at 127\.0\.0\.1 does not answer \(ECONNREFUSED\)/)])
  })

  test('whose roles were made by the documented commands starts, word for word', async () => {
    await using database = await createPostgresDatabase()
    const name = new URL(database.url).pathname.slice(1)
    const [owner, runTime] = [`${name}_o`, `${name}_s`]
    const call = (words: readonly string[], settings: Record<string, string> = {}) => execFileSync(process.execPath, [CLI, 'database', ...words], { encoding: 'utf8', env: { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', ...environment(settings) } })
    const script = call(['roles', '--database', name, '--owner', owner, '--run-time', runTime])
    const client = new pg.Client({ connectionString: database.url })
    await client.connect()
    try {
      await client.query(script)
      await client.query(`alter role ${owner} password 'of-the-owner'; alter role ${runTime} password 'of-the-server'`)
      const at = (role: string) => { const url = new URL(database.url); url.username = role; url.password = ''; return url.href }
      expect(call(['migrate'], { SALLYPORT_STORE_URL: at(owner), SALLYPORT_STORE_CREDENTIAL: 'env:OWNERS_PASSWORD', OWNERS_PASSWORD: 'of-the-owner' })).toMatch(/^The store is up to date: \d+ migrations/)
      const place = { SALLYPORT_STORE_URL: at(runTime), SALLYPORT_STORE_CREDENTIAL: 'env:PASSWORD', PASSWORD: 'of-the-server' }
      expect(await look(place)).toEqual([expect.objectContaining({ health: 'good' }), expect.objectContaining({ health: 'good', found: `The role ${runTime} reads and writes rows, and nothing else.` })])
    } finally {
      await client.query(`drop owned by ${runTime}; drop owned by ${owner} cascade; drop role ${runTime}; drop role ${owner}`)
      await client.end()
    }
  }, 60_000)
})

test.each([[{ owner: 'x"; drop role postgres; --' }], [{ database: '' }], [{ runTime: 'sallyport_owner' }], [{ connections: 0 }], [{ schema: 'A'.repeat(64) }]])('roles with %j are refused', (wrong) => {
  expect(() => describeRoles({ database: 'sallyport', owner: 'sallyport_owner', runTime: 'sallyport', schema: 'sallyport', connections: 20, ...wrong })).toThrow(ConfigProblem)
})

test.each<readonly [Record<string, string>, RegExp]>([
  [{ SALLYPORT_STORE_URL: 'postgres://a@db.example.org/b?sslmode=disable' }, /^store\.url: .*would travel in clear.*store\.authority/], [{ SALLYPORT_STORE_URL: 'postgres://a@db.example.org/b?sslmode=no-verify' }, /^store\.url: .*verify-full/],
  [{ SALLYPORT_STORE_AUTHORITY: '/nowhere/authority.pem' }, /^store\.authority: .*cannot be read/], [{ SALLYPORT_STORE_AUTHORITY: CLI }, /^store\.authority: .*holds no certificate/], [{ SALLYPORT_STORE_CONNECTIONS: '1' }, /^store\.connections: /], [{ SALLYPORT_STORE_CREDENTIAL: 'in-clear' }, /^store\.credential: Name where/],
])('a start with %j is refused with its mend', (settings, problem) => {
  expect(() => loadConfig({}, environment(settings))).toThrow(ConfigProblem)
  try { loadConfig({}, environment(settings)) } catch (error) { expect((error as ConfigProblem).problems).toEqual([expect.stringMatching(problem)]) }
})

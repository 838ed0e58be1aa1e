import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'
import { askForToken, signInProgram } from '../../src/testing/tokens.ts'

// IDN-5: whoever runs the server hears of a refresh token that was stolen and used, and cannot be drowned in such news.

let server: TestServer
let folder: string
let owner: Person
let member: Person
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sallyport-mails-'))
  server = await openTestServer({ settings: { MAIL_KIND: 'folder', MAIL_DIRECTORY: folder, MAIL_FROM: 'chat@example.org' } })
  owner = await server.setUpOwner()
  await server.addAccount('admin', 'administrator')
  member = await server.addAccount('member')
  await server.addAccount('bystander')
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

const mails = async () => Promise.all((await readdir(folder)).filter((name) => name.endsWith('.eml')).map((name) => readFile(join(folder, name), 'utf8')))
const recipients = async () => (await mails()).map((mail) => /^To: .*?([\w.]+@example\.org)/m.exec(mail)?.[1]).toSorted()
const lines = () => server.logs.filter(({ event }) => event === 'security-event')
const replay = async () => {
  const { refresh_token } = await signInProgram(server, member)
  for (let use = 0; use < 4; use += 1) await askForToken(server, { grant_type: 'refresh_token', refresh_token })
}
const told = async () => {
  await server.sallyport.domains.alerts.tell()
  await server.sallyport.domains.accounts.settled()
}

test('a replayed refresh token is told once to owner and administrator, to no member, and in the log; the next one within the hour in the log alone', async () => {
  expect(await mails()).toEqual([])
  await replay()
  // The server looks by itself.
  await vi.waitFor(async () => { expect(await mails()).toHaveLength(2) }, { timeout: 20_000, interval: 200 })
  expect(await recipients()).toEqual(['admin@example.org', 'owner@example.org'])
  for (const mail of await mails()) expect(Buffer.from(mail.slice(mail.indexOf('\r\n\r\n')), 'base64').toString('utf8')).toContain(member.account.id)
  expect(lines()).toMatchObject([{ level: 'warn', fields: { type: 'refresh-token-reused', severity: 'high', accountId: expect.stringMatching(/^acc-\d{8}-/) as unknown } }])
  expect(JSON.stringify(lines())).not.toContain('@')
  await replay()
  await told()
  expect(await recipients()).toHaveLength(2)
  expect(lines()).toHaveLength(2)
  server.clock.advance(3_600_001)
  await replay()
  await told()
  expect(await recipients()).toHaveLength(4)
}, 60_000)

test('whoever reads the audit log reads security events, and nobody else does', async () => {
  const reply = await (await server.renew(owner)).call('GET', '/api/v1/security-events?limit=1')
  expect(reply).toMatchObject({ status: 200, json: { items: [{ type: 'refresh-token-reused', severity: 'high', accountId: expect.stringMatching(/^acc-\d{8}-/) as unknown }] } })
  expect((await (await server.renew(member)).call('GET', '/api/v1/security-events')).status).toBe(403)
})

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { stepAt, totpCode } from '../../src/domains/factors/totp.ts'
import { bodyOf } from '../../src/testing/mailer.suite.ts'
import { fromBase32 } from '../../src/testing/open-factors.ts'
import { openTestServer, PASSWORD, type Person, type TestServer } from '../../src/testing/server.ts'

let server: TestServer
let owner: Person
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sallyport-mails-'))
  server = await openTestServer({ settings: { MAIL_KIND: 'folder', MAIL_DIRECTORY: folder, MAIL_FROM: 'chat@example.org', IDENTITY_SIGN_UP_DOMAINS: 'example.org', HTTP_HOSTS: 'chat.example.net,other.example.net', HTTP_PUBLIC_URL: 'https://chat.example.net' } })
  owner = await server.setUpOwner()
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

/** The mails that came since the last look, each with its headers and its body. */
async function newMails(): Promise<readonly { readonly head: string; readonly body: string }[]> {
  await server.sallyport.domains.accounts.settled()
  const names = await readdir(folder)
  const raws = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))
  await Promise.all(names.map((name) => rm(join(folder, name))))
  return raws.map((raw) => ({ head: raw.split('\r\n\r\n')[0] ?? '', body: bodyOf(raw) }))
}
const tokenOf = (body: string) => /#([\w-]{43})/.exec(body)?.[1] ?? ''
let caller = 0
const post = (path: string, body: unknown, headers: Readonly<Record<string, string>> = {}) => { caller += 1; return server.call('POST', path, { from: `127.3.${Math.floor(caller / 200)}.${1 + caller % 200}`, body, headers }) }

test('a link begins with the configured address, whatever the request called this server', async () => {
  for (const headers of [{ host: 'other.example.net' }, { host: 'chat.example.net', 'x-forwarded-host': 'evil.example' }, { host: 'chat.example.net', forwarded: 'host=evil.example' }]) {
    server.clock.advance(3_600_001)
    expect((await post('/api/v1/password-resets', { email: 'owner@example.org' }, headers)).status).toBe(200)
    const [mail, ...more] = await newMails()
    expect(more).toEqual([])
    expect(mail?.body.match(/https?:\/\/[^\s#]+/g)).toEqual(['https://chat.example.net/reset'])
  }
  expect((await post('/api/v1/password-resets', { email: 'owner@example.org' }, { host: 'evil.example' })).status).toBe(421)
  expect(await newMails()).toEqual([])
})

test.each(['owner@example.org\r\nBcc: eve@example.org', 'owner@example.org\nBcc: eve@example.org', 'owner@example.org, eve@example.org', 'eve@example.org,owner@example.org', 'Eve <owner@example.org>', '"a\r\nRCPT TO:<eve@example.org>"@example.org', 'owner@example.org\u0000eve@example.org', 'owner@example.org%0aBcc:eve@example.org'])('an address that would be more than one header is refused: %j', async (email) => {
  for (const path of ['/api/v1/password-resets', '/api/v1/sign-up']) {
    server.clock.advance(15_000)
    expect([400, 403]).toContain((await post(path, { email })).status)
  }
  owner = await server.renew(owner)
  expect((await owner.call('POST', '/api/v1/invitations', { email, send: true })).status).toBe(400)
  expect(await newMails()).toEqual([])
})

test('a mail of a known and of an unknown address is asked for with one answer, and only who is known gets one that opens something', async () => {
  server.clock.advance(3_600_001)
  const strip = ({ status, headers, json }: Awaited<ReturnType<typeof post>>) => {
    const { 'x-request-id': _id, date: _date, ratelimit: _rate, ...rest } = headers
    return { status, headers: rest, json }
  }
  for (const path of ['/api/v1/password-resets', '/api/v1/sign-up']) {
    const replies = [await post(path, { email: 'owner@example.org' }), await post(path, { email: 'nobody@example.org' })].map(strip)
    expect(replies[0]).toEqual(replies[1])
    expect(replies[0]?.json).toEqual({ received: true })
    const mails = await newMails()
    expect(mails.map(({ body }) => tokenOf(body) !== '').filter(Boolean)).toHaveLength(1)
  }
})

test('what a mail opens: sign up, verify, accept, sign in; and no token of one kind opens another', async () => {
  server.clock.advance(3_600_001)
  await post('/api/v1/sign-up', { email: 'ann@example.org' })
  const invited = tokenOf((await newMails())[0]?.body ?? '')
  await post('/api/v1/password-resets', { email: 'owner@example.org' })
  const reset = tokenOf((await newMails())[0]?.body ?? '')
  for (const [path, token, rest] of [
    ['/api/v1/password-resets/complete', invited, { password: 'seven other purple elephants' }], ['/api/v1/email-verifications', invited, {}],
    ['/api/v1/invitations/accept', reset, { email: 'eve@example.org', name: 'Eve', password: PASSWORD }], ['/api/v1/email-verifications', reset, {}],
    ['/api/v1/setup', reset, { email: 'eve@example.org', name: 'Eve', password: PASSWORD }],
  ] as const) expect([403, 410], path).toContain((await post(path, { token, ...rest })).status)
  expect((await post('/api/v1/invitations/accept', { token: invited, name: 'Ann', password: PASSWORD })).json).toMatchObject({ role: 'member', email: 'ann@example.org' })
  expect((await post('/api/v1/session', { email: 'ann@example.org', password: PASSWORD })).status).toBe(200)
})

/** Scoreboard S10. */
test('of two hundred who verify one address at once exactly one does, each of three times', async () => {
  for (let round = 0; round < 3; round += 1) {
    server.clock.advance(3_600_001)
    owner = await server.renew(owner)
    expect((await owner.call('PUT', '/api/v1/account/email', { email: `owner-${round}@example.org` })).json).toEqual({ state: 'verification-sent' })
    const token = tokenOf((await newMails()).find(({ head }) => head.includes(`To: owner-${round}@example.org\r\n`))?.body ?? '')
    const replies = await Promise.all(Array.from({ length: 200 }, () => post('/api/v1/email-verifications', { token })))
    expect(replies.filter(({ status }) => status === 204)).toHaveLength(1)
    expect(replies.filter(({ status }) => status === 410)).toHaveLength(199)
    await newMails()
  }
})

test('whoever changes an account\'s second factors cannot keep it from its owner, and the mail holds no secret', async () => {
  await newMails()
  const person = await server.renew(owner)
  const begun = (await person.call('POST', '/api/v1/factors/totp', {})).json as { factorId: string; secret: string }
  expect(await newMails()).toEqual([])
  const code = totpCode(fromBase32(begun.secret), stepAt(server.clock.now()))
  const confirmed = await person.call('POST', '/api/v1/factors/totp/confirm', { factorId: begun.factorId, code })
  expect(confirmed.status).toBe(200)
  const [mail, ...more] = await newMails()
  expect(more).toEqual([])
  const { account } = (await server.call('GET', '/api/v1/session', { headers: { cookie: (confirmed.headers['set-cookie'] ?? '').split(';')[0] ?? '', origin: server.url } })).json as { account: { email: string } }
  expect(mail?.head).toContain(`To: ${account.email}\r\n`)
  expect(mail?.head).toMatch(/^Subject: The second factors of your account were changed$/m)
  for (const secret of [begun.secret, code, ...(confirmed.json as { recoveryCodes: string[] }).recoveryCodes]) expect(mail?.body).not.toContain(secret)
  expect(mail?.body.match(/https?:\/\/[^\s#]+/g)).toEqual(['https://chat.example.net/sign-in'])
})

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Group, OneTimeLink, type Role } from '@sallyport/contract'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { stepAt, totpCode } from '../../src/domains/factors/totp.ts'
import { bodyOf } from '../../src/testing/mailer.suite.ts'
import { fromBase32 } from '../../src/testing/open-factors.ts'
import { openTestServer, PASSWORD, type Person, type TestServer } from '../../src/testing/server.ts'

// What somebody set going while they could must not work when they no longer can: links, invitations, openings of conversations.

let server: TestServer
let owner: Person
let folder: string
let count = 0
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sallyport-mails-'))
  server = await openTestServer({ settings: { MAIL_KIND: 'folder', MAIL_DIRECTORY: folder, MAIL_FROM: 'chat@example.org', IDENTITY_SIGN_UP_DOMAINS: 'example.org', LIMITS_RATES: JSON.stringify({ link: 1_000, write: 10_000, 'sign-in': 100 }) } })
  owner = await server.setUpOwner()
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})
beforeEach(async () => {
  server.clock.advance(3_600_001)
  owner = await server.renew(owner)
})

/** Calls `METHOD /path` as somebody, who may. */
const must = async (person: Person, line: string, body?: unknown): Promise<unknown> => {
  const [method = '', path = ''] = line.split(' ')
  const cookie = kept.get(person.account.id)
  const reply = cookie === undefined ? await person.call(method, path, body) : await server.call(method, path, { body, headers: { cookie, origin: server.url } })
  if (reply.status >= 300) throw new Error(`${line} was answered ${reply.status}: ${reply.text}`)
  return reply.json
}
const someone = (role: Role) => { count += 1; return server.addAccount(`someone${count}`, role) }
const anybody = async (path: string, body: unknown) => { count += 1; return (await server.call('POST', path, { body, from: `127.9.${count >> 7}.${1 + (count & 127)}` })).status }
const tokenOf = (text: string) => /#([\w-]{43})/.exec(text)?.[1] ?? ''

/** The mails to an address since the last look. */
async function mailsTo(email: string): Promise<readonly string[]> {
  await server.sallyport.domains.accounts.settled()
  const names = await readdir(folder)
  const raws = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))
  await Promise.all(names.map((name) => rm(join(folder, name))))
  return raws.filter((raw) => raw.includes(`To: ${email}`)).map(bodyOf)
}

/** What a thief with a session of somebody's has set going, and whether it still works: 204 and the like, or 410. */
const begun = {
  'a change of the address': async (victim: Person) => {
    const email = `thief${count}@example.org`
    await must(victim, 'PUT /api/v1/account/email', { email })
    await server.sallyport.domains.accounts.settled()
    const token = tokenOf((await mailsTo(email)).join('\n'))
    expect(token).not.toBe('')
    return () => anybody('/api/v1/email-verifications', { token })
  },
  'a link to a new password': async (victim: Person) => {
    await anybody('/api/v1/password-resets', { email: victim.account.email })
    const token = tokenOf((await mailsTo(victim.account.email)).join('\n'))
    expect(token).not.toBe('')
    return () => anybody('/api/v1/password-resets/complete', { token, password: 'seven other purple elephants' })
  },
  'a sign-in that waits for its second factor': async (victim: Person) => {
    const enrolment = z.object({ factorId: z.string(), secret: z.string() }).parse(await must(victim, 'POST /api/v1/factors/totp', {}))
    const codeNow = () => totpCode(fromBase32(enrolment.secret), stepAt(server.clock.now()))
    const confirmed = await victim.call('POST', '/api/v1/factors/totp/confirm', { factorId: enrolment.factorId, code: codeNow() })
    expect(confirmed.status, confirmed.text).toBe(200)
    // Confirming gave the browser another session; the next code is another one, too.
    kept.set(victim.account.id, (confirmed.headers['set-cookie'] ?? '').split(';')[0] ?? '')
    server.clock.advance(30_000)
    const waiting = await server.call('POST', '/api/v1/session', { body: { email: victim.account.email, password: PASSWORD }, headers: { origin: server.url }, from: `127.8.0.${1 + (count & 127)}` })
    const { challenge } = z.object({ challenge: z.string() }).parse(waiting.json)
    return async () => (await server.call('POST', '/api/v1/session/second-factor', { body: { challenge, code: codeNow() }, headers: { origin: server.url }, from: `127.8.1.${1 + (count & 127)}` })).status
  },
} as const
/** The cookies of those whose session was replaced on the way. */
const kept = new Map<string, string>()

/** What a victim, or an administrator, does about it. */
const ends = {
  'a new password': (victim: Person) => must(victim, 'PUT /api/v1/account/password', { current: PASSWORD, password: 'nine careful orange giraffes' }),
  'signing out elsewhere': (victim: Person) => must(victim, 'DELETE /api/v1/sessions'),
  'an administrator who ends the account\'s credentials': (victim: Person) => must(owner, `POST /api/v1/accounts/${victim.account.id}/revoke`, { keys: true }),
  'everything revoked': async () => { await must(owner, 'POST /api/v1/revoke-everything', { keys: false }) },
  'a suspension': (victim: Person) => must(owner, `PATCH /api/v1/accounts/${victim.account.id}`, { status: 'suspended' }),
} as const

describe.each(Object.entries(begun))('%s', (_thing, begin) => {
  test('works while nothing is done about it', async () => {
    expect(await (await begin(await someone('member')))()).toBeLessThan(300)
  })
  test.each(Object.entries(ends))('ends with %s', async (_event, end) => {
    const victim = await someone('member')
    const use = await begin(victim)
    await end(victim)
    expect([401, 403, 410]).toContain(await use())
  })
})

test('the owner of an address is told that somebody asked to change it, before it is changed', async () => {
  const victim = await someone('member')
  await must(victim, 'PUT /api/v1/account/email', { email: 'elsewhere@example.org' })
  expect((await mailsTo(victim.account.email)).join('\n')).toContain('Nothing changes until that address is confirmed')
})

/** What an administrator can hand out or open; whether it still works is 2xx or not. */
const granted = {
  'an invitation': async (maker: Person) => {
    const { link } = z.object({ link: z.string() }).parse(await must(maker, 'POST /api/v1/invitations', { role: 'operator', uses: 50, expiresInHours: 72 }))
    return async () => { count += 1; return anybody('/api/v1/invitations/accept', { token: tokenOf(link), email: `new${count}@example.net`, name: 'New', password: PASSWORD }) }
  },
  'a link that sets another\'s password': async (maker: Person, target: Person) => {
    const { link } = OneTimeLink.parse(await must(maker, `POST /api/v1/accounts/${target.account.id}/reset-link`))
    return () => anybody('/api/v1/password-resets/complete', { token: tokenOf(link), password: 'seven other purple elephants' })
  },
  'an opening of another\'s conversations': async (maker: Person, target: Person) => {
    await must(maker, `POST /api/v1/accounts/${target.account.id}/conversation-access`, { reason: 'A case with a number, 42', minutes: 60 })
    // With a new session, as whoever was dismissed and came back would.
    return async () => (await (await server.renew(maker)).call('GET', `/api/v1/accounts/${target.account.id}/conversations`)).status
  },
} as const

/** Makes an administrator, and what takes that away again. */
type Dismissal = (maker: Person) => Promise<() => Promise<unknown>>
const byGroup = async (maker: Person) => {
  count += 1
  const { id } = Group.parse(await must(owner, 'POST /api/v1/groups', { name: `heads ${count}`, role: 'administrator' }))
  await must(owner, `PUT /api/v1/groups/${id}/members`, { accountIds: [maker.account.id] })
  return id
}
const raise = (maker: Person) => must(owner, `PATCH /api/v1/accounts/${maker.account.id}`, { role: 'administrator' })
const dismissals: Readonly<Record<string, Dismissal>> = {
  'being taken out of the group': async (maker) => { const id = await byGroup(maker); return () => must(owner, `PUT /api/v1/groups/${id}/members`, { accountIds: [] }) },
  'the end of the group': async (maker) => { const id = await byGroup(maker); return () => must(owner, `DELETE /api/v1/groups/${id}`) },
  'another role of the group': async (maker) => { const id = await byGroup(maker); return () => must(owner, `PATCH /api/v1/groups/${id}`, { role: 'operator' }) },
  'a lower role': async (maker) => { await raise(maker); return () => must(owner, `PATCH /api/v1/accounts/${maker.account.id}`, { role: 'member' }) },
  'a suspension': async (maker) => { await raise(maker); return () => must(owner, `PATCH /api/v1/accounts/${maker.account.id}`, { status: 'suspended' }) },
}

describe.each(Object.entries(granted))('%s', (thing, grant) => {
  const begin = async () => {
    const [maker, target] = [await someone('member'), await someone('member')]
    return { maker, target }
  }
  test('works while its maker may', async () => {
    const { maker, target } = await begin()
    await raise(maker)
    expect(await (await grant(await server.renew(maker), target))()).toBeLessThan(300)
  })
  test.each(Object.entries(dismissals))('ends with %s, and stays ended', async (_event, make) => {
    const { maker, target } = await begin()
    const dismiss = await make(maker)
    const use = await grant(await server.renew(maker), target)
    await dismiss()
    // Back again: what has ended does not begin anew.
    await must(owner, `PATCH /api/v1/accounts/${maker.account.id}`, { status: 'active' })
    await raise(maker)
    expect(await use()).toBeGreaterThanOrEqual(400)
  })
  if (thing !== 'an invitation') {
    test('ends when the other rises above its maker', async () => {
      const { maker, target } = await begin()
      await raise(maker)
      const use = await grant(await server.renew(maker), target)
      await must(owner, `PATCH /api/v1/accounts/${target.account.id}`, { role: 'owner' })
      expect(await use()).toBeGreaterThanOrEqual(400)
      await must(owner, `PATCH /api/v1/accounts/${target.account.id}`, { role: 'member' })
    })
  }
})

describe('a server without an owner', () => {
  test('lets nobody sign up, and its set-up link goes on working whoever is there', async () => {
    const fresh = await openTestServer({ settings: { MAIL_KIND: 'folder', MAIL_DIRECTORY: folder, MAIL_FROM: 'chat@example.org', IDENTITY_SIGN_UP_DOMAINS: 'example.org' } })
    expect((await fresh.call('POST', '/api/v1/sign-up', { body: { email: 'early@example.org' } })).status).toBe(403)
    // However somebody came in before.
    const { id, steps } = await fresh.sallyport.domains.accounts.forFederation.prepare({ email: 'early@example.org', name: 'Early', role: 'member' })
    await fresh.sallyport.database.write(steps)
    expect(id).toMatch(/^acc_/)
    expect((await fresh.call('GET', '/api/v1/setup')).json).toEqual({ open: true })
    await fresh.restart()
    await fresh.setUpOwner()
    expect((await fresh.call('GET', '/api/v1/setup')).json).toEqual({ open: false })
    await fresh[Symbol.asyncDispose]()
  })
})

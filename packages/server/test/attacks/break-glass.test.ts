import { roles, type Role } from '@sallyport/contract'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { callerLike } from '../../src/testing/caller.ts'
import { openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'

const SECRET_WORD = 'xylophone'
const REASON = 'A complaint about what was written, case 42'

let server: TestServer
let owner: Person
let victim: Person
let conversationId: string
const people = new Map<Role, Person>()
beforeAll(async () => {
  server = await openTestServer()
  owner = await server.setUpOwner()
  for (const role of roles) people.set(role, role === 'owner' ? owner : await server.addAccount(role, role))
  victim = await server.addAccount('victim')
  conversationId = await victim.newConversation()
  await victim.call('PATCH', `/api/v1/conversations/${conversationId}`, { title: `About the ${SECRET_WORD}` })
  const turn = await victim.call('POST', `/api/v1/conversations/${conversationId}/turns`, { text: `Where is the ${SECRET_WORD}?`, model: 'sallyport/library' })
  expect(turn.status).toBe(200)
})
afterAll(async () => { await server[Symbol.asyncDispose]() })
beforeEach(() => { server.clock.advance(60_000) })

const person = (role: Role): Person => people.get(role) ?? owner
const glassOf = ({ account }: Person) => `/api/v1/accounts/${account.id}`
const open = (reader: Person, of: Person, body: object = { reason: REASON, minutes: 10 }) => reader.call('POST', `${glassOf(of)}/conversation-access`, body)
const list = (reader: Person, of: Person) => reader.call('GET', `${glassOf(of)}/conversations`)
const read = (reader: Person, of: Person, conversation = conversationId) => reader.call('GET', `${glassOf(of)}/conversations/${conversation}/messages`)
const close = async (reader: Person, reply: { readonly json: unknown }) => reader.call('DELETE', `/api/v1/conversation-access/${(reply.json as { id: string }).id}`)

describe('somebody else\'s conversations', () => {
  test('are closed to every role, owner and administrator among them, until the glass is broken', async () => {
    for (const role of roles) {
      for (const reply of [await list(person(role), victim), await read(person(role), victim)]) {
        expect([role, reply.status]).toEqual([role, 403])
        expect(reply.text).not.toContain(SECRET_WORD)
      }
      // Nor by the ways that are one's own.
      expect((await person(role).call('GET', `/api/v1/conversations/${conversationId}/messages`)).status).not.toBe(200)
    }
  })

  test('are opened by owners and administrators alone, by a person and not by a key, and with a fresh proof', async () => {
    for (const role of roles) {
      const reply = await open(person(role), victim)
      expect([role, reply.status]).toEqual([role, role === 'owner' || role === 'administrator' ? 200 : 403])
      if (reply.status === 200) await close(person(role), reply)
    }
    expect((await owner.program('POST', `${glassOf(victim)}/conversation-access`, { reason: REASON, minutes: 10 })).status).toBe(403)
    const { token } = await server.sallyport.domains.sessions.begin(callerLike(owner.account.id, 'owner'), owner.account, { authenticatedAt: server.clock.now() - 660_000, secondFactorAt: null })
    const stale = await server.call('POST', `${glassOf(victim)}/conversation-access`, { body: { reason: REASON, minutes: 10 }, headers: { cookie: `${server.cookieName}=${token}`, origin: server.url } })
    expect([stale.status, (stale.json as { code: string }).code]).toEqual([403, 'fresh-sign-in-needed'])
  })

  test('are shown, whole, to who opened them, as long as it lasts; the glass of one is not that of another', async () => {
    const administrator = person('administrator')
    const opened = await open(administrator, victim)
    expect((await list(administrator, victim)).text).toContain(SECRET_WORD)
    expect((await read(administrator, victim)).text).toContain(SECRET_WORD)
    expect((await list(owner, victim)).status).toBe(403)
    expect((await list(administrator, person('member'))).status).toBe(403)
    // A key of the same person opens nothing, and neither does the conversation under somebody else's account.
    expect((await administrator.program('GET', `${glassOf(victim)}/conversations`)).status).toBe(403)
    expect((await read(administrator, person('member'))).status).toBe(403)
    expect((await close(administrator, opened)).status).toBe(204)
    expect((await list(administrator, victim)).status).toBe(403)
  })

  test('close by themselves, also while somebody reads', async () => {
    await open(owner, victim, { reason: REASON, minutes: 1 })
    expect((await read(owner, victim)).status).toBe(200)
    server.clock.advance(61_000)
    expect((await read(owner, victim)).status).toBe(403)
  })

  test('are not opened without a reason, for longer than an hour, for nobody or for oneself, nor of somebody above', async () => {
    for (const body of [{}, { minutes: 10 }, { reason: REASON }, { reason: 'because', minutes: 10 }, { reason: REASON, minutes: 61 }, { reason: REASON, minutes: 0 }, { reason: REASON, minutes: 1.5 }, { reason: REASON, minutes: 10, readerId: owner.account.id }, { reason: `${REASON}\u202e`, minutes: 10 }]) {
      expect((await open(owner, victim, body)).status).toBe(400)
    }
    expect((await open(owner, owner)).status).toBe(409)
    expect((await open(person('administrator'), owner)).status).toBe(403)
    expect((await owner.call('POST', `/api/v1/accounts/acc_${'0'.repeat(32)}/conversation-access`, { reason: REASON, minutes: 10 })).status).toBe(404)
  })

  test('cannot be changed through the glass: there is nothing but reading', async () => {
    await open(owner, victim)
    for (const [method, path] of [['PATCH', `/conversations/${conversationId}`], ['DELETE', `/conversations/${conversationId}`], ['DELETE', `/conversations/${conversationId}/messages`], ['POST', `/conversations/${conversationId}/turns`]] as const) {
      const reply = await owner.call(method, `${glassOf(victim)}${path}`, method === 'PATCH' ? { title: 'Mine' } : undefined)
      expect([404, 405]).toContain(reply.status)
    }
    for (const [method, path] of [['PATCH', `/api/v1/conversations/${conversationId}`], ['DELETE', `/api/v1/conversations/${conversationId}`]] as const) expect((await owner.call(method, path, method === 'PATCH' ? { title: 'Mine' } : undefined)).status).toBe(404)
  })
})

test('whoever is looked at sees who looked, when and why, and the audit log has every look', async () => {
  const administrator = person('administrator')
  const before = ((await victim.call('GET', '/api/v1/conversation-access')).json as { items: readonly unknown[] }).items.length
  const opened = await open(administrator, victim)
  const { id } = opened.json as { id: string }
  await list(administrator, victim)
  await read(administrator, victim)
  const { items } = (await victim.call('GET', '/api/v1/conversation-access')).json as { items: readonly Record<string, unknown>[] }
  expect(items).toHaveLength(before + 1)
  expect(items[0]).toMatchObject({ id, reason: REASON, reads: 2, reader: { id: administrator.account.id, name: 'administrator' }, conversations: [conversationId] })
  const audit = await owner.call('GET', '/api/v1/audit?limit=20')
  const rows = (await server.sallyport.database.read.selectFrom('audit_entry').select(['action', 'actor', 'detail']).orderBy('sequence', 'desc').limit(20).execute()).filter(({ detail }) => detail.includes(id))
  expect(rows.map(({ action, actor }) => [action, actor])).toEqual(['messages-read', 'conversations-read', 'conversation-access-opened'].map((action) => [action, administrator.account.id]))
  expect(audit.text).toContain('"conversation-access-opened"')
  // What was opened is a stranger's business neither way.
  expect((await person('member').call('GET', '/api/v1/conversation-access')).text).not.toContain(id)
  expect((await person('member').call('DELETE', `/api/v1/conversation-access/${id}`)).status).toBe(403)
  expect(await server.storedRows()).not.toContain(REASON)
})

test('who loses the role reads nothing more, though the glass is still open', async () => {
  const former = await server.addAccount('former', 'administrator')
  await open(former, victim)
  expect((await list(former, victim)).status).toBe(200)
  expect((await owner.call('PATCH', `/api/v1/accounts/${former.account.id}`, { role: 'member' })).status).toBe(200)
  expect((await list(former, victim)).status).toBe(403)
})

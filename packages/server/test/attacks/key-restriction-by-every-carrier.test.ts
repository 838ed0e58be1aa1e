import { KeyChange, KeyRequest } from '@sallyport/contract'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import type { HttpReply, SentHeaders } from '../../src/testing/http-client.ts'
import { callerLike } from '../../src/testing/caller.ts'
import { openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'

// A key that was restricted in one header was not in another (CVE-2026-45339). Here every carrier of a key meets every restriction, at
// every entrance.

const ALLOWED = 'openai/model-a'
const OTHER = 'sallyport/library'
const WORD = 'quagmire'
const ELSEWHERE = '127.0.0.9'

let server: TestServer
let owner: Person
let member: Person
let mine: { conversation: string; document: string; passage: string }

beforeAll(async () => {
  server = await openTestServer()
  owner = await server.setUpOwner()
  member = await server.addAccount('member')
  await server.addVendor(owner, 'openai')
  const made = await member.call('POST', '/api/v1/documents', { title: 'Mine', text: `The ${WORD} is behind the mill.`, mediaType: 'text/plain', collection: 'mine' })
  const document = z.object({ id: z.string() }).parse(made.json).id
  const { id: passage } = await server.sallyport.database.read.selectFrom('passage').select('id').where('document_id', '=', document).executeTakeFirstOrThrow()
  mine = { conversation: await member.newConversation(), document, passage }
})
afterAll(async () => { await server[Symbol.asyncDispose]() })

type Settings = Omit<z.input<typeof KeyRequest>, 'name'>
const newKey = (settings: Settings, person: Person = member) =>
  server.sallyport.domains.keys.create(callerLike(person.account.id, person.account.role), KeyRequest.parse({ name: 'restricted', ...settings }))

/** Every way to act by a key. */
const carriers: Readonly<Record<string, (settings: Settings) => Promise<SentHeaders>>> = {
  'bearer': async (settings) => ({ authorization: `Bearer ${(await newKey(settings)).value}` }),
  'X-API-Key': async (settings) => ({ 'x-api-key': (await newKey(settings)).value }),
  'both headers': async (settings) => {
    const { value } = await newKey(settings)
    return { authorization: `Bearer ${value}`, 'x-api-key': value }
  },
  'a former value in its grace': async (settings) => {
    const { key, value } = await newKey(settings)
    await server.sallyport.domains.keys.rotate(callerLike(member.account.id, 'member'), key.id, 1)
    return { authorization: `Bearer ${value}` }
  },
  'the new value after a rotation': async (settings) => {
    const { key } = await newKey(settings)
    return { 'x-api-key': (await server.sallyport.domains.keys.rotate(callerLike(member.account.id, 'member'), key.id, 1)).value }
  },
  'a key that was restricted later': async (settings) => {
    const { key, value } = await newKey({})
    expect((await server.call('GET', '/api/v1/models', { headers: { 'x-api-key': value } })).status).toBe(200)
    await server.sallyport.domains.keys.change(callerLike(member.account.id, 'member'), key.id, KeyChange.parse(settings))
    return { 'x-api-key': value }
  },
  'an access token that was got with the key': async (settings) => {
    const { key, value } = await newKey(settings)
    const reply = await server.call('POST', '/api/v1/auth/token', { body: { grant_type: 'client_credentials', client_id: key.id, client_secret: value }, headers: { origin: server.url } })
    expect({ status: reply.status, text: reply.status === 200 ? '' : reply.text }).toEqual({ status: 200, text: '' })
    return { authorization: `Bearer ${z.object({ access_token: z.string() }).parse(reply.json).access_token}` }
  },
}

type Asked = readonly [method: string, path: string, body?: unknown, from?: string]
const call = (headers: SentHeaders, ...[method, path, body, from]: Asked): Promise<HttpReply> => {
  server.clock.advance(3_000)
  return server.call(method, path, { body, headers, ...(from !== undefined && { from }) })
}
const chat = (model: string, stream = false) => ({ model, stream, messages: [{ role: 'user', content: 'Hello' }] })
const ids = (reply: HttpReply) => z.object({ items: z.array(z.object({ id: z.string() })).optional(), data: z.array(z.object({ id: z.string() })).optional() }).transform(({ items, data }) => (items ?? data ?? []).map(({ id }) => id)).parse(reply.json)

describe.each(Object.entries(carriers))('by %s', (_, carry) => {
  test('a model that is not the key\'s is not there, at any entrance, and not in any list', async () => {
    const headers = await carry({ scopes: { models: [ALLOWED] } })
    expect((await call(headers, 'POST', '/v1/chat/completions', chat(ALLOWED))).status).toBe(200)
    for (const stream of [false, true]) expect((await call(headers, 'POST', '/v1/chat/completions', chat(OTHER, stream))).text).toContain('model_not_found')
    // A vendor's bare name leads to the same model, and a bare name of another to nothing.
    expect((await call(headers, 'POST', '/v1/chat/completions', chat('model-a'))).status).toBe(200)
    expect((await call(headers, 'POST', '/v1/chat/completions', chat('library'))).status).toBe(404)
    expect((await call(headers, 'POST', '/api/v1/chat', { text: 'Hello', model: OTHER })).json).toMatchObject({ code: 'model-not-found' })
    expect((await call({ ...headers, accept: 'text/event-stream' }, 'POST', '/api/v1/chat', { text: 'Hello', model: OTHER })).text).toContain('model-not-found')
    expect((await call(headers, 'POST', `/api/v1/conversations/${mine.conversation}/turns`, { text: 'Hello', model: OTHER })).json).toMatchObject({ code: 'model-not-found' })
    // The conversation's own model is not the key's either.
    expect((await call(headers, 'POST', `/api/v1/conversations/${mine.conversation}/turns`, { text: 'Hello' })).json).toMatchObject({ code: 'model-not-found' })
    expect((await call(headers, 'POST', '/api/v1/conversations', { model: OTHER })).json).toMatchObject({ code: 'model-not-found' })
    expect((await call(headers, 'PATCH', `/api/v1/conversations/${mine.conversation}`, { model: OTHER })).json).toMatchObject({ code: 'model-not-found' })
    expect((await call(headers, 'POST', '/api/v1/conversations', {})).json).toMatchObject({ model: ALLOWED })
    const listed = await call(headers, 'GET', '/api/v1/models')
    expect({ ids: ids(listed), json: listed.json }).toMatchObject({ ids: [ALLOWED], json: { defaultModel: ALLOWED } })
    expect(ids(await call(headers, 'GET', '/v1/models'))).toEqual([ALLOWED])
    expect((await call(headers, 'GET', `/v1/models/${OTHER}`)).status).toBe(404)
    expect((await call(headers, 'GET', `/v1/models/${ALLOWED}`)).status).toBe(200)
  })

  test('all models of a provider can be named at once, and no other\'s', async () => {
    const headers = await carry({ scopes: { models: ['openai/*'] } })
    expect((await call(headers, 'POST', '/v1/chat/completions', chat('openai/model-a'))).status).toBe(200)
    expect((await call(headers, 'POST', '/v1/chat/completions', chat(OTHER))).status).toBe(404)
    const none = await carry({ scopes: { models: ['nobody/*'] } })
    expect(ids(await call(none, 'GET', '/v1/models'))).toEqual([])
    expect((await call(none, 'POST', '/api/v1/chat', { text: 'Hello' })).status).toBe(404)
  })

  test('an operation that is not the key\'s is refused, and so is one whose permission is not', async () => {
    const gateway = await carry({ scopes: { operations: ['gatewayChat'] } })
    expect((await call(gateway, 'POST', '/v1/chat/completions', chat(ALLOWED))).status).toBe(200)
    for (const [method, path, body] of [['GET', '/v1/models'], ['GET', '/api/v1/conversations'], ['POST', '/api/v1/chat', { text: 'Hello' }], ['GET', '/api/v1/session'], ['GET', `/api/v1/passages/${mine.passage}`]] as const) {
      expect((await call(gateway, method, path, body)).status).toBe(403)
    }
    const reader = await carry({ scopes: { permissions: ['chat:read'] } })
    expect((await call(reader, 'GET', '/api/v1/conversations')).status).toBe(200)
    for (const [method, path, body] of [['POST', '/v1/chat/completions', chat(ALLOWED)], ['POST', '/api/v1/chat', { text: 'Hello' }], ['POST', '/api/v1/conversations', {}], ['DELETE', `/api/v1/conversations/${mine.conversation}`], ['GET', '/api/v1/documents']] as const) {
      expect((await call(reader, method, path, body)).status).toBe(403)
    }
  })

  test('keys are neither listed nor ended by a key, whether it is limited or not: what asks no permission takes a person', async () => {
    const settingsOfEach: readonly Settings[] = [{}, { scopes: { operations: ['gatewayListModels'] } }, { scopes: { permissions: ['model:read', 'key:manage'] } }]
    for (const settings of settingsOfEach) {
      const headers = await carry(settings)
      for (const [method, path] of [['GET', '/api/v1/keys'], ['DELETE', `/api/v1/keys/${member.keyId}`], ['POST', '/api/v1/keys']] as const) {
        expect((await call(headers, method, path, method === 'POST' ? { name: 'more' } : undefined)).json).toMatchObject({ code: 'not-allowed' })
      }
    }
    expect((await member.program('GET', '/v1/models')).status).toBe(200)
    for (const operation of ['listKeys', 'revokeKey']) await expect(newKey({ scopes: { operations: [operation] } })).rejects.toMatchObject({ code: 'invalid-request' })
  })

  test('a collection that is not the key\'s holds nothing for it', async () => {
    const headers = await carry({ scopes: { collections: ['shared'] } })
    expect(ids(await call(headers, 'GET', '/api/v1/documents'))).toEqual([])
    expect((await call(headers, 'GET', `/api/v1/passages/${mine.passage}`)).status).toBe(404)
    expect((await call(headers, 'DELETE', `/api/v1/documents/${mine.document}`)).status).toBe(404)
    expect((await call(headers, 'POST', '/api/v1/documents', { title: 'New', text: 'Words.', mediaType: 'text/plain', collection: 'mine' })).status).toBe(403)
    for (const path of ['/api/v1/chat', `/api/v1/conversations/${mine.conversation}/turns`]) expect((await call(headers, 'POST', path, { text: `Where is the ${WORD}?`, model: OTHER })).text).not.toContain('mill')
    expect((await call(headers, 'POST', '/v1/chat/completions', { model: OTHER, messages: [{ role: 'user', content: `Where is the ${WORD}?` }] })).text).not.toContain('mill')
    const own = await carry({ scopes: { collections: ['mine'] } })
    expect((await call(own, 'POST', '/api/v1/chat', { text: `Where is the ${WORD}?`, model: OTHER })).text).toContain('mill')
    expect(ids(await call(own, 'GET', '/api/v1/documents'))).toEqual([mine.document])
  })

  test('from an address that is not the key\'s it opens nothing, whatever the request says of its way', async () => {
    const headers = await carry({ addresses: ['127.0.0.1', '::1'] })
    expect((await call(headers, 'GET', '/v1/models')).status).toBe(200)
    for (const forged of [{}, { 'x-forwarded-for': '127.0.0.1' }, { 'x-real-ip': '127.0.0.1' }, { forwarded: 'for=127.0.0.1' }, { 'true-client-ip': '::1' }, { 'cf-connecting-ip': '127.0.0.1' }]) {
      for (const [method, path, body] of [['GET', '/v1/models'], ['GET', '/api/v1/session'], ['POST', '/v1/chat/completions', chat(ALLOWED)], ['GET', '/api/v1/conversations']] as const) {
        expect((await call({ ...headers, ...forged }, method, path, body, ELSEWHERE)).text).toContain('address-not-allowed')
      }
    }
  })

  test('its own limits hold over all entrances together', async () => {
    const minute = await carry({ limits: { requestsPerMinute: 3 } })
    const statuses = []
    for (const path of ['/v1/models', '/api/v1/models', '/api/v1/conversations', '/api/v1/session', '/v1/models']) statuses.push((await server.call('GET', path, { headers: minute })).status)
    expect(statuses).toEqual([200, 200, 200, 429, 429])
    const turns = await carry({ limits: { turnsPerMinute: 2 } })
    const asked = []
    for (const [path, body] of [['/v1/chat/completions', chat(ALLOWED)], ['/api/v1/chat', { text: 'Hello', model: ALLOWED }], ['/v1/chat/completions', chat(ALLOWED)], [`/api/v1/conversations/${mine.conversation}/turns`, { text: 'Hello', model: ALLOWED }]] as const) asked.push((await server.call('POST', path, { headers: turns, body })).status)
    expect(asked).toEqual([200, 200, 429, 429])
  })

  test('its day holds for many questions at once', async () => {
    const day = await carry({ limits: { turnsPerDay: 5 } })
    const replies = await Promise.all(Array.from({ length: 20 }, () => server.call('POST', '/v1/chat/completions', { headers: day, body: chat(ALLOWED) })))
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(5)
    expect(replies.filter(({ status }) => status === 429).every(({ headers }) => Number(headers['retry-after']) > 0)).toBe(true)
    // 1,000 tokens are reserved for each answer, and given back as far as they are not used.
    const tokens = await carry({ limits: { tokensPerDay: 2_500 } })
    const asked = await Promise.all(Array.from({ length: 10 }, () => server.call('POST', '/v1/chat/completions', { headers: tokens, body: chat(ALLOWED) })))
    expect(asked.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(2)
    expect((await server.call('POST', '/v1/chat/completions', { headers: tokens, body: chat(ALLOWED) })).status).toBe(200)
  })
})

test('a scope never gives more than the role of its account', async () => {
  const guest = await server.addAccount('guest', 'guest')
  await expect(newKey({ scopes: { permissions: ['knowledge:write'] } }, guest)).rejects.toMatchObject({ code: 'invalid-request' })
  // What an account loses, its keys lose, whatever they list.
  const falling = await server.addAccount('falling', 'member')
  const { value } = await newKey({ scopes: { permissions: ['knowledge:write', 'knowledge:read'] } }, falling)
  const add = () => server.call('POST', '/api/v1/documents', { headers: { 'x-api-key': value }, body: { title: 'New', text: 'Words.', mediaType: 'text/plain', collection: 'mine' } })
  expect((await add()).status).toBe(200)
  expect((await (await server.renew(owner)).call('PATCH', `/api/v1/accounts/${falling.account.id}`, { role: 'guest' })).status).toBe(200)
  expect((await add()).status).toBe(403)
  // Not even an owner's key does what takes a person.
  const { value: ownersKey } = await newKey({ scopes: { permissions: ['audit:read', 'key:manage', 'account:manage'] } }, owner)
  for (const [method, path] of [['GET', '/api/v1/audit'], ['GET', '/api/v1/keys'], ['GET', '/api/v1/accounts'], ['GET', '/api/v1/service-keys']] as const) {
    expect((await server.call(method, path, { headers: { 'x-api-key': ownersKey } })).status).toBe(403)
  }
})

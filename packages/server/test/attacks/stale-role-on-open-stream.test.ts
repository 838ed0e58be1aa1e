import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { BegunCall, SentHeaders } from '../../src/testing/http-client.ts'
import { openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'
import { familyOf, signInProgram } from '../../src/testing/tokens.ts'

// Abuse 34 (CVE-2026-44553) and 25 (CVE-2026-31950), IDN-6: what was open when a right ended goes on without it; and a stream is read by
// whoever knows its id.

let server: TestServer
let owner: Person
beforeAll(async () => {
  server = await openTestServer()
  owner = await server.setUpOwner()
  // A model that writes for half a minute: no stream of these tests ends by itself.
  await server.addVendor(owner, 'openai', { script: () => ({ text: Array.from({ length: 3_000 }, (_, index) => `word ${index} `) }), paceMilliseconds: 10 })
})
afterAll(async () => { await server[Symbol.asyncDispose]() })

const WITHIN = { timeout: 1_000, interval: 5 }
interface Open { readonly response: IncomingMessage; text(): string; readonly ended: Promise<void> }

/** Opens a stream and waits until it flows. */
async function follow(call: BegunCall): Promise<Open> {
  const response = await call.response
  expect(response.statusCode).toBe(200)
  let text = ''
  response.setEncoding('utf8')
  response.on('data', (chunk: string) => { text += chunk })
  response.on('error', () => undefined)
  await once(response, 'data')
  return { response, text: () => text, ended: new Promise((resolve) => { response.once('close', () => { resolve() }) }) }
}
const question = { text: 'Count.', model: 'openai/model-a' }
const turnOf = async (person: Person, headers: SentHeaders) => follow(server.begin('POST', `/api/v1/conversations/${await person.newConversation()}/turns`, { body: question, headers: { ...headers, accept: 'text/event-stream' } }))
const chatOf = (headers: SentHeaders) => follow(server.begin('POST', '/api/v1/chat', { body: question, headers: { ...headers, accept: 'text/event-stream' } }))
const gatewayOf = (headers: SentHeaders) => follow(server.begin('POST', '/v1/chat/completions', { body: { model: 'openai/model-a', stream: true, messages: [{ role: 'user', content: 'Count.' }] }, headers }))
const everyStream = (person: Person, headers: SentHeaders) => Promise.all([turnOf(person, headers), chatOf(headers), gatewayOf(headers)])
const running = async (accountId: string) => (await server.sallyport.database.read.selectFrom('turn').select('id').where('account_id', '=', accountId).where('status', '=', 'running').execute()).length

/** All have ended within a second with what happened, and nothing that was asked goes on. */
async function expectEnded(streams: readonly Open[], accountId: string): Promise<void> {
  await vi.waitFor(() => { for (const { response } of streams) expect(response.closed || response.complete).toBe(true) }, WITHIN)
  await Promise.all(streams.map(({ ended }) => ended))
  for (const stream of streams) {
    expect(stream.text()).toMatch(/not-signed-in|invalid_api_key/)
    expect(stream.text()).not.toMatch(/turn-end|\[DONE\]/)
  }
  await vi.waitFor(async () => { expect(await running(accountId)).toBe(0) }, WITHIN)
}
const cookieHeaders = (person: Person): SentHeaders => ({ cookie: person.cookie, origin: server.url })

test('streams of a session end when it is ended, and nobody else\'s do', async () => {
  const [person, bystander] = [await server.addAccount('one'), await server.addAccount('bystander')]
  const streams = await everyStream(person, cookieHeaders(person))
  const others = [...await everyStream(bystander, cookieHeaders(bystander)), await chatOf({ 'x-api-key': person.key })]
  expect((await person.call('DELETE', '/api/v1/session')).status).toBe(204)
  await expectEnded(streams.slice(0, 3), 'nobody')
  const lengths = others.map((stream) => stream.text().length)
  await vi.waitFor(() => { expect(others.every((stream, index) => stream.text().length > (lengths[index] ?? 0))).toBe(true) }, WITHIN)
  for (const { response } of others) response.destroy()
})

test('streams of a key end when it is revoked', async () => {
  const person = await server.addAccount('keyed')
  const streams = await everyStream(person, { authorization: `Bearer ${person.key}` })
  expect((await person.call('DELETE', `/api/v1/keys/${person.keyId}`)).status).toBe(204)
  await expectEnded(streams, person.account.id)
})

test('streams of an access token end when its family is ended, from another browser or by the token itself', async () => {
  const person = await server.addAccount('program')
  for (const end of [
    (token: string) => person.call('DELETE', `/api/v1/sessions/${familyOf(token)}`),
    (token: string) => server.call('POST', '/api/v1/auth/revoke', { body: { token } }),
  ]) {
    const { access_token: token } = await signInProgram(server, person)
    const streams = await everyStream(person, { authorization: `Bearer ${token}` })
    expect((await end(token)).status).toBeLessThan(300)
    await expectEnded(streams, person.account.id)
  }
})

test('streams of an account end when its role changes, when it is suspended, and when an administrator ends its credentials', async () => {
  const changes = [{ role: 'guest' }, { status: 'suspended' }, null] as const
  for (const [index, change] of changes.entries()) {
    const person = await server.addAccount(`changed${index}`)
    const streams = [...await everyStream(person, cookieHeaders(person)), ...await everyStream(person, { authorization: `Bearer ${person.key}` })]
    const path = `/api/v1/accounts/${person.account.id}`
    const done = change === null ? await owner.call('POST', `${path}/revoke`, {}) : await owner.call('PATCH', path, change)
    expect(done.status).toBeLessThan(300)
    await expectEnded(streams, person.account.id)
  }
})

test('an auditor that a member became cannot go on asking, by any credential that it held', async () => {
  const person = await server.addAccount('stale')
  const { access_token: token } = await signInProgram(server, person)
  expect((await person.call('POST', '/api/v1/conversations', {})).status).toBe(200)
  expect((await owner.call('PATCH', `/api/v1/accounts/${person.account.id}`, { role: 'auditor' })).status).toBe(200)
  const ask = (headers: SentHeaders) => server.call('POST', '/api/v1/conversations', { body: {}, headers })
  for (const headers of [cookieHeaders(person), { 'x-api-key': person.key }, { authorization: `Bearer ${token}` }]) expect([401, 403]).toContain((await ask(headers)).status)
})

test('a running stream is read by its own account alone: for others its id does not exist, at any door', async () => {
  const [person, stranger] = [await server.addAccount('reader'), await server.addAccount('stranger')]
  const own = await turnOf(person, cookieHeaders(person))
  const turnId = /trn_[0-9a-f]{32}/.exec(own.text())?.[0] ?? ''
  const { access_token: token } = await signInProgram(server, stranger)
  for (const headers of [cookieHeaders(stranger), { 'x-api-key': stranger.key }, { authorization: `Bearer ${token}` }, cookieHeaders(owner)]) {
    const events = await server.call('GET', `/api/v1/turns/${turnId}/events`, { headers: { ...headers, accept: 'text/event-stream' } })
    expect(events).toMatchObject({ status: 404, json: { code: 'not-found' } })
    expect((await server.call('POST', `/api/v1/turns/${turnId}/stop`, { headers })).status).toBe(404)
  }
  expect((await server.call('GET', `/api/v1/turns/${turnId}/events`, { headers: { accept: 'text/event-stream' } })).status).toBe(401)
  const second = await follow(server.begin('GET', `/api/v1/turns/${turnId}/events`, { headers: { 'x-api-key': person.key } }))
  expect(second.text()).toContain(turnId)
  for (const { response } of [own, second]) response.destroy()
})

test('in an emergency everything ends: every stream, session, token and key, but the socket', async () => {
  const [person, other] = [await server.addAccount('last'), await server.addAccount('other')]
  const { access_token: token, refresh_token } = await signInProgram(server, other)
  const streams = [...await everyStream(person, cookieHeaders(person)), ...await everyStream(other, { authorization: `Bearer ${token}` })]
  expect((await owner.call('POST', '/api/v1/revoke-everything', { keys: true })).status).toBe(204)
  await expectEnded(streams, person.account.id)
  for (const headers of [cookieHeaders(person), cookieHeaders(owner), { 'x-api-key': owner.key }, { authorization: `Bearer ${token}` }]) expect((await server.call('GET', '/api/v1/session', { headers })).status).toBe(401)
  expect((await server.call('POST', '/api/v1/auth/token', { body: { grant_type: 'refresh_token', refresh_token }, from: '127.5.0.1' })).status).toBe(400)
  expect(await server.storedRows()).toContain('everything-revoked')
})

import { request } from 'node:http'
import { connect } from 'node:net'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import type { HttpReply } from '../../src/testing/http-client.ts'
import { newId } from '../../src/kernel/ids.ts'
import { openTestServer, PASSWORD, type Person, type TestServer } from '../../src/testing/server.ts'

/** Each refusal says its own reason: one that stood in for another would hide that the first is gone. */
type Asked = readonly [method: string, path: string, body?: unknown]
const Told = z.object({ code: z.string(), detail: z.string().optional() })
const detailOf = ({ json }: HttpReply) => Told.parse(json).detail
const codeOf = ({ json }: HttpReply) => Told.parse(json).code

let server: TestServer
let owner: Person
let administrator: Person
let member: Person
beforeAll(async () => {
  server = await openTestServer()
  owner = await server.setUpOwner()
  administrator = await server.addAccount('administrator', 'administrator')
  member = await server.addAccount('member')
})
afterAll(async () => { await server[Symbol.asyncDispose]() })

/** Ids that might be, and are nobody's. */
const [nobody, noKey, noGroup, noConversation] = [newId('account', 1), newId('key', 1), newId('group', 1), newId('conversation', 1)] as const

describe('what is not there', () => {
  const missing: readonly Asked[] = [
    ['POST', `/api/v1/accounts/${nobody}/revoke`, { keys: false }], ['POST', `/api/v1/accounts/${nobody}/export`], ['POST', '/api/v1/data-keys/rotation', { accountId: nobody }],
    ['PATCH', `/api/v1/groups/${noGroup}`, { name: 'other' }], ['DELETE', `/api/v1/keys/${noKey}`], ['PATCH', `/api/v1/keys/${noKey}`, { name: 'other' }],
    ['PATCH', `/api/v1/service-keys/${noKey}`, { name: 'other' }], ['DELETE', '/api/v1/identity-providers/nowhere'], ['GET', `/api/v1/conversations/${noConversation}`],
  ]
  test.each(missing.map(([method, path, body]) => ({ method, path, body })))('$method $path', async ({ method, path, body }) => {
    const reply = await owner.call(method, path, body)
    expect([reply.status, codeOf(reply)], reply.text).toEqual([404, 'not-found'])
  })
  test.each([['GET', '/api/v1/session/federated/nowhere'], ['POST', '/api/v1/session/federated/nowhere/back-channel-logout']])('%s %s, as nobody', async (method, path) => {
    const reply = await server.call(method, path, method === 'GET' ? {} : { body: { logout_token: 'a.b.c' } })
    expect([reply.status, codeOf(reply)], reply.text).toEqual([404, 'not-found'])
  })
  test('a key of somebody else, for its owner\'s administrators too', async () => {
    for (const person of [owner, administrator]) expect((await person.call('PATCH', `/api/v1/keys/${member.keyId}`, { name: 'mine' })).status).toBe(404)
  })
})

describe('what an administrator may not decide about an owner, or make of anybody', () => {
  test.each([
    ['revoke', (): Asked => ['POST', `/api/v1/accounts/${owner.account.id}/revoke`, { keys: true }], 'Only an owner may do this to this account.'],
    ['export', (): Asked => ['POST', `/api/v1/accounts/${owner.account.id}/export`], 'Nobody exports the account of somebody above them.'],
    ['a service of their own role', (): Asked => ['POST', '/api/v1/service-keys', { name: 'robot', role: 'administrator' }], 'You may not give the role administrator.'],
    ['a group that makes administrators', (): Asked => ['POST', '/api/v1/groups', { name: 'heads', role: 'administrator' }], 'Only an owner may decide about a group that gives the role administrator.'],
  ] as const)('%s', async (_name, ask, words) => {
    const [method, path, body] = ask()
    const reply = await administrator.call(method, path, body)
    expect([reply.status, codeOf(reply)], reply.text).toEqual([403, 'not-allowed'])
    expect(detailOf(reply)).toContain(words)
  })
})

describe('a credential that is none, or is two', () => {
  test.each([
    ['an access token', { authorization: 'Bearer eyJhbGciOiJFZERTQSJ9.e30.AAAA' }, 'The access token is not valid'],
    ['a key', { authorization: 'Bearer sp_not_a_key' }, 'is not valid'],
  ])('%s', async (_name, headers, words) => {
    const reply = await server.call('GET', '/api/v1/account', { headers })
    expect(reply.status, reply.text).toBe(401)
    expect(detailOf(reply)).toContain(words)
  })
  test('a session beside a key, and two keys', async () => {
    const both = await server.call('GET', '/api/v1/account', { headers: { cookie: member.cookie, authorization: `Bearer ${member.key}` } })
    expect([both.status, detailOf(both)]).toEqual([401, expect.stringContaining('carries a session and another credential')])
    const two = await server.call('GET', '/api/v1/account', { headers: { 'authorization': `Bearer ${member.key}`, 'x-api-key': owner.key } })
    expect([two.status, detailOf(two)]).toEqual([401, expect.stringContaining('different keys')])
  })
  test('somebody whose account is suspended while they come in', async () => {
    const gone = await server.addAccount('gone')
    expect((await owner.call('PATCH', `/api/v1/accounts/${gone.account.id}`, { status: 'suspended' })).status).toBe(200)
    await expect(server.sallyport.domains.accounts.standingOf(gone.account.id)).rejects.toMatchObject({ code: 'not-signed-in' })
    await expect(server.sallyport.domains.accounts.get(nobody)).rejects.toMatchObject({ code: 'not-found' })
    expect((await server.call('POST', '/api/v1/session', { body: { email: gone.account.email, password: PASSWORD }, headers: { origin: server.url } })).status).toBe(401)
  })
})

describe('a request that does not say where it goes', () => {
  const raw = (head: string) => new Promise<string>((resolve, reject) => {
    let text = ''
    const socket = connect(server.port, '127.0.0.1', () => { socket.end(head) })
    socket.on('data', (chunk: Buffer) => { text += chunk.toString('utf8') })
    socket.on('error', reject)
    socket.on('close', () => { resolve(text) })
  })
  test('without a Host header', async () => {
    expect(await raw('GET /api/v1/models HTTP/1.1\r\nConnection: close\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 [\s\S]*Send a Host header/)
  })
  test('in the oldest of languages', async () => { expect(await raw('GET /healthz\r\n\r\n')).not.toContain('HTTP/1.1 200') })
  test('with a header twice that may be there once', async () => {
    expect(await raw(`GET /api/v1/models HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nAuthorization: Bearer ${member.key}\r\nAuthorization: Bearer ${owner.key}\r\nConnection: close\r\n\r\n`)).toMatch(/^HTTP\/1\.1 400 [\s\S]*once/)
  })
  test('under a name that is not its own', async () => {
    const status = await new Promise((resolve, reject) => { request({ port: server.port, host: '127.0.0.1', path: '/healthz', headers: { host: 'evil.example' } }, (response) => { response.resume(); resolve(response.statusCode) }).on('error', reject).end() })
    expect(status).toBe(421)
  })
})

describe('signing up', () => {
  const signUp = async (settings: Readonly<Record<string, string>>, email: string) => {
    const open = await openTestServer({ settings })
    await open.setUpOwner()
    const reply = await open.call('POST', '/api/v1/sign-up', { body: { email } })
    await open[Symbol.asyncDispose]()
    return [reply.status, detailOf(reply)]
  }
  let folder: string
  beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'sallyport-mails-')) })
  afterAll(async () => { await rm(folder, { recursive: true, force: true }) })
  const mail = () => ({ MAIL_KIND: 'folder', MAIL_DIRECTORY: folder, MAIL_FROM: 'chat@example.org' })
  const closed = [403, expect.stringContaining('Sign-up is closed')]

  test('is closed until a domain is listed', async () => { expect(await signUp(mail(), 'ann@example.org')).toEqual(closed) })
  test('is closed where no mail is sent', async () => { expect(await signUp({ IDENTITY_SIGN_UP_DOMAINS: 'example.org' }, 'ann@example.org')).toEqual(closed) })
  test('is for the listed domains alone', async () => { expect(await signUp({ ...mail(), IDENTITY_SIGN_UP_DOMAINS: 'example.org' }, 'ann@example.net')).toEqual([403, expect.stringContaining('other e-mail domains')]) })
})

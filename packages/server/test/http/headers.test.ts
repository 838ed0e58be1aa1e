import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CallOptions, Person, TestServer } from '../../src/testing/server.ts'
import { openTestServer } from '../../src/testing/server.ts'
import { sendRaw } from '../../src/testing/http-client.ts'

/** NET-2, in the words of the control and not of the code. */
const everywhere: Readonly<Record<string, string | RegExp>> = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'x-xss-protection': '0',
  'referrer-policy': 'no-referrer',
  'permissions-policy': /microphone=\(self\), camera=\(\), geolocation=\(\)/,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
  'content-security-policy': /^default-src 'none'; .*frame-ancestors 'none'/,
  'cache-control': 'no-store',
  'x-request-id': /^[A-Za-z0-9._-]{8,64}$/,
}
/** What would name the software that answers, or open it to other sites. */
const nowhere = ['server', 'x-powered-by', 'via', 'access-control-allow-origin', 'access-control-allow-credentials']

function expectHeaders(headers: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(everywhere)) expect({ [name]: headers[name] }).toEqual({ [name]: expect.stringMatching(value) })
  for (const name of nowhere) expect(headers).not.toHaveProperty(name)
  expect(headers['content-security-policy']).not.toMatch(/unsafe|\*|http:/)
}

interface Case { readonly name: string; readonly status: number; readonly method: string; readonly path: string; readonly options?: () => CallOptions }

let server: TestServer
let owner: Person
beforeAll(async () => {
  server = await openTestServer()
  owner = await server.setUpOwner()
})
afterAll(async () => { await server[Symbol.asyncDispose]() })

const asOwner = (more: CallOptions['headers'] = {}, body?: unknown) => (): CallOptions => ({ headers: { cookie: owner.cookie, origin: server.url, ...more }, ...(body !== undefined && { body }) })

const cases: readonly Case[] = [
  { name: 'a good answer', status: 200, method: 'GET', path: '/healthz' },
  { name: 'a good answer to its owner', status: 200, method: 'GET', path: '/api/v1/session', options: asOwner() },
  { name: 'HEAD', status: 200, method: 'HEAD', path: '/healthz' },
  { name: 'HEAD of an error', status: 401, method: 'HEAD', path: '/api/v1/session' },
  { name: 'an answer without a body', status: 204, method: 'DELETE', path: '/api/v1/conversations/CONVERSATION', options: asOwner() },
  { name: 'an unknown address', status: 404, method: 'GET', path: '/api/v1/nothing' },
  { name: 'an unknown file', status: 404, method: 'GET', path: '/assets/nothing.js' },
  { name: 'an unknown address of the gateway', status: 404, method: 'POST', path: '/v1/embeddings' },
  { name: 'an unknown method', status: 405, method: 'PUT', path: '/api/v1/conversations' },
  { name: 'an unknown method of the gateway', status: 405, method: 'GET', path: '/v1/chat/completions' },
  { name: 'a pre-flight', status: 405, method: 'OPTIONS', path: '/api/v1/conversations' },
  { name: 'a bad address', status: 400, method: 'GET', path: '/%zz' },
  { name: 'an address with a long part', status: 400, method: 'DELETE', path: `/api/v1/keys/${'k'.repeat(500)}` },
  { name: 'a bad body', status: 400, method: 'POST', path: '/api/v1/session', options: () => ({ body: '{"email"', headers: { 'content-type': 'application/json', origin: server.url } }) },
  { name: 'a body of another kind', status: 415, method: 'POST', path: '/api/v1/session', options: () => ({ body: '<a/>', headers: { 'content-type': 'application/xml', origin: server.url } }) },
  { name: 'text as a body', status: 415, method: 'POST', path: '/api/v1/session', options: () => ({ body: '{"email":"a@b.ch","password":"x"}', headers: { 'content-type': 'text/plain', origin: server.url } }) },
  { name: 'a form as a body', status: 415, method: 'POST', path: '/api/v1/session', options: () => ({ body: 'email=a%40b.ch&password=x', headers: { 'content-type': 'application/x-www-form-urlencoded', origin: server.url } }) },
  { name: 'a body that is too large', status: 413, method: 'POST', path: '/api/v1/session', options: () => ({ body: { email: 'a@b.ch', password: 'x'.repeat(5_000) }, headers: { origin: server.url } }) },
  { name: 'nobody', status: 401, method: 'GET', path: '/api/v1/conversations' },
  { name: 'nobody at the gateway', status: 401, method: 'GET', path: '/v1/models' },
  { name: 'a caller without the right', status: 403, method: 'GET', path: '/api/v1/keys', options: () => ({ headers: { 'x-api-key': owner.key } }) },
  { name: 'another site', status: 403, method: 'POST', path: '/api/v1/conversations', options: asOwner({ origin: 'https://evil.example' }, {}) },
  { name: 'a foreign host', status: 421, method: 'GET', path: '/', options: () => ({ headers: { host: 'evil.example' } }) },
  { name: 'an expectation that nobody knows', status: 200, method: 'GET', path: '/healthz', options: () => ({ headers: { expect: 'a-miracle' } }) },
  { name: 'an upgrade that is not offered', status: 200, method: 'GET', path: '/healthz', options: () => ({ headers: { connection: 'Upgrade', upgrade: 'websocket' } }) },
  { name: 'a range or condition', status: 200, method: 'GET', path: '/healthz', options: () => ({ headers: { range: 'bytes=0-1', 'if-none-match': '*' } }) },
]

describe('every answer carries the headers of NET-2', () => {
  test.each(cases)('$name ($status)', async ({ method, path, status, options }) => {
    server.clock.advance(13_000)
    const at = path.includes('CONVERSATION') ? path.replace('CONVERSATION', await owner.newConversation()) : path
    const reply = await server.call(method, at, options?.())
    expect({ status: reply.status, text: status < 400 ? '' : reply.text }).toEqual({ status, text: status < 400 ? '' : reply.text })
    expectHeaders(reply.headers)
    if (status === 405) expect(reply.headers['allow']).toMatch(/^[A-Z]+(, [A-Z]+)*$/)
    if (status === 401) expect(reply.headers['www-authenticate']).toBe('Bearer realm="sallyport"')
    if (method === 'HEAD') expect(reply.text).toBe('')
    if (status >= 400 && method !== 'HEAD') {
      const body = path.startsWith('/v1/') ? expect.objectContaining({ error: expect.objectContaining({ request_id: reply.headers['x-request-id'] }) }) : expect.objectContaining({ status, instance: `urn:request:${reply.headers['x-request-id'] ?? ''}` })
      expect(reply.json).toEqual(body)
    }
  })

  test('a stream of events', async () => {
    const reply = await server.call('POST', '/v1/chat/completions', { headers: { authorization: `Bearer ${owner.key}` }, body: { model: 'sallyport/library', stream: true, messages: [{ role: 'user', content: 'Hello' }] } })
    expect(reply.headers['content-type']).toBe('text/event-stream; charset=utf-8')
    expectHeaders(reply.headers)
  })

  test.each([
    { name: 'headers that are too large (431)', status: 431, head: `GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n` },
    { name: 'what is no HTTP (400)', status: 400, head: 'HELLO THERE\r\n\r\n' },
    { name: 'a request without a host (400)', status: 400, head: 'GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n' },
  ])('$name', async ({ status, head }) => {
    const { text, closed } = await sendRaw(server.port, [head])
    expect(closed).toBe(true)
    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    const [top = '', body = ''] = text.split('\r\n\r\n')
    expectHeaders(Object.fromEntries(top.split('\r\n').slice(1).map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)])))
    expect(JSON.parse(body)).toMatchObject({ status, code: expect.any(String), instance: expect.stringMatching(/^urn:request:/) })
  })
})

describe('the page', () => {
  test('gets a policy with a fresh nonce and Trusted Types, and no unsafe source', async () => {
    const first = await server.call('GET', '/')
    const second = await server.call('GET', '/some/place')
    for (const { status, headers, text } of [first, second]) {
      expect(status).toBe(200)
      const policy = headers['content-security-policy'] ?? ''
      const nonce = /script-src 'nonce-([A-Za-z0-9+/=]{24})'/.exec(policy)?.[1] ?? ''
      expect(policy).toContain(`require-trusted-types-for 'script'; trusted-types sallyport-scripts`)
      expectHeaders(headers)
      expect(text).toContain(`nonce="${nonce}"`)
      expect(text).not.toContain('SALLYPORT_NONCE')
    }
    expect(first.headers['content-security-policy']).not.toBe(second.headers['content-security-policy'])
  })

  test('its scripts run as workers too, which load and reach nothing', async () => {
    const { text } = await server.call('GET', '/')
    const script = /src="(\/assets\/[^"]+\.js)"/.exec(text)?.[1] ?? ''
    const { headers } = await server.call('GET', script)
    expect(headers['content-security-policy']).toBe(`default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`)
  })

  test('loads nothing from elsewhere, but for the human check of another service where one is chosen, and then of that alone', async () => {
    const own = await server.call('GET', '/')
    expect([own.headers['content-security-policy']?.includes('frame-src'), own.headers['cross-origin-embedder-policy']]).toEqual([false, 'require-corp'])
    await using other = await openTestServer({ settings: { HUMAN_CHECK_KIND: 'turnstile', HUMAN_CHECK_SITE_KEY: '1x00', TEST_SECRET: 'the secret key of a site', HUMAN_CHECK_CREDENTIAL: 'env:SALLYPORT_TEST_SECRET' } })
    const widened = await other.call('GET', '/')
    const nonce = /'nonce-([^']+)'/.exec(widened.headers['content-security-policy'] ?? '')?.[1] ?? ''
    const before = (own.headers['content-security-policy'] ?? '').replace(/'nonce-[^']+'/g, `'nonce-${nonce}'`)
    // Scripts need no address: one that the page starts itself is trusted (`strict-dynamic`).
    expect(widened.headers['content-security-policy']).toBe(before.replace(`worker-src 'self';`, `worker-src 'self'; frame-src https://challenges.cloudflare.com;`))
    expect(widened.headers['cross-origin-embedder-policy']).toBe('unsafe-none')
    expect((await other.call('GET', '/api/v1/setup')).headers['cross-origin-embedder-policy']).toBe('require-corp')
  })
})

describe('a correlation id', () => {
  test.each(['abcdefgh', 'req_0123456789.A-Z'])('%s of the caller\'s is taken over', async (id) => {
    expect((await server.call('GET', '/healthz', { headers: { 'x-request-id': id } })).headers['x-request-id']).toBe(id)
  })
  test.each(['short', 'x'.repeat(65), 'has space', '<script>', 'a\tb-c-d-e-f'])('%j is replaced', async (id) => {
    expect((await server.call('GET', '/healthz', { headers: { 'x-request-id': id } })).headers['x-request-id']).not.toBe(id)
  })
})

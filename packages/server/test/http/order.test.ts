import Fastify from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { refuseUnlistedRoutes } from '../../src/edge/route.ts'
import { openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'

let server: TestServer
let owner: Person
beforeAll(async () => {
  server = await openTestServer({ settings: { LIMITS_REQUESTS_PER_MINUTE: '60' } })
  owner = await server.setUpOwner()
})
afterAll(async () => { await server[Symbol.asyncDispose]() })

const BUSY = '127.0.0.77'

describe('the edge takes its steps in one order', () => {
  test('each step answers before all that come after it', async () => {
    const guest = await server.addAccount('auditor', 'auditor')
    server.clock.stop()
    for (let call = 0; call < 60; call += 1) await server.call('GET', '/api/v1/setup', { from: BUSY, headers: { 'x-api-key': 'slp_other' } })
    /** A request with everything wrong; each row mends what the row before was refused for. */
    const wrong = { host: 'evil.example', 'x-api-key': 'slp_wrong', origin: 'https://evil.example', 'content-type': 'application/xml' }
    const mends: readonly { readonly from?: string; readonly headers: Readonly<Record<string, string | undefined>>; readonly body?: unknown; readonly path?: string }[] = [
      { headers: {}, from: BUSY },
      { headers: { host: undefined }, from: BUSY },
      { headers: {} },
      { headers: { 'x-api-key': undefined, cookie: guest.cookie } },
      { headers: { origin: server.url } },
      { headers: { cookie: owner.cookie } },
      { headers: { 'content-type': 'application/json' } },
      { headers: {}, body: '{"title":""}' },
      { headers: {}, body: '{"title":"Bees"}', path: `/api/v1/conversations/con_${'0'.repeat(32)}` },
    ]
    let headers: Readonly<Record<string, string | undefined>> = wrong
    const codes: string[] = []
    for (const { from = '127.0.0.78', headers: mended, body = '{"title"', path = `/api/v1/conversations/con_no` } of mends) {
      headers = { ...headers, ...mended }
      const reply = await server.call('PATCH', path, { body, from, headers })
      const { status, code, detail } = reply.json as { status: number; code: string; detail?: string }
      codes.push(`${status} ${code}: ${detail ?? ''}`)
    }
    expect(codes).toMatchInlineSnapshot(`
      [
        "421 wrong-host: Open the address that the server printed at start, or add this name to http.hosts.",
        "429 too-many-requests: An address may make 60 requests a minute. Wait 61 seconds, then try again.",
        "401 not-signed-in: The API key is not valid. Check it, or make a new one.",
        "403 cross-site: Open Sallyport itself and do it there. Programs use an API key.",
        "403 not-allowed: Ask an administrator for the right to do this.",
        "415 unsupported-media-type: Send the body as application/json.",
        "400 invalid-request: The body is not valid JSON.",
        "400 invalid-request: title: Write something here.",
        "404 not-found: It does not exist, or it is not yours. Check the address and the id.",
      ]
    `)
  })

  test('the rate of an operation counts only those who may call it', async () => {
    server.clock.stop()
    const member = await server.addAccount('member')
    for (let call = 0; call < 6; call += 1) expect((await server.call('DELETE', `/api/v1/conversations/con_${'0'.repeat(32)}`, { from: `127.0.1.${call + 1}` })).status).toBe(401)
    const statuses: number[] = []
    for (let call = 0; call < 6; call += 1) statuses.push((await member.call('DELETE', `/api/v1/conversations/con_${'0'.repeat(32)}`)).status)
    expect(statuses).toEqual([404, 404, 404, 404, 404, 429])
  })
})

describe('a route without an operation stops the start', () => {
  test.each([
    { name: 'without an id', config: {} },
    { name: 'with an id of no operation', config: { operationId: 'getEverything' } },
  ])('$name', ({ config }) => {
    const app = Fastify()
    refuseUnlistedRoutes(app)
    expect(() => app.route({ method: 'GET', url: '/debug', config: config as never, handler: () => 'all' })).toThrow(/GET \/debug has no operation/)
  })

  test('the same route with its operation is taken', () => {
    const app = Fastify()
    refuseUnlistedRoutes(app)
    expect(() => app.route({ method: 'GET', url: '/healthz', config: { operationId: 'getHealth' }, handler: () => 'ok' })).not.toThrow()
  })

  test('an app that is ready takes no further route', () => {
    expect(() => server.sallyport.apps.public.get('/debug', () => 'all')).toThrow()
  })
})

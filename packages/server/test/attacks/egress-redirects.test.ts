import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/kernel/clock.ts'
import { createEgress, type Egress } from '../../src/kernel/egress.ts'
import { defaultEgressRules } from '../../src/policy/egress.ts'
import { EgressFailure } from '../../src/ports/egress.ts'
import { makeCertificate } from '../../src/testing/certificate.ts'
import { watchConnects, type ConnectWatch } from '../../src/testing/watch-connects.ts'

// Abuse case 3: an address that is allowed, and sends on to one that is not.

interface Seen { readonly server: string; readonly method: string; readonly path: string; readonly headers: IncomingHttpHeaders }
const STATUSES = [301, 302, 303, 307, 308]
const seen: Seen[] = []
const servers: Server[] = []
let egress: Egress
let watch: ConnectWatch
let first: URL
let second: URL
let unlisted: URL
let overTls: URL

async function listen(name: string, listener: RequestListener, tls?: { readonly certificate: string; readonly privateKey: string }): Promise<URL> {
  const record: RequestListener = (request, response) => { seen.push({ server: name, method: request.method ?? '', path: request.url ?? '', headers: request.headers }); listener(request, response) }
  const server = tls === undefined ? createServer(record) : createTlsServer({ cert: tls.certificate, key: tls.privateKey }, record)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  servers.push(server)
  return new URL(`${tls === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}/`)
}

/** `/to/307/URL` sends there; anything else is an answer. */
const sendOn: RequestListener = (request, response) => {
  const [, status, location] = /^\/to\/(\d+)\/(.*)$/.exec(request.url ?? '') ?? []
  if (status === undefined) return void response.end('arrived')
  const to = decodeURIComponent(location ?? '')
  response.writeHead(Number(status), to === '' ? {} : { location: to }).end('moved')
}

beforeEach(async () => {
  seen.length = 0
  const own = makeCertificate()
  first = await listen('first', sendOn)
  second = await listen('second', sendOn)
  unlisted = await listen('unlisted', sendOn)
  overTls = await listen('overTls', sendOn, own)
  egress = createEgress({ clock: systemClock, rules: defaultEgressRules, additionalAuthorities: [own.certificate] })
  for (const url of [first, second, overTls]) egress.list(url.href, { origin: url, allowPrivateAddress: true })
  watch = watchConnects((address) => address === '127.0.0.1')
})
afterEach(async () => {
  watch.stop()
  await egress.close()
  for (const server of servers.splice(0)) { server.closeAllConnections(); server.close(); await once(server, 'close') }
})

const HEADERS = { authorization: 'Bearer key', 'x-api-key': 'key', 'x-goog-api-key': 'key', cookie: 'a=1', 'x-request-id': 'r', accept: '*/*' }
const redirect = (status: number, to: string, from = first) => new URL(`/to/${status}/${encodeURIComponent(to)}`, from)
const ask = async (url: URL, method: 'GET' | 'POST' = 'GET') => {
  try {
    const response = await egress.fetchConfigured({ url, method, headers: HEADERS, ...(method === 'POST' && { body: '{}' }), signal: new AbortController().signal })
    for await (const chunk of response.body) void chunk
    return response.status
  } catch (error) { return error instanceof EgressFailure ? error.kind : error }
}
const portOf = (url: URL) => `127.0.0.1:${url.port}`

describe.each(STATUSES)('a %d', (status) => {
  test('to a host that is not listed is refused, and the host is not reached', async () => {
    expect(await ask(redirect(status, unlisted.href))).toBe('refused-address')
    expect(watch.attempts).toEqual([portOf(first)])
    expect(seen.map(({ server }) => server)).toEqual(['first'])
  })

  test.each(['http://169.254.169.254/latest/', 'http://[::ffff:a9fe:a9fe]/', 'http://10.0.0.1/', 'http://localhost:1/', '//8.8.8.8/', 'file:///etc/passwd', 'data:text/plain,x', 'ftp://host/', 'javascript:1', 'http://user:pass@127.0.0.1:1/', 'http://', ''])('to %j is refused', async (to) => {
    expect(await ask(redirect(status, to))).toBe('refused-address')
    expect(watch.attempts).toEqual([portOf(first)])
  })

  test('after a POST is refused: neither body nor credential goes anywhere else', async () => {
    expect(await ask(redirect(status, second.href), 'POST')).toBe('refused-address')
    expect(await ask(redirect(status, '/here'), 'POST')).toBe('refused-address')
    expect(seen.map(({ server }) => server)).toEqual(['first', 'first'])
  })

  test('to another listed origin is followed without any credential', async () => {
    expect(await ask(redirect(status, new URL('/there', second).href))).toBe(200)
    expect(seen[1]).toMatchObject({ server: 'second', method: 'GET', path: '/there' })
    const { host: _host, connection: _connection, ...rest } = seen[1]?.headers ?? {}
    expect(rest).toEqual({ 'user-agent': 'Sallyport', 'accept-encoding': 'identity', accept: '*/*', 'x-request-id': 'r' })
  })

  test('inside the same origin keeps the credential', async () => {
    expect(await ask(redirect(status, '/there'))).toBe(200)
    expect(seen[1]).toMatchObject({ server: 'first', path: '/there', headers: { authorization: 'Bearer key' } })
  })

  test('that leads there and back does not bring the credential back', async () => {
    const back = new URL('/back', first).href
    expect(await ask(redirect(status, redirect(status, back, second).href))).toBe(200)
    expect(seen.map(({ server, headers }) => [server, headers.authorization])).toEqual([['first', 'Bearer key'], ['second', undefined], ['first', undefined]])
  })

  test('from TLS to plain text is refused', async () => {
    expect(await ask(redirect(status, first.href, overTls))).toBe('refused-address')
    expect(seen.map(({ server }) => server)).toEqual(['overTls'])
    expect(await ask(redirect(status, overTls.href, first))).toBe(200)
  })
})

test('three hops are followed, four are not, and a circle ends', async () => {
  const hops = (count: number): URL => (count === 0 ? new URL('/end', first) : redirect(302, hops(count - 1).pathname))
  expect(await ask(hops(3))).toBe(200)
  expect(await ask(hops(4))).toBe('refused-address')
  const circle = await listen('circle', (_, response) => { response.writeHead(302, { location: '/' }).end() })
  egress.list('circle', { origin: circle, allowPrivateAddress: true })
  expect(await ask(circle)).toBe('refused-address')
  expect(seen.filter(({ server }) => server === 'circle')).toHaveLength(4)
})

test('the total time spans every hop', async () => {
  await egress.close()
  const slow = await listen('slow', (_, response) => { setTimeout(() => response.writeHead(302, { location: '/' }).end(), 150) })
  egress = createEgress({ clock: systemClock, rules: { ...defaultEgressRules, totalSeconds: 0.35, redirects: { methods: ['GET'], max: 100 } } })
  egress.list('slow', { origin: slow, allowPrivateAddress: true })
  expect(await ask(slow)).toBe('timeout')
  expect(seen.length).toBeLessThanOrEqual(3)
})

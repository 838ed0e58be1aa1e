import { once } from 'node:events'
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { defaultEgressRules, egressLimits } from '../policy/egress.ts'
import { EgressFailure, type EgressResponse } from '../ports/egress.ts'
import { makeCertificate } from '../testing/certificate.ts'
import { systemClock } from './clock.ts'
import { createEgress, type Egress, type EgressOptions, type EgressRules } from './egress.ts'

const closers: (() => Promise<unknown>)[] = []
afterEach(async () => { for (const close of closers.splice(0).reverse()) await close() })

async function listen(listener: RequestListener, tls?: { readonly certificate: string; readonly privateKey: string }) {
  const server: Server = tls === undefined ? createHttpServer(listener) : createTlsServer({ cert: tls.certificate, key: tls.privateKey }, listener)
  let connections = 0
  server.on('connection', () => { connections += 1 })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closers.push(async () => { server.closeAllConnections(); if (server.listening) { server.close(); await once(server, 'close') } })
  return { url: new URL(`${tls === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}/`), connections: () => connections, server }
}

function egressTo(origin: URL, rules: Partial<EgressRules> = {}, options: Partial<EgressOptions> = {}): Egress {
  const egress = createEgress({ clock: systemClock, rules: { ...defaultEgressRules, ...rules }, ...options })
  closers.push(() => egress.close())
  egress.list('holder', { origin, allowPrivateAddress: true })
  return egress
}
const get = (egress: Egress, url: URL, signal = new AbortController().signal) => egress.fetchConfigured({ url, method: 'GET', headers: {}, signal })
const textOf = async ({ body }: EgressResponse) => {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
const kindOf = (promise: Promise<unknown>) => promise.then(() => 'no failure', (error: unknown) => (error instanceof EgressFailure ? error.kind : error))

describe('an answer', () => {
  test('comes with its status, its headers in lower case, and its body', async () => {
    const { url } = await listen((request, response) => { response.writeHead(418, { 'X-Tea': 'yes', 'Set-Cookie': ['a=1', 'b=2'] }).end(`${request.method} ${request.url} ${request.headers['user-agent']}`) })
    const response = await get(egressTo(url), new URL('/pot?full=1', url))
    expect(response).toMatchObject({ status: 418, headers: { 'x-tea': 'yes', 'set-cookie': 'a=1, b=2' } })
    expect(await textOf(response)).toBe('GET /pot?full=1 Sallyport')
  })

  test('is read while it is written', async () => {
    const { url } = await listen((_, response) => { response.write('one'); setTimeout(() => response.end('two'), 50) })
    const { body } = await get(egressTo(url), url)
    expect(Buffer.from((await body.next()).value as Uint8Array).toString()).toBe('one')
    expect(Buffer.from((await body.next()).value as Uint8Array).toString()).toBe('two')
    expect((await body.next()).done).toBe(true)
  })

  test('that breaks off gives what came, and then fails', async () => {
    const { url } = await listen((_, response) => { response.writeHead(200, { 'content-length': '100' }); response.write('half'); setTimeout(() => response.socket?.resetAndDestroy(), 30) })
    const { body } = await get(egressTo(url), url)
    expect(Buffer.from((await body.next()).value as Uint8Array).toString()).toBe('half')
    expect(await kindOf(body.next())).toBe('unreachable')
  })
})

describe('limits', () => {
  test('every default lies in its range', () => {
    for (const { default: value, min, max } of Object.values(egressLimits)) expect(value >= min && value <= max).toBe(true)
  })

  test('an answer over the limit is cut, whether it says its length or not', async () => {
    const { url } = await listen((request, response) => {
      if (request.url === '/said') response.writeHead(200, { 'content-length': '70000' })
      response.write('x'.repeat(35_000))
      response.end('x'.repeat(35_000))
    })
    const egress = egressTo(url, { responseBytes: 65_536 })
    expect(await kindOf(get(egress, new URL('/said', url)))).toBe('too-large')
    const response = await get(egress, url)
    expect(await kindOf(textOf(response))).toBe('too-large')
    expect(await textOf(await get(egressTo(url, { responseBytes: 70_000 }), url))).toHaveLength(70_000)
  })

  test('headers over the limit are refused', async () => {
    const { url } = await listen((_, response) => { response.writeHead(200, { 'x-long': 'x'.repeat(40_000) }).end() })
    expect(await kindOf(get(egressTo(url), url))).toBe('too-large')
  })

  test.each([
    ['the first byte', { firstByteSeconds: 0.2 }, () => {}],
    ['the next byte', { idleSeconds: 0.2 }, (response: { write: (text: string) => void }) => response.write('one')],
    ['everything', { totalSeconds: 0.2 }, (response: { write: (text: string) => void }) => { response.write('one') }],
  ] as const)('waiting for %s ends', async (_, rules, answer) => {
    const { url } = await listen((_, response) => { answer(response) })
    expect(await kindOf(get(egressTo(url, rules), url).then(textOf))).toBe('timeout')
  })

  test('waiting for a connection ends, also while the name server is silent', async () => {
    const url = new URL('https://silent.example/')
    const egress = egressTo(url, { connectSeconds: 0.2 }, { resolveName: () => new Promise(() => {}) })
    expect(await kindOf(get(egress, url))).toBe('timeout')
  })

  test('a name without an address, and a port where nobody listens, are unreachable', async () => {
    const { url, server } = await listen(() => {})
    server.close()
    const name = new URL('https://gone.example/')
    expect(await kindOf(get(egressTo(name, {}, { resolveName: () => Promise.resolve([]) }), name))).toBe('unreachable')
    expect(await kindOf(get(egressTo(name, {}, { resolveName: () => Promise.reject(new Error('ENOTFOUND')) }), name))).toBe('unreachable')
    expect(await kindOf(get(egressTo(url), url))).toBe('unreachable')
  })

  test('a slow answer that keeps coming is not idle, and ends at the total', async () => {
    const { url } = await listen((_, response) => { const timer = setInterval(() => response.write('.'), 20); response.on('close', () => clearInterval(timer)) })
    const egress = egressTo(url, { idleSeconds: 0.2, totalSeconds: 1.5 })
    let text = ''
    const read = async () => { for await (const chunk of (await get(egress, url)).body) text += Buffer.from(chunk).toString() }
    expect(await kindOf(read())).toBe('timeout')
    expect(text.length).toBeGreaterThan(20)
  })

  test('no more connections are opened than the limit, and the calls beyond it wait', async () => {
    const { url, connections } = await listen((_, response) => { setTimeout(() => response.end('ok'), 20) })
    const egress = egressTo(url, { connectionsPerOrigin: 2 })
    expect(await Promise.all(Array.from({ length: 8 }, async () => textOf(await get(egress, url))))).toEqual(Array.from({ length: 8 }, () => 'ok'))
    expect(connections()).toBe(2)
  })
})

describe('a reader', () => {
  test('who is slow slows the sender', async () => {
    let written = 0
    const { url } = await listen((_, response) => {
      const write = () => {
        while (written < 200_000_000) {
          written += 65_536
          if (!response.write(Buffer.alloc(65_536))) { response.once('drain', write); return }
        }
        response.end()
      }
      write()
    })
    const { body } = await get(egressTo(url, { responseBytes: 300_000_000, idleSeconds: 600 }), url)
    await body.next()
    await vi.waitFor(async () => { const before = written; await new Promise((resolve) => { setTimeout(resolve, 100) }); expect(written).toBe(before) }, { timeout: 5_000 })
    // What lies between is the sockets' and our own buffers, a few megabytes of two hundred.
    expect(written).toBeLessThan(40_000_000)
    let received = 0
    for await (const chunk of body) received += chunk.byteLength
    expect(received).toBeGreaterThan(100_000_000)
  })

  test('who leaves when the end is near leaves the connection for the next', async () => {
    const { url, connections } = await listen((_, response) => { response.write('one'); setTimeout(() => response.end('two'), 20) })
    const egress = egressTo(url, { connectionsPerOrigin: 1 })
    for (let turn = 0; turn < 3; turn += 1) {
      const { body } = await get(egress, url)
      await body.next()
      await body.return()
      expect((await body.next()).done).toBe(true)
    }
    expect(connections()).toBe(1)
  })

  test('who leaves a long answer closes its connection', async () => {
    let open = 0
    const { url } = await listen((_, response) => { open += 1; response.write('one'); response.on('close', () => { open -= 1 }) })
    const egress = egressTo(url)
    for await (const chunk of (await get(egress, url)).body) if (chunk.byteLength > 0) break
    const { body } = await get(egress, url)
    await body.next()
    await body.throw()
    await vi.waitFor(() => expect(open).toBe(0), { timeout: 5_000 })
  })

  test('who aborts gets the reason as the cause, waiting, reading or not yet connected', async () => {
    const { url } = await listen((request, response) => { if (request.url === '/reading') response.write('one') })
    const egress = egressTo(url, { connectionsPerOrigin: 1 })
    const reason = new Error('stop')
    const abort = new AbortController()
    const reading = await get(egress, new URL('/reading', url), abort.signal)
    await reading.body.next()
    const outcomes = [reading.body.next(), get(egress, url, abort.signal)].map((promise) => promise.catch((error: unknown) => error))
    abort.abort(reason)
    expect(await Promise.all(outcomes)).toMatchObject([{ kind: 'aborted', cause: reason }, { kind: 'aborted', cause: reason }])
    expect(await get(egress, url, abort.signal).catch((error: unknown) => error)).toMatchObject({ kind: 'aborted', cause: reason })
  })
})

describe('certificates', () => {
  const own = makeCertificate()
  const answer: RequestListener = (_, response) => { response.end('over TLS') }

  test('an unknown authority is refused, and taken once it is added', async () => {
    const { url } = await listen(answer, own)
    expect(await kindOf(get(egressTo(url), url))).toBe('unreachable')
    expect(await textOf(await get(egressTo(url, {}, { additionalAuthorities: [own.certificate] }), url))).toBe('over TLS')
  })

  test('a certificate for another host is refused', async () => {
    const other = makeCertificate('vendor.example')
    const { url } = await listen(answer, other)
    expect(await kindOf(get(egressTo(url, {}, { additionalAuthorities: [other.certificate] }), url))).toBe('unreachable')
  })

  test('the environment cannot turn verification off', async () => {
    const { url } = await listen(answer, own)
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
    try { expect(await kindOf(get(egressTo(url), url))).toBe('unreachable') }
    finally { vi.unstubAllEnvs() }
  })
})

describe('listing', () => {
  test('a holder lists one origin, and what two hold stays until both let go', async () => {
    const { url } = await listen((_, response) => { response.end('ok') })
    const elsewhere = new URL('http://127.0.0.1:9/')
    const egress = egressTo(url)
    egress.list('other', { origin: url, allowPrivateAddress: true })
    egress.list('holder', { origin: elsewhere, allowPrivateAddress: true })
    expect(await textOf(await get(egress, url))).toBe('ok')
    egress.unlist('other')
    expect(await kindOf(get(egress, url))).toBe('refused-address')
    egress.unlist('never listed')
  })

  test('a private address is reached by whom it is allowed alone, and by a call of nobody in particular where all allow it', async () => {
    const { url } = await listen((_, response) => { response.end('ok') })
    const egress = egressTo(url)
    const getAs = (holder: string) => egress.fetchFor(holder)({ url, method: 'GET', headers: {}, signal: new AbortController().signal })
    egress.list('careful', { origin: url, allowPrivateAddress: false })
    expect(await textOf(await getAs('holder'))).toBe('ok')
    for (const refused of [getAs('careful'), getAs('never listed'), get(egress, url)]) expect(await kindOf(refused)).toBe('refused-address')
    egress.unlist('careful')
    expect(await textOf(await get(egress, url))).toBe('ok')
    egress.list('holder', { origin: url, allowPrivateAddress: false })
    expect(await kindOf(getAs('holder'))).toBe('refused-address')
  })

  test('unlisting lets a running answer end', async () => {
    const { url } = await listen((_, response) => { response.write('one '); setTimeout(() => response.end('two'), 50) })
    const egress = egressTo(url)
    const response = await get(egress, url)
    egress.unlist('holder')
    expect(await textOf(response)).toBe('one two')
  })

  test('closing ends what runs, and refuses what comes', async () => {
    const { url } = await listen((_, response) => { response.write('one') })
    const egress = egressTo(url)
    const { body } = await get(egress, url)
    await body.next()
    await egress.close()
    expect(await kindOf(body.next())).toBe('unreachable')
    expect(await kindOf(get(egress, url))).toBe('refused-address')
    expect(() => egress.list('late', { origin: url, allowPrivateAddress: true })).toThrow(EgressFailure)
  })

  test.each(['ftp://host/', 'file:///etc/passwd', 'data:text/plain,x', 'http://user@host/', 'http://user:pass@host/'])('%s is no web origin', (text) => {
    const egress = createEgress({ clock: systemClock, rules: defaultEgressRules })
    expect(() => egress.list('holder', { origin: new URL(text), allowPrivateAddress: true })).toThrow(EgressFailure)
  })
})

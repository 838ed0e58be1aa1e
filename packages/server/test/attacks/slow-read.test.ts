// A client asks for much and takes nothing of it, so that its connection, its answer and its turn are held for ever.
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'
import type { VendorServer } from '../../src/testing/vendor-server.ts'

const SECONDS = 5
let server: TestServer
let owner: Person
let vendor: VendorServer
const sockets: Socket[] = []
beforeAll(async () => {
  server = await openTestServer({ settings: { HTTP_SLOW_READ_SECONDS: String(SECONDS) } })
  owner = await server.setUpOwner()
  // Six bytes of JSON for each character: within an answer's bound, and more than the system holds for a client that does not read.
  const text = Array.from({ length: 900 }, () => `${'\u0001'.repeat(999)} `)
  vendor = await server.addVendor(owner, 'openai', { script: { text }, day: ({ question }) => (question.includes('for ever') ? 'endless' : null) })
})
afterAll(async () => {
  for (const socket of sockets) socket.destroy()
  await server[Symbol.asyncDispose]()
})

function ask(question: string, stream: boolean): Socket {
  const socket = connect({ host: '127.0.0.1', port: server.port }).on('error', () => undefined)
  sockets.push(socket)
  const body = JSON.stringify({ model: 'openai/model-a', stream, messages: [{ role: 'user', content: question }] })
  socket.write(`POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nAuthorization: Bearer ${owner.key}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
  return socket
}

/** Connections as the server has them: a client that reads nothing does not learn that its own is gone. */
const openAtServer = () => new Promise<number>((resolve, reject) => {
  server.sallyport.apps.public.server.getConnections((error, count) => { if (error === null) resolve(count); else reject(error) })
})

test('a client that takes nothing of its stream is ended, and its turn stops at the provider; one that reads slowly beside it gets everything', async () => {
  const left = vendor.left()
  const began = performance.now()
  ask('Go on for ever.', true).pause()
  const slow = ask('Go on.', true)
  let [end, taken] = ['', 0]
  slow.setEncoding('latin1').on('data', (chunk: string) => {
    const before = Math.floor(taken / 600_000)
    taken += chunk.length
    end = (end + chunk).slice(-1_000)
    if (Math.floor(taken / 600_000) === before) return
    slow.pause()
    setTimeout(() => { slow.resume() }, 1_000)
  })
  await vi.waitFor(() => { expect(vendor.left()).toBe(left + 1) }, { timeout: 20_000, interval: 50 })
  expect(performance.now() - began).toBeGreaterThan(SECONDS * 1_000)
  await vi.waitFor(() => { expect(end).toContain('data: [DONE]') }, { timeout: 40_000, interval: 50 })
  expect(performance.now() - began).toBeGreaterThan(SECONDS * 1_500)
  expect([vendor.left(), vendor.open().answers]).toEqual([left + 1, 0])
  slow.destroy()
}, 70_000)

test('clients that take nothing of a whole answer are ended, and others are served meanwhile', async () => {
  await vi.waitFor(async () => { expect(await openAtServer()).toBe(0) }, { timeout: 10_000, interval: 100 })
  const asked = vendor.requests.length
  for (let client = 0; client < 5; client += 1) ask('Go on.', false).pause()
  await vi.waitFor(() => { expect([vendor.requests.length, vendor.open().answers]).toEqual([asked + 5, 0]) }, { timeout: 20_000, interval: 50 })
  for (let call = 0; call < 20; call += 1) expect((await server.call('GET', '/healthz')).status).toBe(200)
  expect(await openAtServer()).toBeGreaterThanOrEqual(5)
  await vi.waitFor(async () => { expect(await openAtServer()).toBe(0) }, { timeout: 20_000, interval: 100 })
}, 50_000)

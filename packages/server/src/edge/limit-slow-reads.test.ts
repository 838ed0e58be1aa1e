import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, expect, test, vi } from 'vitest'
import { limitSlowReads } from './limit-slow-reads.ts'

const SECONDS = 2
const BYTES = 24_000_000
const cleanUps: (() => void)[] = []
afterEach(() => { for (const cleanUp of cleanUps.splice(0)) cleanUp() })

async function ask(respond: (response: ServerResponse) => void): Promise<Socket> {
  const server = createServer((_, response) => { respond(response) })
  limitSlowReads(server, SECONDS)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => undefined)
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  cleanUps.push(() => { socket.destroy(); server.close(); server.closeAllConnections() })
  return socket
}

test('a client that takes nothing of a whole answer is ended, whatever it sends meanwhile', async () => {
  let closed = 0
  const socket = await ask((response) => { response.once('close', () => { closed += 1 }).end(Buffer.alloc(BYTES)) })
  socket.pause()
  const timer = setInterval(() => { if (socket.writable) socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n') }, 300)
  cleanUps.push(() => { clearInterval(timer) })
  await wait(SECONDS * 1_000 - 500)
  expect(closed).toBe(0)
  await vi.waitFor(() => { expect(closed).toBeGreaterThan(0) }, { timeout: 5_000, interval: 50 })
}, 15_000)

test('a client that takes a part of one large piece from time to time gets all of it, over more than the time', async () => {
  const began = performance.now()
  const socket = await ask((response) => { response.end(Buffer.alloc(BYTES)) })
  let taken = 0
  socket.on('data', (chunk: Buffer) => {
    const before = Math.floor(taken / 4_000_000)
    taken += chunk.byteLength
    if (Math.floor(taken / 4_000_000) === before) return
    socket.pause()
    setTimeout(() => { socket.resume() }, 1_000)
  })
  await vi.waitFor(() => { expect(taken).toBeGreaterThan(BYTES) }, { timeout: 20_000, interval: 50 })
  expect(performance.now() - began).toBeGreaterThan(SECONDS * 2_000)
}, 30_000)

test('a stream on which nothing waits is left alone, and so is a reader of whom nothing waits', async () => {
  let response: ServerResponse | undefined
  const socket = await ask((given) => { response = given; given.write('first') })
  let text = ''
  socket.on('data', (chunk: Buffer) => { text += chunk.toString('latin1') })
  await wait(SECONDS * 1_000 + 2_500)
  response?.end('last')
  await vi.waitFor(() => { expect(text).toContain('last') })
}, 15_000)

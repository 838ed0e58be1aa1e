import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { openTestServer, type TestServer } from '../../src/testing/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await openTestServer()
  // The limits are seconds; here they are as short as the server looks for them.
  Object.assign(server.sallyport.apps.public.server, { headersTimeout: 400, requestTimeout: 800 })
})
afterAll(async () => { await server[Symbol.asyncDispose]() })

interface Slow { readonly socket: Socket; text: string; closed: boolean }
function drip(head: string, tail: string): Slow {
  const socket = connect({ host: '127.0.0.1', port: server.port })
  const slow: Slow = { socket, text: '', closed: false }
  socket.on('data', (chunk: Buffer) => { slow.text += chunk.toString('latin1') })
  socket.on('error', () => undefined)
  socket.write(head.replaceAll('PORT', String(server.port)))
  const timer = setInterval(() => { if (!socket.destroyed) socket.write(tail) }, 50)
  socket.on('close', () => { slow.closed = true; clearInterval(timer) })
  return slow
}

test('connections that drip their headers or bodies are ended, and others are served meanwhile', async () => {
  const headers = Array.from({ length: 30 }, () => drip('GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n', 'X-A: b\r\n'))
  const bodies = Array.from({ length: 30 }, () => drip('POST /api/v1/session HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nContent-Type: application/json\r\nContent-Length: 4000\r\n\r\n{"email":"', 'x'))
  const silent = Array.from({ length: 20 }, () => drip('', ''))
  for (let call = 0; call < 20; call += 1) expect((await server.call('GET', '/healthz')).status).toBe(200)
  await vi.waitFor(() => {
    expect(headers.filter(({ closed }) => !closed)).toHaveLength(0)
    expect(bodies.filter(({ closed }) => !closed)).toHaveLength(0)
  }, { timeout: 8_000, interval: 100 })
  for (const { text } of headers) expect(text).toMatch(/^HTTP\/1\.1 408 /)
  expect((await server.call('GET', '/healthz')).status).toBe(200)
  for (const { socket } of [...headers, ...bodies, ...silent]) socket.destroy()
}, 30_000)

test('the limits that hold are seconds, not minutes', async () => {
  const fresh = await openTestServer()
  const { headersTimeout, requestTimeout, keepAliveTimeout } = fresh.sallyport.apps.public.server
  expect({ headersTimeout, requestTimeout, keepAliveTimeout }).toEqual({ headersTimeout: 10_000, requestTimeout: 60_000, keepAliveTimeout: 5_000 })
  await fresh[Symbol.asyncDispose]()
})

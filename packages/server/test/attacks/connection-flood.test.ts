// One client opens connections and sends nothing, until nobody else gets one.
import { connect, type Socket } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { openTestServer, type TestServer } from '../../src/testing/server.ts'

let server: TestServer | undefined
const sockets: Socket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await server?.[Symbol.asyncDispose]()
  server = undefined
})

const FLOODER = '127.0.0.9'
const MOST = 16
function hold(at: TestServer, count: number): readonly Socket[] {
  const held = Array.from({ length: count }, () => connect({ host: '127.0.0.1', port: at.port, localAddress: FLOODER }).on('error', () => undefined))
  sockets.push(...held)
  return held
}
const openOf = (held: readonly Socket[]) => held.filter((socket) => socket.readyState === 'open').length

test('an address has so many connections and no more; others are served, and what it lets go of it may open again', async () => {
  const at = server = await openTestServer({ settings: { HTTP_CONNECTIONS_PER_ADDRESS: String(MOST) } })
  const held = hold(at, MOST * 3)
  await vi.waitFor(() => { expect([openOf(held), held.filter(({ destroyed }) => destroyed).length]).toEqual([MOST, MOST * 2]) }, { timeout: 10_000, interval: 20 })
  await expect(at.call('GET', '/healthz', { from: FLOODER })).rejects.toThrow()
  expect((await at.call('GET', '/healthz', { from: '127.0.0.10' })).status).toBe(200)
  for (const socket of held) socket.destroy()
  await vi.waitFor(async () => { expect((await at.call('GET', '/healthz', { from: FLOODER })).status).toBe(200) }, { timeout: 10_000, interval: 20 })
})

test('a listed proxy brings many, and is not taken for one', async () => {
  const at = server = await openTestServer({ settings: { HTTP_CONNECTIONS_PER_ADDRESS: String(MOST), HTTP_PROXIES: FLOODER } })
  const held = hold(at, MOST * 2)
  await vi.waitFor(() => { expect(openOf(held)).toBe(MOST * 2) }, { timeout: 10_000, interval: 20 })
  expect((await at.call('GET', '/healthz', { from: FLOODER })).status).toBe(200)
  expect(openOf(held)).toBe(MOST * 2)
})

test('the server has so many in all', async () => {
  const at = server = await openTestServer({ settings: { HTTP_CONNECTIONS: '64' } })
  const held = hold(at, 200)
  await vi.waitFor(() => { expect(held.filter(({ destroyed }) => destroyed).length).toBeGreaterThanOrEqual(200 - 64) }, { timeout: 10_000, interval: 20 })
  expect(openOf(held)).toBeLessThanOrEqual(64)
})

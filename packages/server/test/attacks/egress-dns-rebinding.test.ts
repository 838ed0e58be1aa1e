import { lookup } from 'node:dns'
import { once } from 'node:events'
import { createServer, get, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../../src/kernel/clock.ts'
import { createEgress, type Egress } from '../../src/kernel/egress.ts'
import { isRefusedAddress } from '../../src/kernel/egress-address.ts'
import type { ResolveName } from '../../src/kernel/egress-connect.ts'
import { defaultEgressRules } from '../../src/policy/egress.ts'
import { EgressFailure } from '../../src/ports/egress.ts'
import { watchConnects, type ConnectWatch } from '../../src/testing/watch-connects.ts'

// Abuse case 9: a name that leads outside when it is checked, and inside when it is used.

const PUBLIC = { address: '8.8.8.8', family: 4 }
const INSIDE = { address: '127.0.0.1', family: 4 }

let server: Server
let port: number
let reached = 0
let asked = 0
let watch: ConnectWatch
let egress: Egress | undefined
beforeEach(async () => {
  reached = 0
  asked = 0
  server = createServer((_, response) => { reached += 1; response.end('the inside') })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port
  watch = watchConnects((address) => address === '127.0.0.1')
})
afterEach(async () => { watch.stop(); await egress?.close(); server.closeAllConnections(); server.close(); await once(server, 'close') })

const flipping: ResolveName = () => { asked += 1; return Promise.resolve([asked === 1 ? PUBLIC : INSIDE]) }
const ask = (one: Egress, url: URL) => one.fetchConfigured({ url, method: 'GET', headers: {}, signal: new AbortController().signal })
  .then((response) => response.status, (error: unknown) => (error instanceof EgressFailure ? error.kind : error))

test('what was checked is what is connected: one resolution, and the socket goes to its address', async () => {
  egress = createEgress({ clock: systemClock, rules: defaultEgressRules, resolveName: flipping })
  const url = new URL(`https://rebind.example:${port}/`)
  egress.list('provider', { origin: url, allowPrivateAddress: false })
  expect(await ask(egress, url)).toBe('unreachable')
  expect(asked).toBe(1)
  expect(watch.attempts).toEqual([`8.8.8.8:${port}`])
})

test('the flipped name is refused on the next connection', async () => {
  egress = createEgress({ clock: systemClock, rules: defaultEgressRules, resolveName: flipping })
  const url = new URL(`https://rebind.example:${port}/`)
  egress.list('provider', { origin: url, allowPrivateAddress: false })
  await ask(egress, url)
  expect(await ask(egress, url)).toBe('refused-address')
  expect(reached).toBe(0)
  expect(watch.attempts.some((attempt) => attempt.startsWith('127.'))).toBe(false)
})

test('a name that an administrator listed as private may lead inside, and a kept connection is not resolved again', async () => {
  egress = createEgress({ clock: systemClock, rules: defaultEgressRules, resolveName: () => { asked += 1; return Promise.resolve([INSIDE]) } })
  const url = new URL(`http://inside.example:${port}/`)
  egress.list('provider', { origin: url, allowPrivateAddress: true })
  for (let turn = 0; turn < 10; turn += 1) {
    const response = await egress.fetchConfigured({ url, method: 'GET', headers: {}, signal: new AbortController().signal })
    for await (const chunk of response.body) expect(Buffer.from(chunk).toString()).toBe('the inside')
  }
  expect(reached).toBe(10)
  // One resolution for each connection; the second is opened while the first is still being put away.
  expect(asked).toBeLessThanOrEqual(2)
})

test('the attack is real: a check before an ordinary request lets it in', async () => {
  const [checked] = await flipping('rebind.example')
  expect(isRefusedAddress(checked?.address ?? '', 'none')).toBe(false)
  const naive: typeof lookup = Object.assign((_hostname: string, _options: unknown, answer: (error: null, addresses: unknown) => void) => {
    void flipping('rebind.example').then((addresses) => { answer(null, addresses); return null })
  }, lookup)
  const request = get({ host: 'rebind.example', port, lookup: naive })
  const [response] = await once(request, 'response') as [AsyncIterable<Buffer>]
  for await (const chunk of response) expect(chunk.toString()).toBe('the inside')
  expect(reached).toBe(1)
})

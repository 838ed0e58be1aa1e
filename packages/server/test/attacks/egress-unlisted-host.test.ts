import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../../src/kernel/clock.ts'
import { createEgress, type Egress } from '../../src/kernel/egress.ts'
import { defaultEgressRules } from '../../src/policy/egress.ts'
import { EgressFailure } from '../../src/ports/egress.ts'
import { watchConnects, type ConnectWatch } from '../../src/testing/watch-connects.ts'

// Abuse cases 1 and 4: a host that no administrator listed, and URLs that look like one that was.

let server: Server
let port: number
let reached: string[] = []
let egress: Egress
let watch: ConnectWatch
beforeEach(async () => {
  reached = []
  server = createServer((request, response) => { reached.push(String(request.headers.host)); response.end('ok') })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port
  egress = createEgress({ clock: systemClock, rules: defaultEgressRules, resolveName: () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]) })
  egress.list('provider', { origin: new URL(`http://listed.example:${port}/v1`), allowPrivateAddress: true })
  watch = watchConnects((address) => address === '127.0.0.1')
})
afterEach(async () => { watch.stop(); await egress.close(); server.closeAllConnections(); server.close(); await once(server, 'close') })

const ask = (url: URL) => egress.fetchConfigured({ url, method: 'POST', headers: { authorization: 'Bearer key' }, body: '{}', signal: new AbortController().signal })

const forms = (p: number) => [
  `http://other.example:${p}/`, `http://127.0.0.1:${p}/`, `http://listed.example:${p + 1}/`, `http://listed.example/`, `https://listed.example:${p}/`,
  `http://listed.example.evil.example:${p}/`, `http://evil-listed.example:${p}/`, `http://listed.example.:${p}/`, `http://sub.listed.example:${p}/`, `http://listedexample:${p}/`,
  `http://listed.example:${p}@evil.example/`, `http://listed.example:${p}@evil.example:${p}/`, `http://evil.example:${p}/#@listed.example:${p}`, `http://evil.example:${p}/?x=@listed.example:${p}/`,
  `http://evil.example:${p}\\@listed.example:${p}/`, `http://evil.example:${p}\\.listed.example/`, `http:evil.example:${p}/`, `http:///evil.example:${p}/`, `http://listed。example@evil.example:${p}/`,
  `http://user:pass@listed.example:${p}/`, `http://user@listed.example:${p}/`, `ftp://listed.example:${p}/`, `ws://listed.example:${p}/`, `file:///etc/passwd`, `data:text/plain,x`, `javascript:alert(1)`, `blob:http://listed.example:${p}/x`,
  `http://lіsted.example:${p}/`, `http://listed.example\t.evil.example:${p}/`,
]

test('URLs that are not the listed origin are refused before anything is sent', async () => {
  const urls = forms(port).map((form) => URL.parse(form)).filter((url) => url !== null)
  expect(urls.length).toBeGreaterThan(20)
  for (const url of urls) {
    const error: unknown = await ask(url).catch((error: unknown) => error)
    expect(error, url.href).toBeInstanceOf(EgressFailure)
    expect((error as EgressFailure).kind, url.href).toBe('refused-address')
  }
  expect(watch.attempts).toEqual([])
  expect(reached).toEqual([])
})

test('the listed origin is reached, however it is spelled, and under its own name', async () => {
  for (const form of [`http://listed.example:${port}/v1/chat`, `http://LISTED.example:${port}/`, `http://listed%2Eexample:${port}/`, `http:\\\\listed.example:${port}\\v1`, `http://ｌisted.example:${port}/`]) {
    const { body, status } = await ask(new URL(form))
    for await (const chunk of body) expect(chunk.byteLength).toBe(2)
    expect(status).toBe(200)
  }
  expect(new Set(reached)).toEqual(new Set([`listed.example:${port}`]))
})

test('a host is refused from the moment on which it is unlisted', async () => {
  egress.unlist('provider')
  await expect(ask(new URL(`http://listed.example:${port}/`))).rejects.toMatchObject({ kind: 'refused-address' })
  expect(reached).toEqual([])
})

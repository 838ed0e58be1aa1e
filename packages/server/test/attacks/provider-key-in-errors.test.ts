import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { modelProviders } from '../../src/adapters/model-provider/index.ts'
import { createScrub } from '../../src/adapters/model-provider/shared/scrub.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { createEgress, type Egress } from '../../src/kernel/egress.ts'
import { Secret } from '../../src/kernel/secret.ts'
import { defaultEgressRules } from '../../src/policy/egress.ts'
import { baseRequest } from '../../src/testing/model-provider.suite.ts'
import { vendorWires, type VendorName } from '../../src/testing/vendor-server.ts'

// A key goes to its vendor in one header. A vendor that throws it back, whole, in part, encoded or turned round, must not bring it into an
// error, and so not into a log.

const KEY = 'sk-proj-9fQ2vLk7TzX4mNc8RwB1yHs6'
const reversed = [...KEY].reverse().join('')
const echoes = [
  KEY, KEY.toUpperCase(), reversed, encodeURIComponent(KEY), Buffer.from(KEY).toString('base64'), Buffer.from(`Bearer ${KEY}`).toString('base64'), Buffer.from(KEY).toString('hex'), KEY.slice(0, 20), KEY.slice(-14),
  `${KEY.slice(0, 12)}...${KEY.slice(-12)}`, `Bearer ${KEY}`, `"${KEY}"`, [...KEY].map((sign) => `\\u00${sign.charCodeAt(0).toString(16)}`).join(''), `https://vendor.test/?key=${KEY}`, `${'x'.repeat(495)}${KEY}`, KEY.repeat(40),
]

/** Whether eight signs of the key in a row can be read out of a text, as they are or decoded. */
function leaks(text: string): boolean {
  const decoded = [text, [...text].reverse().join(''), ...(text.match(/[A-Za-z0-9+/=_-]{8,}/g) ?? []).flatMap((run) => [Buffer.from(run, 'base64').toString('latin1'), Buffer.from(run, 'hex').toString('latin1')])].join('\n').toLowerCase()
  return Array.from({ length: KEY.length - 7 }, (_, start) => KEY.slice(start, start + 8).toLowerCase()).some((piece) => decoded.includes(piece))
}

/** Everything of an error that a log could print. */
function everythingOf(error: unknown): string {
  const parts: string[] = []
  for (let one = error, depth = 0; one !== undefined && one !== null && depth < 8; depth += 1) {
    parts.push(inspect(one, { depth: 12, showHidden: true, getters: true }), JSON.stringify(one) ?? '')
    if (!(one instanceof Error)) break
    parts.push(one.message, one.stack ?? '', JSON.stringify(Object.getOwnPropertyDescriptors(one)))
    one = one.cause
  }
  return parts.join('\n')
}

let server: Server
let origin: URL
let egress: Egress
let answer: { status: number; headers: Record<string, string>; body: string; cut?: boolean }
let received = ''
beforeEach(async () => {
  server = createServer((request, response) => {
    received += `${request.url} ${JSON.stringify(request.headers)}`
    response.writeHead(answer.status, answer.headers)
    if (answer.cut !== true) return void response.end(answer.body)
    response.write(answer.body)
    setTimeout(() => response.socket?.resetAndDestroy(), 20)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  origin = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`)
  egress = createEgress({ clock: systemClock, rules: defaultEgressRules })
  egress.list('provider', { origin, allowPrivateAddress: true })
  received = ''
})
afterEach(async () => { await egress.close(); server.closeAllConnections(); server.close(); await once(server, 'close') })

const create = (vendor: VendorName) => {
  const descriptor = modelProviders.find(({ id }) => id === vendor)
  if (descriptor === undefined) throw new Error(`No adapter for ${vendor}.`)
  const config = descriptor.config.parse({ baseUrl: origin.href, credential: new Secret(KEY) })
  return { provider: descriptor.create(config, egress), config }
}
async function failureOf(vendor: VendorName): Promise<unknown> {
  try { for await (const event of create(vendor).provider.stream(baseRequest, new AbortController().signal)) void event }
  catch (error) { return error }
  throw new Error('No failure came.')
}

describe.each(Object.keys(vendorWires) as VendorName[])('%s', (vendor) => {
  const wire = vendorWires[vendor]

  test.each(echoes)('a vendor that quotes %j brings no piece of it into the error', async (echo) => {
    const message = `Incorrect API key provided: ${echo}. Look at your account.`
    for (const status of [400, 401, 404, 429, 500]) {
      answer = { status, headers: { 'content-type': 'application/json', 'retry-after': echo.slice(0, 100) }, body: JSON.stringify(wire.error(status, message)) }
      expect(leaks(everythingOf(await failureOf(vendor)))).toBe(false)
    }
    answer = { status: 200, headers: { 'content-type': wire.streamType }, body: wire.errorFrame(message) }
    expect(leaks(everythingOf(await failureOf(vendor)))).toBe(false)
    // The words around it stay, for whoever must mend it.
    expect(String(await failureOf(vendor))).toMatch(/Incorrect API key/)
  })

  test.each([
    ['a page that quotes it', { status: 502, headers: { 'content-type': 'text/html' }, body: `<h1>${KEY}</h1>` }],
    ['a content type of it', { status: 200, headers: { 'content-type': KEY }, body: '' }],
    ['an encoding of it', { status: 200, headers: { 'content-type': 'application/json', 'content-encoding': KEY }, body: '{}' }],
    ['JSON that breaks at it', { status: 200, headers: { 'content-type': 'application/json' }, body: `{"choices": ${KEY}` }],
    ['an event that breaks at it', { status: 200, headers: { 'content-type': wire.streamType }, body: wire.streamType.includes('ndjson') ? `{${KEY}}\n` : `data: {${KEY}}\n\n` }],
    ['an event of the wrong shape', { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ choices: KEY, candidates: KEY, content: KEY, message: KEY }) }],
    ['error words of it', { status: 400, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ error: { type: KEY, code: KEY, status: KEY, message: KEY, details: [{ reason: KEY, retryDelay: KEY }] } }) }],
    ['a redirect to it', { status: 307, headers: { location: `http://${KEY}.example/${KEY}?key=${KEY}` }, body: '' }],
    ['an answer that breaks off', { status: 200, headers: { 'content-type': wire.streamType, 'x-key': KEY }, body: `data: ${KEY}`, cut: true }],
    ['a header that is none', { status: 200, headers: { 'content-length': '-1' }, body: KEY }],
  ])('%s shows nothing of it', async (_, wanted) => {
    answer = wanted
    expect(leaks(everythingOf(await failureOf(vendor)))).toBe(false)
  })

  test('neither the provider nor its settings print it', () => {
    const { provider, config } = create(vendor)
    expect(leaks(`${inspect(provider, { depth: 9, showHidden: true })} ${inspect(config, { depth: 9 })} ${JSON.stringify(config)}`)).toBe(false)
  })

  test('it goes out in one header, and in no address', async () => {
    answer = { status: 500, headers: {}, body: '' }
    await failureOf(vendor)
    const [path, headers] = received.split(' {')
    expect(leaks(path ?? '')).toBe(false)
    expect(headers?.split(KEY)).toHaveLength(2)
  })
})

test.each(echoes)('the check can fail: %j leaks as long as nobody takes it out', (echo) => {
  const escaped: unknown = JSON.parse(`"${echo.replaceAll('"', '\\"')}"`)
  expect(leaks(String(escaped))).toBe(true)
  expect(leaks(createScrub([])(String(escaped)))).toBe(true)
  expect(leaks(createScrub([new Secret(KEY)])(String(escaped)))).toBe(false)
})

test('words that hold no credential are left as they are', () => {
  const text = 'The model `gpt-5` does not exist. See https://vendor.test/docs/errors for sk-… keys.'
  expect(createScrub([new Secret(KEY)])(text)).toBe(text)
})

import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../../src/kernel/clock.ts'
import { createEgress } from '../../src/kernel/egress.ts'
import { defaultEgressRules } from '../../src/policy/egress.ts'
import { openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'
import { startVendorServer, type VendorServer } from '../../src/testing/vendor-server.ts'

// The attack: a provider that may not go inside goes there all the same, over an address inside that another provider may reach:
// saved with that address, or sent on to it by its own answer.

const KEY = 'sk-borrowed-permission-of-a-test'
let server: TestServer
let owner: Person
let inside: VendorServer
let sendsOn: Server
let askedOf: IncomingHttpHeaders[]
let door: string
beforeEach(async () => {
  server = await openTestServer()
  owner = await server.setUpOwner()
  inside = await startVendorServer('openai-compatible', { script: { text: ['From inside.'] } })
  askedOf = []
  sendsOn = createServer((request, response) => { askedOf.push(request.headers); response.writeHead(302, { location: `${inside.baseUrl}/models` }).end() })
  sendsOn.listen(0, '127.0.0.1')
  await once(sendsOn, 'listening')
  door = `http://127.0.0.1:${(sendsOn.address() as AddressInfo).port}/v1`
})
afterEach(async () => {
  await server[Symbol.asyncDispose]()
  await inside.close()
  sendsOn.closeAllConnections()
  sendsOn.close()
  await once(sendsOn, 'close')
})

const save = async (name: string, more: Readonly<Record<string, unknown>>) =>
  (await owner.call('PUT', `/api/v1/providers/${name}`, { adapter: 'openai-compatible', baseUrl: inside.baseUrl, credential: KEY, ...more })).status
const ask = async (name: string) =>
  owner.call('POST', `/api/v1/conversations/${await owner.newConversation()}/turns`, { text: 'Hello?', model: `${name}/model-a` })

test('a provider without the permission does not reach the address inside that another provider has, before and after that one', async () => {
  expect(await save('early', { models: ['model-a'] })).toBe(200)
  expect(await save('allowed', { allowPrivateAddress: true, models: ['model-a'] })).toBe(200)
  expect(await save('late', { models: ['model-a'] })).toBe(200)
  expect(await save('lists', {}), 'asked for its models').toBeGreaterThanOrEqual(500)
  for (const name of ['early', 'late']) expect((await ask(name)).text).not.toContain('From inside.')
  expect(inside.requests).toHaveLength(0)

  // The one that has the permission goes in, also after the others were refused.
  expect((await ask('allowed')).text).toContain('From inside.')
  expect(inside.requests.length).toBeGreaterThan(0)
})

test('the permission that is taken back from a provider is gone, though another keeps its own', async () => {
  expect(await save('other', { allowPrivateAddress: true, models: ['model-a'] })).toBe(200)
  expect(await save('mine', { allowPrivateAddress: true, models: ['model-a'] })).toBe(200)
  expect((await ask('mine')).text).toContain('From inside.')
  const before = inside.requests.length
  expect(await save('mine', { allowPrivateAddress: false, models: ['model-a'] })).toBe(200)
  expect((await ask('mine')).text).not.toContain('From inside.')
  expect(inside.requests).toHaveLength(before)
  expect((await ask('other')).text).toContain('From inside.')
})

test('a provider whose list of models sends on to the address of another is not followed there', async () => {
  expect(await save('allowed', { allowPrivateAddress: true, models: ['model-a'] })).toBe(200)
  expect(await save('door', { baseUrl: door, allowPrivateAddress: true })).toBeGreaterThanOrEqual(500)
  expect(askedOf, 'it was asked, and sent on').toHaveLength(1)
  expect(inside.requests).toHaveLength(0)
  expect(await save('straight', { allowPrivateAddress: true }), 'the list itself can be had').toBe(200)
  expect(inside.requests.length).toBeGreaterThan(0)
})

test('the attack is real: a way out that does not ask whose call it is follows to the other\'s address', async () => {
  const egress = createEgress({ clock: systemClock, rules: defaultEgressRules })
  for (const origin of [new URL(door), new URL(inside.baseUrl)]) egress.list(origin.href, { origin, allowPrivateAddress: true })
  const request = { url: new URL(door), method: 'GET', headers: {}, signal: new AbortController().signal } as const
  const response = await egress.fetchConfigured(request)
  await response.body.throw()
  expect(inside.requests).toHaveLength(1)
  await expect(egress.fetchFor(new URL(door).href)(request)).rejects.toMatchObject({ kind: 'refused-address' })
  expect(inside.requests).toHaveLength(1)
  await egress.close()
})

import { operationIds, operations, roles, type Role } from '@sallyport/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'
import { posture } from '../http/posture.ts'
import { makeSample } from '../http/samples.ts'

// Configuration and prompts of one tenant could be read by another (GHSA-c2c9-mfw7-p8hw): what an administrator sets up is for
// administrators, and its secrets for nobody.

const PROVIDER_SECRET = 'a-provider-credential-that-nobody-reads'
const IMPORTED = 'a-key-that-another-server-once-made-0123'
const INTERNAL = 'internal-model-host.example.org'

let server: TestServer
let owner: Person
const people = new Map<Role, Person>()
beforeAll(async () => {
  server = await openTestServer()
  owner = await server.setUpOwner()
  const saved = await owner.call('PUT', '/api/v1/providers/inside', { adapter: 'openai-compatible', baseUrl: `https://${INTERNAL}/v1`, credential: PROVIDER_SECRET, models: ['quiet-model'] })
  expect(saved.status).toBe(200)
  await server.sallyport.domains.keys.importKeys([new (await import('../../src/kernel/secret.ts')).Secret(IMPORTED)])
  for (const role of roles) if (role !== 'owner') people.set(role, await server.addAccount(role, role))
})
afterAll(async () => { await server[Symbol.asyncDispose]() })

test('no answer to a look of anybody holds a secret, and none to whoever is no operator tells where providers are', async () => {
  const looks = operationIds.filter((id) => operations[id].method === 'GET' && id !== 'getPage' && operations[id].media !== 'events')
  for (const role of roles) {
    const person = role === 'owner' ? await server.renew(owner) : await server.renew(people.get(role) ?? owner)
    for (const id of looks) {
      server.clock.advance(3_000)
      const sample = await makeSample(id, { server, owner: await server.renew(owner) })
      for (const headers of [{ cookie: person.cookie, origin: server.url }, { 'x-api-key': person.key }]) {
        const { text } = await server.call('GET', sample.path, { headers })
        for (const secret of [PROVIDER_SECRET, IMPORTED.slice(5), person.key.slice(11), owner.key.slice(11)]) expect({ id, role, secret: text.includes(secret) }).toEqual({ id, role, secret: false })
        const mayLook = id === 'listProviders' && posture.listProviders.roles?.includes(role) === true && 'cookie' in headers
        expect({ id, role, tells: text.includes(INTERNAL) }).toEqual({ id, role, tells: mayLook })
      }
    }
  }
}, 120_000)

test('the model that a provider brings is named to whoever may use it, so that the search above looked at what is there', async () => {
  const member = await server.renew(people.get('member') ?? owner)
  expect((await member.call('GET', '/api/v1/models')).text).toContain('inside/quiet-model')
})

import type { Role } from '@sallyport/contract'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'

// A key that was made while the role allowed it goes on after the role was lost. Its owner must see it and be able to end it, and gains
// nothing else by that (IDN-13).

let server: TestServer
let owner: Person
beforeAll(async () => {
  server = await openTestServer()
  owner = await server.setUpOwner()
})
afterAll(async () => { await server[Symbol.asyncDispose]() })

const Keys = z.object({ items: z.array(z.object({ id: z.string() })) })
const ids = ({ json }: { readonly json: unknown }) => Keys.parse(json).items.map(({ id }) => id)
const become = async ({ account }: Person, role: Role) => {
  expect((await (await server.renew(owner)).call('PATCH', `/api/v1/accounts/${account.id}`, { role })).status).toBe(200)
}

describe.each(['guest', 'auditor'] as const)('whoever became %s', (role) => {
  test('sees and ends the keys of before, and makes, changes and rotates none', async () => {
    const person = await server.addAccount(`former-${role}`, 'operator')
    await become(person, role)
    const path = `/api/v1/keys/${person.keyId}`
    expect(ids(await person.call('GET', '/api/v1/keys'))).toEqual([person.keyId])
    for (const [method, at, body] of [['POST', '/api/v1/keys', { name: 'more' }], ['PATCH', path, { name: 'other' }], ['POST', `${path}/rotate`, { graceHours: 0 }]] as const) {
      expect((await person.call(method, at, body)).json).toMatchObject({ code: 'not-allowed' })
    }
    expect((await person.program('GET', '/v1/models')).status).toBe(200)
    expect((await person.call('DELETE', path)).status).toBe(204)
    expect((await person.program('GET', '/v1/models')).status).toBe(401)
    expect(ids(await person.call('GET', '/api/v1/keys'))).toEqual([])
  })

  test('sees and ends nobody else\'s, nor a service\'s', async () => {
    const person = await server.addAccount(`other-${role}`, role)
    const other = await server.addAccount(`victim-of-${role}`)
    const { key } = z.object({ key: z.object({ id: z.string() }) }).parse((await (await server.renew(owner)).call('POST', '/api/v1/service-keys', { name: 'nightly' })).json)
    expect(ids(await person.call('GET', '/api/v1/keys'))).toEqual([person.keyId])
    for (const id of [other.keyId, key.id]) expect((await person.call('DELETE', `/api/v1/keys/${id}`)).status).toBe(404)
    for (const [method, path] of [['GET', '/api/v1/service-keys'], ['DELETE', `/api/v1/service-keys/${key.id}`]] as const) expect((await person.call(method, path)).status).toBe(403)
    expect((await other.program('GET', '/v1/models')).status).toBe(200)
  })
})

import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'

let server: TestServer
let owner: Person
beforeAll(async () => {
  server = await openTestServer()
  owner = await server.setUpOwner()
})
afterAll(async () => { await server[Symbol.asyncDispose]() })

const group = async (name: string, role: string | null) => ((await owner.call('POST', '/api/v1/groups', { name, role })).json as { id: string }).id
const setMembers = async (id: string, people: readonly Person[]) => { expect((await owner.call('PUT', `/api/v1/groups/${id}/members`, { accountIds: people.map(({ account }) => account.id) })).status).toBe(200) }

test('what a group gives and takes holds at once, for sessions and for keys that are in use', async () => {
  const ann = await server.addAccount('ann')
  const operators = await group('Operators', 'operator')
  const may = async () => [(await ann.call('GET', '/api/v1/accounts')).status, (await ann.program('GET', '/api/v1/openapi.json')).status]
  expect(await may()).toEqual([403, 403])
  await setMembers(operators, [ann])
  expect(await may()).toEqual([200, 200])
  await setMembers(operators, [])
  expect(await may()).toEqual([403, 403])
  await setMembers(operators, [ann])
  expect((await owner.call('DELETE', `/api/v1/groups/${operators}`)).status).toBe(204)
  expect(await may()).toEqual([403, 403])
})

test('a role that is given by hand and one that groups give are kept apart', async () => {
  const bob = await server.addAccount('bob')
  const readers = await group('Readers', 'auditor')
  await setMembers(readers, [bob])
  const roleOf = async () => ((await owner.call('GET', `/api/v1/accounts/${bob.account.id}`)).json as { role: string }).role
  expect(await roleOf()).toBe('auditor')
  expect((await owner.call('PATCH', `/api/v1/accounts/${bob.account.id}`, { role: 'guest' })).status).toBe(200)
  expect(await roleOf()).toBe('auditor')
  await setMembers(readers, [])
  expect(await roleOf()).toBe('guest')
  expect((await owner.call('PATCH', `/api/v1/accounts/${bob.account.id}`, { role: 'operator' })).status).toBe(200)
  await setMembers(readers, [bob])
  expect(await roleOf()).toBe('operator')
})

test('an account that is erased is in no group any more', async () => {
  const carl = await server.addAccount('carl')
  const plain = await group('Plain', null)
  await setMembers(plain, [carl])
  expect((await owner.call('DELETE', `/api/v1/accounts/${carl.account.id}`)).status).toBeLessThan(300)
  expect((await owner.call('GET', `/api/v1/groups/${plain}/members`)).json).toEqual({ items: [] })
})

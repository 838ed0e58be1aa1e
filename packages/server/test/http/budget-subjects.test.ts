import { afterAll, beforeAll, expect, test } from 'vitest'
import { idLike } from '../../src/testing/server-database.ts'
import { openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'

let server: TestServer
let owner: Person
beforeAll(async () => {
  server = await openTestServer()
  owner = await server.setUpOwner()
})
afterAll(async () => { await server[Symbol.asyncDispose]() })

const set = (scope: string, subject: string, amount: number | null = 5) => owner.call('PUT', '/api/v1/budgets', { scope, subject, period: 'day', unit: 'tokens', amount })

test.each([['account', idLike('acc', 9)], ['group', idLike('grp', 9)], ['key', idLike('key', 9)], ['credential', idLike('pvc', 9)], ['provider', 'nonexistent']])('a budget for a %s that is not there is refused, and none is listed', async (scope, subject) => {
  const reply = await set(scope, subject)
  expect([reply.status, (reply.json as { errors: unknown }).errors]).toEqual([400, [{ pointer: '/subject', detail: expect.stringContaining('There is no such') as unknown }]])
  expect((await owner.call('GET', '/api/v1/budgets')).json).toEqual({ items: [] })
  // Whoever was removed meanwhile must not keep it for ever.
  expect((await set(scope, subject, null)).status).toBe(200)
})

test('one for who is there is set', async () => {
  for (const [scope, subject] of [['account', owner.account.id], ['role', 'member'], ['provider', 'sallyport'], ['all', '']] as const) expect((await set(scope, subject)).status).toBe(200)
})

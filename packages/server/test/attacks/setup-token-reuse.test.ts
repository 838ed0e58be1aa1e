import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestServer, PASSWORD, type TestServer } from '../../src/testing/server.ts'

let server: TestServer
beforeAll(async () => { server = await openTestServer() })
afterAll(async () => { await server[Symbol.asyncDispose]() })

const setUp = (token: unknown) => {
  server.clock.advance(60_000)
  return server.call('POST', '/api/v1/setup', { body: { token, email: 'mallory@example.org', name: 'Mallory', password: PASSWORD } })
}
const token = () => server.sallyport.setupToken?.reveal() ?? ''
const flipped = (text: string) => (text.startsWith('A') ? 'B' : 'A') + text.slice(1)

test.each([['null', null], ['nothing', undefined], ['an empty text', ''], ['a list', []], ['an object', {}], ['true', true], ['a number', 0], ['a list that holds the token', () => [token()]], ['the token with a space', () => `${token()} `]])('%s is no token', async (_, value) => {
  expect((await setUp(typeof value === 'function' ? value() : value)).status).toBe(400)
})

test.each([['another token', () => flipped(token())], ['a token of zeros', () => 'A'.repeat(43)]])('%s is refused, and noted', async (_, value) => {
  const reply = await setUp(value())
  expect(reply.json).toMatchObject({ status: 403, code: 'set-up-closed' })
  const events = await server.sallyport.database.read.selectFrom('security_event').select('type').where('type', '=', 'set-up-refused').execute()
  expect(events.length).toBeGreaterThan(0)
})

test('the token is stored as a digest and logged nowhere', async () => {
  expect(token()).toMatch(/^[\w-]{43}$/)
  expect(await server.storedRows()).not.toContain(token())
  expect(JSON.stringify(server.logs)).not.toContain(token())
  expect(String(server.sallyport.setupToken)).toBe('[secret]')
})

test('a restart ends the token of the start before', async () => {
  const old = token()
  await server.restart()
  expect(token()).not.toBe(old)
  expect((await setUp(old)).status).toBe(403)
})

test('the newest token works once; used up it is refused, and no start makes another', async () => {
  const used = token()
  expect((await setUp(used)).status).toBe(200)
  expect((await setUp(used)).status).toBe(403)
  expect((await server.call('GET', '/api/v1/setup')).json).toEqual({ open: false })
  await server.restart()
  expect(server.sallyport.setupToken).toBeNull()
  expect((await setUp(used)).status).toBe(403)
  expect(await server.sallyport.database.read.selectFrom('account').select('id').execute()).toHaveLength(1)
})

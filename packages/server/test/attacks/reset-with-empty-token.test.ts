import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestServer, PASSWORD, type Person, type TestServer } from '../../src/testing/server.ts'

let server: TestServer
let owner: Person
beforeAll(async () => {
  server = await openTestServer()
  owner = await server.setUpOwner()
  // Somebody with a live reset, and somebody without: neither is reached by a token that is none.
  const { accountId } = { accountId: (await server.addAccount('ann')).account.id }
  expect((await owner.call('POST', `/api/v1/accounts/${accountId}/reset-link`)).status).toBe(200)
})
afterAll(async () => { await server[Symbol.asyncDispose]() })

const nothings: readonly unknown[] = [null, '', [], {}, 0, false, true, ' ', '\u0000', 'null', 'undefined', [null], [''], { $ne: null }, { toString: 'x' }, 'A'.repeat(42), 'A'.repeat(44), 'A'.repeat(43), "' or 1=1 --", '%00'.repeat(14) + 'A']

test.each([
  { path: '/api/v1/password-resets/complete', rest: { password: PASSWORD } },
  { path: '/api/v1/invitations/accept', rest: { email: 'eve@example.org', name: 'Eve', password: PASSWORD } },
  { path: '/api/v1/invitations/look-up', rest: {} },
  { path: '/api/v1/email-verifications', rest: {} },
])('$path takes no token that is none, in whatever form', async ({ path, rest }) => {
  const before = await server.storedDigests()
  for (const token of [...nothings, undefined]) {
    server.clock.advance(10_000)
    const reply = await server.call('POST', path, { body: { ...rest, token } })
    expect([400, 410], `${JSON.stringify(token)} gave ${reply.status}`).toContain(reply.status)
    expect(reply.json).toMatchObject({ code: expect.stringMatching(/^(invalid-request|link-ended)$/) })
  }
  for (const body of [null, [], '', 'token', [{ token: null }]]) {
    server.clock.advance(10_000)
    expect((await server.call('POST', path, { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } })).status).toBe(400)
  }
  expect(await server.storedDigests()).toEqual(before)
  expect((await server.call('POST', '/api/v1/session', { body: { email: 'owner@example.org', password: PASSWORD }, from: '127.0.0.9' })).status).toBe(200)
})

test('the negative control: a token that is one is taken', async () => {
  const { id } = (await server.addAccount('bob')).account
  const { link } = (await owner.call('POST', `/api/v1/accounts/${id}/reset-link`)).json as { link: string }
  const reply = await server.call('POST', '/api/v1/password-resets/complete', { body: { token: link.slice(link.indexOf('#') + 1), password: 'seven other purple elephants' }, from: '127.0.0.10' })
  expect(reply.status).toBe(204)
  expect((await server.call('POST', '/api/v1/session', { body: { email: 'bob@example.org', password: 'seven other purple elephants' }, from: '127.0.0.10' })).status).toBe(200)
})

// Somebody floods the server from an address that others share: without a credential, with wrong keys, with a stale session, for the page's
// files. They shut out themselves; whoever is signed in behind the same address goes on.
import { afterEach, expect, test, vi } from 'vitest'
import { openTestServer, type TestServer } from '../../src/testing/server.ts'

let server: TestServer | undefined
afterEach(async () => { await server?.[Symbol.asyncDispose](); server = undefined })

const PER_MINUTE = 60
const open = async () => {
  const at = server = await openTestServer({ settings: { LIMITS_BAN_POINTS: '20', LIMITS_REQUESTS_PER_MINUTE: String(PER_MINUTE), LIMITS_RATES: JSON.stringify({ static: PER_MINUTE, refusal: 5, read: 40 }) } })
  at.clock.stop()
  const owner = await at.setUpOwner()
  const member = await at.addAccount('member')
  return { at, owner, member }
}
const stale = (at: TestServer) => ({ cookie: `${at.cookieName}=sls_${'x'.repeat(43)}` })
const floods: Readonly<Record<string, (at: TestServer, index: number) => Promise<{ readonly status: number }>>> = {
  'without a credential': (at) => at.call('GET', '/api/v1/setup'),
  'with wrong keys': (at, index) => at.call('GET', '/api/v1/models', { headers: { authorization: `Bearer slp_wrong${index}` } }),
  'with stale sessions': (at) => at.call('GET', '/api/v1/setup', { headers: stale(at) }),
  'for files of the page': (at) => at.call('GET', '/'),
}

test.each(Object.entries(floods))('a flood %s ends for whoever sends it, and for nobody who is signed in there', async (_, flood) => {
  const { at, owner, member } = await open()
  // They have been here before.
  for (const person of [owner, member]) { expect((await person.call('GET', '/api/v1/models')).status).toBe(200); expect((await person.program('GET', '/api/v1/models')).status).toBe(200) }
  const statuses = new Set<number>()
  for (let index = 0; index < 3 * PER_MINUTE; index += 1) statuses.add((await flood(at, index)).status)
  await vi.waitFor(async () => { expect([403, 429]).toContain((await flood(at, 0)).status) }, { timeout: 10_000, interval: 1 })
  expect([...statuses].some((status) => status === 429 || status === 403)).toBe(true)
  for (const person of [owner, member]) {
    expect((await person.call('GET', '/api/v1/models')).status).toBe(200)
    expect((await person.program('GET', '/api/v1/models')).status).toBe(200)
    expect([403, 429]).not.toContain((await person.call('GET', '/')).status)
  }
})

test('one who is signed in and goes on over their own limit takes nothing from others there', async () => {
  const { at, owner, member } = await open()
  for (let index = 0; index < 4 * PER_MINUTE; index += 1) await member.program('GET', '/api/v1/models')
  expect((await member.program('GET', '/api/v1/models')).status).not.toBe(200)
  expect((await owner.call('GET', '/api/v1/models')).status).toBe(200)
  expect((await at.call('GET', '/api/v1/setup')).status).toBe(200)
})

test('the address has a limit for those who are signed in as well', async () => {
  const { at } = await open()
  const people = await Promise.all(['one', 'two', 'three'].map((name) => at.addAccount(name)))
  const statuses: number[] = []
  for (let index = 0; index < PER_MINUTE + 6; index += 1) statuses.push((await people[index % people.length]?.call('GET', '/api/v1/models'))?.status ?? 0)
  expect(statuses.filter((status) => status === 200)).toHaveLength(PER_MINUTE)
})

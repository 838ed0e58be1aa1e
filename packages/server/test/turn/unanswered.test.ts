import { Budgets } from '@sallyport/contract'
import { afterEach, expect, test, vi } from 'vitest'
import { openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'
import type { BadDay } from '../../src/testing/vendor-script.ts'

let server: TestServer | undefined
afterEach(async () => { await server?.[Symbol.asyncDispose](); server = undefined })

const QUESTION = 'many short words '.repeat(40)
const TOKENS = QUESTION.length / 4

/** A vendor with a bad day, and a budget that shows what is charged. */
async function open(day: BadDay | null, settings: Readonly<Record<string, string>> = {}) {
  const at = server = await openTestServer({ settings })
  const owner = await at.setUpOwner()
  // It is well while it is added.
  let isBad = false
  const vendor = await at.addVendor(owner, 'openai', { script: { text: Array.from({ length: 40 }, (_, index) => `piece ${index} of it, `), usage: null }, day: () => (isBad ? day : null) })
  isBad = true
  await owner.call('PUT', '/api/v1/budgets', { scope: 'all', period: 'day', unit: 'tokens', amount: 100_000 })
  return { at, owner, vendor }
}
const used = async (owner: Person) => Budgets.parse((await owner.call('GET', '/api/v1/budgets')).json).items[0]?.used ?? 0
const ask = (owner: Person) => owner.call('POST', '/api/v1/chat', { text: QUESTION, model: 'openai/model-a' })

test.each(['server-error', 'reset', 'unauthorised', 'rate-limited', 'wrong-type'] as const)('a question that nobody answered costs nothing: %s', async (day) => {
  const { owner } = await open(day)
  expect((await ask(owner)).status).toBeGreaterThanOrEqual(500)
  expect(await used(owner)).toBe(0)
})

test('nor does one to a provider that is left alone', async () => {
  const { owner, vendor } = await open('server-error', { RESILIENCE_BREAKER_FAILURES: '2' })
  for (let turn = 0; turn < 2; turn += 1) await ask(owner)
  const asked = vendor.requests.length
  expect((await ask(owner)).status).toBe(503)
  expect([vendor.requests.length - asked, await used(owner)]).toEqual([0, 0])
})

test('an answer that broke off costs the question and what came of it', async () => {
  const { owner } = await open('reset-midway')
  expect((await ask(owner)).status).toBeGreaterThanOrEqual(500)
  expect(await used(owner)).toBeGreaterThan(TOKENS)
  expect(await used(owner)).toBeLessThan(TOKENS + 600)
})

test('a question that its reader left while the model was thinking costs what was sent', async () => {
  const { at, owner } = await open(null)
  const slow = await at.addVendor(owner, 'openai-compatible', { firstByteMilliseconds: 5_000 })
  const asked = slow.requests.length
  const call = at.begin('POST', '/v1/chat/completions', { headers: { authorization: `Bearer ${owner.key ?? ''}` }, body: { model: 'openai-compatible/model-a', messages: [{ role: 'user', content: QUESTION }] } })
  await vi.waitFor(() => { expect(slow.requests.length).toBe(asked + 1) })
  call.leave()
  await vi.waitFor(async () => { expect(Math.abs(await used(owner) - TOKENS)).toBeLessThan(10) }, { timeout: 3_000 })
})

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'
import type { VendorServer } from '../../src/testing/vendor-server.ts'
import type { BadDay } from '../../src/testing/vendor-script.ts'

const PLACES = 3
let server: TestServer
let owner: Person
let vendor: VendorServer
let day: BadDay | null = null
let pace = 0
beforeAll(async () => {
  server = await openTestServer({ settings: { LIMITS_CONCURRENT_TURNS: String(PLACES) } })
  owner = await server.setUpOwner()
  vendor = await server.addVendor(owner, 'openai', { day: () => day, script: ({ question }) => ({ text: question === 'slow' ? Array.from({ length: 400 }, (_, index) => `word ${index} `) : ['Yes.'] }), get paceMilliseconds() { return pace } })
})
afterAll(async () => { await server[Symbol.asyncDispose]() })

const ask = (content: string, stream: boolean) => ({ headers: { authorization: `Bearer ${owner.key}` }, body: { model: 'openai/model-a', stream, messages: [{ role: 'user', content }] } })
const gateway = (content: string, stream = false) => server.call('POST', '/v1/chat/completions', ask(content, stream))
/** Every place is free when so many turns at once get through. */
const expectAllFree = () => vi.waitFor(async () => {
  const statuses = await Promise.all(Array.from({ length: PLACES }, async () => (await gateway('quick')).status))
  expect(statuses).toEqual(Array(PLACES).fill(200))
}, { timeout: 3_000, interval: 50 })

test('of many turns at once, over every entrance together, no more run than have a place', async () => {
  pace = 2
  const conversation = await owner.newConversation()
  const replies = await Promise.all([
    ...Array.from({ length: 10 }, () => gateway('slow', true)), ...Array.from({ length: 10 }, () => gateway('slow')),
    ...Array.from({ length: 10 }, () => owner.call('POST', '/api/v1/chat', { text: 'slow', model: 'openai/model-a' })),
    owner.call('POST', `/api/v1/conversations/${conversation}/turns`, { text: 'slow', model: 'openai/model-a' }),
  ])
  pace = 0
  const statuses = replies.map(({ status }) => status)
  expect(statuses.filter((status) => status === 200)).toHaveLength(PLACES)
  expect(statuses.filter((status) => status === 429)).toHaveLength(31 - PLACES)
  for (const { status, headers } of replies) if (status === 429) expect(headers['retry-after']).toMatch(/^\d+$/)
  await expectAllFree()
})

describe('a place is freed', () => {
  const endings: readonly { readonly name: string; readonly run: () => Promise<unknown> }[] = [
    { name: 'when the answer is complete', run: () => gateway('quick') },
    { name: 'when the stream is complete', run: () => gateway('quick', true) },
    { name: 'when the question is refused', run: () => owner.call('POST', '/api/v1/chat', { text: '   ', model: 'openai/model-a' }) },
    { name: 'when the model is unknown', run: () => owner.call('POST', '/api/v1/chat', { text: 'x', model: 'openai/model-zz' }) },
    { name: 'when the conversation is not there', run: () => owner.call('POST', `/api/v1/conversations/con_${'0'.repeat(32)}/turns`, { text: 'x' }) },
    { name: 'when the reader of a gateway stream leaves', run: async () => {
      pace = 5
      const call = server.begin('POST', '/v1/chat/completions', ask('slow', true))
      const response = await call.response
      await new Promise((resolve) => { response.once('data', resolve) })
      response.on('error', () => undefined)
      call.leave()
      pace = 0
    } },
    { name: 'when the caller of a whole answer leaves', run: async () => {
      const before = vendor.requests.length
      pace = 5
      const call = server.begin('POST', '/v1/chat/completions', ask('slow', false))
      await vi.waitFor(() => { expect(vendor.requests.length).toBeGreaterThan(before) })
      call.leave()
      pace = 0
    } },
  ]
  const days: readonly BadDay[] = ['reset', 'reset-midway', 'unauthorised', 'rate-limited', 'server-error', 'wrong-json', 'not-http', 'missing-finish']
  test.each([...endings, ...days.map((bad) => ({
    name: `when the vendor has the day ${bad}`,
    run: async () => {
      day = bad
      await gateway('quick')
      await gateway('quick', true)
      await owner.call('POST', `/api/v1/conversations/${await owner.newConversation()}/turns`, { text: 'x', model: 'openai/model-a' })
      day = null
    },
  }))])('$name', async ({ run }) => {
    for (let time = 0; time <= PLACES; time += 1) await run()
    await expectAllFree()
  })
})

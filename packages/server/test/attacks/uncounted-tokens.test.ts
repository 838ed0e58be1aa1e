import { Budgets } from '@sallyport/contract'
import { expect, test } from 'vitest'
import { createPostgresDatabase } from '../../src/testing/postgres.ts'
import { describeEachEngine } from '../../src/testing/server-database.ts'
import { openTestServer } from '../../src/testing/server.ts'
import type { VendorScript } from '../../src/testing/vendor-script.ts'

const MODEL = 'openai/model-a'
const BUDGET = 3_000
const words = (characters: number) => 'many short words '.repeat(Math.ceil(characters / 17)).slice(0, characters)
const user = (content: string) => ({ role: 'user', content })
const tool = (description: string) => ({ type: 'function', function: { name: 'look', description: 'Looks.', parameters: { type: 'object', properties: { at: { type: 'string', description } } } } })

/** What is sent where a look at the messages' text alone sees next to nothing; each is about 2,000 tokens. */
const hidden = {
  'the schema of a tool': { messages: [user('Hi.')], tools: [tool(words(8_000))] },
  'the arguments of an earlier tool call': {
    tools: [tool('Where.')],
    messages: [user('Hi.'), { role: 'assistant', content: null, tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'look', arguments: JSON.stringify({ at: words(8_000) }) } }] }, { role: 'tool', tool_call_id: 'call_1', content: 'ok' }],
  },
  'the schema of the answer': { messages: [user('Hi.')], response_format: { type: 'json_schema', json_schema: { name: 'reply', schema: { type: 'object', description: words(8_000) } } } },
  'a script of which a character is a token': { messages: [user('语言'.repeat(1_000))] },
  'hundreds of messages that say nothing': { messages: Array.from({ length: 600 }, () => user('a')) },
} as const

describeEachEngine('tokens that nobody counts', (dialect) => {
  const open = async (script: VendorScript) => {
    const postgres = dialect === 'postgres' ? await createPostgresDatabase() : null
    const server = await openTestServer({ settings: postgres === null ? {} : { STORE_URL: postgres.url } })
    const owner = await server.setUpOwner()
    const vendor = await server.addVendor(owner, 'openai', { script: () => script })
    await owner.call('PUT', '/api/v1/budgets', { scope: 'all', period: 'day', unit: 'tokens', amount: BUDGET })
    const ask = async (body: object) => (await server.call('POST', '/v1/chat/completions', { headers: { authorization: `Bearer ${owner.key ?? ''}` }, body: { model: MODEL, max_tokens: 20, ...body } })).status
    const used = async () => Budgets.parse((await owner.call('GET', '/api/v1/budgets')).json).items[0]?.used ?? 0
    return { ask, used, asked: () => vendor.requests.filter(({ path }) => path.endsWith('/chat/completions')).length, [Symbol.asyncDispose]: async () => { await server[Symbol.asyncDispose](); await postgres?.[Symbol.asyncDispose]() } }
  }

  test.each(Object.entries(hidden))('%s is reserved before the vendor is asked, and paid', async (_name, body) => {
    await using at = await open({ text: ['Yes.'], usage: null })
    const statuses = await Promise.all(Array.from({ length: 8 }, () => at.ask(body)))
    expect(statuses.toSorted()).toEqual([200, ...Array<number>(7).fill(402)])
    expect(at.asked()).toBe(1)
    expect(await at.used()).toBeGreaterThan(1_500)
    expect(await at.used()).toBeLessThanOrEqual(BUDGET)
  })

  test('a vendor that says that it counted nothing is not believed', async () => {
    await using at = await open({ text: ['Yes.'], usage: { inputTokens: 0, outputTokens: 0 } })
    const statuses: number[] = []
    for (let turn = 0; turn < 8; turn += 1) statuses.push(await at.ask({ messages: [user(words(4_000))] }))
    expect(statuses).toContain(402)
    expect(await at.used()).toBeGreaterThan(BUDGET / 2)
  })

  test('a vendor that counts more than a request and its answer can hold ends nobody\'s budget', async () => {
    await using at = await open({ text: ['Yes.'], usage: { inputTokens: 9_000_000_000_000_000, outputTokens: 9_000_000_000_000_000 } })
    expect(await at.ask({ messages: [user('Hi.')] })).toBe(200)
    // Three bytes, the longest answer that was asked for, and what a vendor puts around a request.
    expect(await at.used()).toBeLessThanOrEqual(3 + 20 + 2_100)
    expect(await at.ask({ messages: [user('Hi.')] })).toBe(200)
  })
})

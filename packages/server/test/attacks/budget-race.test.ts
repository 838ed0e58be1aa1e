import { Budgets, UsageReport } from '@sallyport/contract'
import { expect, test, vi } from 'vitest'
import { tokenEstimate } from '../../src/policy/limits.ts'
import { createPostgresDatabase } from '../../src/testing/postgres.ts'
import { describeEachEngine } from '../../src/testing/server-database.ts'
import { eventsIn } from '../../src/testing/http-client.ts'
import { openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'

const QUESTION = 'Say yes.'
const INPUT = QUESTION.length / 4 + tokenEstimate.perMessage
const OUTPUT = 100

describeEachEngine('a budget in tokens', (dialect) => {
  const open = async () => {
    const postgres = dialect === 'postgres' ? await createPostgresDatabase() : null
    const server = await openTestServer({ settings: postgres === null ? {} : { STORE_URL: postgres.url } })
    const owner = await server.setUpOwner()
    return { server, owner, [Symbol.asyncDispose]: async () => { await server[Symbol.asyncDispose](); await postgres?.[Symbol.asyncDispose]() } }
  }
  const setBudget = (owner: Person, amount: number, more: object = { scope: 'all' }) => owner.call('PUT', '/api/v1/budgets', { ...more, period: 'day', unit: 'tokens', amount })
  const used = async (owner: Person) => Budgets.parse((await owner.call('GET', '/api/v1/budgets')).json).items[0]?.used
  const gateway = (server: TestServer, owner: Person, { stream = false, most = OUTPUT } = {}) =>
    server.call('POST', '/v1/chat/completions', { headers: { authorization: `Bearer ${owner.key}` }, body: { model: 'openai/model-a', stream, max_tokens: most, messages: [{ role: 'user', content: QUESTION }] } })

  test('of 200 questions at once against a budget for ten, ten are served, and their provider is asked ten times', async () => {
    await using at = await open()
    let release = () => { /* Set below. */ }
    const gate = new Promise<void>((resolve) => { release = resolve })
    const vendor = await at.server.addVendor(at.owner, 'openai', { script: () => ({ text: ['Yes.'], usage: { inputTokens: INPUT, outputTokens: OUTPUT } }), gate: () => gate })
    await setBudget(at.owner, 10 * (INPUT + OUTPUT))
    const replies = Array.from({ length: 200 }, (_, index) => gateway(at.server, at.owner, { stream: index % 2 === 0 }))
    // All are decided before the first is answered: nothing that is given back lets another in.
    let refused = 0
    for (const reply of replies) void reply.then(({ status }) => { if (status === 402) refused += 1 })
    await vi.waitFor(() => { expect(refused).toBe(190) }, { timeout: 15_000 })
    release()
    const statuses = (await Promise.all(replies)).map(({ status }) => status)
    expect([statuses.filter((status) => status === 200).length, statuses.filter((status) => status === 402).length]).toEqual([10, 190])
    expect(vendor.requests.filter(({ path }) => path.endsWith('/chat/completions'))).toHaveLength(10)
    expect(await used(at.owner)).toBe(10 * (INPUT + OUTPUT))
  })

  test('every entrance meets the same budget, and a refusal says until when', async () => {
    await using at = await open()
    await at.server.addVendor(at.owner, 'openai', { script: () => ({ text: ['Yes.'] }) })
    await setBudget(at.owner, 10)
    const conversation = await at.owner.newConversation()
    const asked = { text: QUESTION, model: 'openai/model-a' }
    for (const reply of [await at.owner.call('POST', '/api/v1/chat', asked), await at.owner.call('POST', `/api/v1/conversations/${conversation}/turns`, asked), await gateway(at.server, at.owner), await gateway(at.server, at.owner, { stream: true })]) {
      expect([reply.status, reply.text.includes('midnight UTC'), Number(reply.headers['retry-after']) > 0]).toEqual([402, true, true])
    }
    expect(await used(at.owner)).toBe(0)
    expect(UsageReport.parse((await at.owner.call('GET', '/api/v1/usage')).json).budgets).toMatchObject([{ scope: 'all', amount: 10, used: 0 }])
  })

  test.each([false, true])('over the gateway an answer says that it was cut at the budget, and that the budget is nearly spent (streamed: %s)', async (stream) => {
    await using at = await open()
    await at.server.addVendor(at.owner, 'openai', { script: () => ({ text: Array.from({ length: 600 }, () => 'many words and '), usage: null }), paceMilliseconds: 1 })
    await setBudget(at.owner, 400)
    const reply = await gateway(at.server, at.owner, { stream, most: 1_000 })
    expect(reply.status).toBe(200)
    const told = stream ? eventsIn(reply.text).map(({ data }) => data) : [reply.json]
    expect(told.flatMap((part) => (part as { sallyport?: { notices: readonly { type: string }[] } } | null)?.sallyport?.notices.map(({ type }) => type) ?? []).toSorted()).toEqual(['budget-nearly-spent', 'budget-spent'])
    expect(reply.text).toContain('"finish_reason":"length"')
  })

  test('no room for the documents of a question says which budget it is, and until when', async () => {
    await using at = await open()
    // Its own words have room, and what it would be answered from has not.
    const added = await at.owner.call('POST', '/api/v1/documents', { title: 'Kazoo manual', mediaType: 'text/plain', collection: 'mine', text: 'The velvet kazoo is tuned with a small brass key, twice a week. '.repeat(60) })
    expect(added.status, added.text).toBe(200)
    expect((await setBudget(at.owner, 60)).status).toBe(200)
    const reply = await at.owner.call('POST', '/api/v1/chat', { text: 'How is the velvet kazoo tuned?', model: 'sallyport/library' })
    expect([reply.status, Number(reply.headers['retry-after']) > 0], reply.text).toEqual([402, true])
    expect((reply.json as { detail: string }).detail).toMatch(/documents.*The budget of 60 tokens a day.*midnight UTC/)
    expect(reply.text).not.toContain('without')
    expect(await used(at.owner)).toBe(0)
  })

  test('an answer that grows beyond the budget is ended there, with its text kept and its provider let go', async () => {
    await using at = await open()
    const words = Array.from({ length: 600 }, (_, index) => `word${String(index).padStart(4, '0')} and `)
    // It heeds no limit, and counts nothing.
    const vendor = await at.server.addVendor(at.owner, 'openai', { script: () => ({ text: words, usage: null }), paceMilliseconds: 1 })
    await setBudget(at.owner, 400)
    const conversation = await at.owner.newConversation()
    const reply = await at.owner.call('POST', `/api/v1/conversations/${conversation}/turns`, { text: QUESTION, model: 'openai/model-a' })
    expect(reply.status).toBe(200)
    const { answer } = reply.json as { answer: { text: string; status: string; notices: readonly { type: string }[] } }
    expect(answer.status).toBe('complete')
    expect(answer.notices.map(({ type }) => type)).toContain('budget-spent')
    expect(answer.text.startsWith('word0000 and word0001')).toBe(true)
    expect(answer.text.length).toBeLessThanOrEqual(400 * 4)
    expect(answer.text.length).toBeGreaterThan(1_000)
    expect(await used(at.owner)).toBeLessThanOrEqual(400)
    await vi.waitFor(() => { expect(vendor.open().answers).toBe(0) }, { timeout: 2_000 })
  })
})

import { UsageReport } from '@sallyport/contract'
import { expect, test } from 'vitest'
import { askGateway, cacheOf, callsOf } from '../../src/testing/asked.ts'
import { createPostgresDatabase } from '../../src/testing/postgres.ts'
import { describeEachEngine } from '../../src/testing/server-database.ts'
import { openTestServer, type Person } from '../../src/testing/server.ts'

// PRV-10: an answer that was kept for one account reaches no other, unless the operator says that answers are shared.

const QUESTION = { messages: [{ role: 'user', content: 'What is our plan?' }] }

describeEachEngine('the answer cache', (dialect) => {
  const open = async (answers: 'off' | 'own' | 'shared') => {
    const postgres = dialect === 'postgres' ? await createPostgresDatabase() : null
    const server = await openTestServer({ settings: { CACHE_ANSWERS: answers, ...(postgres !== null && { STORE_URL: postgres.url }) } })
    const owner = await server.setUpOwner()
    const other = await server.addAccount('other')
    const vendor = await server.addVendor(owner, 'openai', { script: ({ question }) => ({ text: ['The plan ', `of ${question}`], usage: { inputTokens: 300, outputTokens: 12 } }) })
    const ask = (person: Person, body: Readonly<Record<string, unknown>> = QUESTION) => askGateway(server, person, body)
    return { server, owner, other, vendor, ask, [Symbol.asyncDispose]: async () => { await server[Symbol.asyncDispose](); await postgres?.[Symbol.asyncDispose]() } }
  }

  test('is off unless somebody switches it on', async () => {
    await using at = await open('off')
    expect([cacheOf(await at.ask(at.owner)), cacheOf(await at.ask(at.owner)), callsOf(at.vendor)]).toEqual(['none', 'none', 2])
  })

  test('gives an answer again to whoever asked before, on every entrance, streamed and not, and to nobody else', async () => {
    await using at = await open('own')
    const first = await at.ask(at.owner)
    expect(cacheOf(first)).toBe('miss')
    const [again, streamed] = [await at.ask(at.owner), await at.ask(at.owner, { ...QUESTION, stream: true })]
    expect([cacheOf(again), cacheOf(streamed), callsOf(at.vendor)]).toEqual(['hit', 'hit', 1])
    const textOf = (json: unknown) => (json as { choices: [{ message: { content: string }; finish_reason: string }] }).choices[0]
    expect(textOf(again.json)).toEqual(textOf(first.json))
    expect(streamed.text).toContain('The plan of')
    expect((again.json as { usage: unknown }).usage).toEqual({ prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 })
    expect([cacheOf(await at.ask(at.other)), callsOf(at.vendor)]).toEqual(['miss', 2])

    // One-shot chat and a conversation have instructions of ours, so theirs is another request, and one of its own.
    const chat = { text: 'What is our plan?', model: 'openai/model-a' }
    expect(cacheOf(await at.owner.call('POST', '/api/v1/chat', chat))).toBe('miss')
    expect(cacheOf(await at.owner.call('POST', '/api/v1/chat', chat))).toBe('hit')
    const turn = await at.owner.call('POST', `/api/v1/conversations/${await at.owner.newConversation()}/turns`, chat)
    expect(cacheOf(turn)).toBe('hit')
    expect(turn.json).toMatchObject({ usage: { inputTokens: 0, outputTokens: 0, savedTokens: 312 }, answer: { text: 'The plan of What is our plan?', notices: [{ type: 'answer-recalled' }] } })
    expect(cacheOf(await at.other.call('POST', '/api/v1/chat', chat))).toBe('miss')

    expect(UsageReport.parse((await at.owner.call('GET', '/api/v1/usage')).json).cache).toEqual({ hits: 4, savedTokens: 4 * 312, savedMoney: 0 })
    expect(UsageReport.parse((await at.other.call('GET', '/api/v1/usage')).json).cache).toEqual({ hits: 0, savedTokens: 0, savedMoney: 0 })
    expect((await at.owner.call('GET', '/api/v1/providers')).json).toMatchObject({ cache: { reach: 'own', answers: 4, found: 4, notFound: 4, hits: 4, savedTokens: 1_248 } })
  })

  test('crosses accounts where the operator says so, and then only for the same request', async () => {
    await using at = await open('shared')
    await at.owner.call('PUT', '/api/v1/prices', { model: 'openai/model-a', from: '2020-01-01', inputPerMillion: 1_000, outputPerMillion: 10_000 })
    expect([cacheOf(await at.ask(at.owner)), cacheOf(await at.ask(at.other)), callsOf(at.vendor)]).toEqual(['miss', 'hit', 1])
    expect(cacheOf(await at.ask(at.other, { messages: [{ role: 'user', content: 'What is our  plan?' }] }))).toBe('miss')
    expect(UsageReport.parse((await at.other.call('GET', '/api/v1/usage')).json).cache).toEqual({ hits: 1, savedTokens: 312, savedMoney: 0.42 })
  })

  test('holds nothing that can be read or moved: a row under another\'s name is asked of the model again', async () => {
    await using at = await open('own')
    await at.ask(at.owner)
    await at.ask(at.other)
    expect(await at.server.storedRows()).not.toContain('The plan')
    const { database } = at.server.sallyport
    const rows = await database.read.selectFrom('own_answer').selectAll().execute()
    const [mine, theirs] = [rows.find(({ account_id }) => account_id === at.owner.account.id), rows.find(({ account_id }) => account_id === at.other.account.id)]
    if (mine === undefined || theirs === undefined) throw new Error('Two answers are to be there.')
    await database.write([{ query: database.read.updateTable('own_answer').set({ answer_sealed: mine.answer_sealed }).where('id', '=', theirs.id).compile() }])
    expect([cacheOf(await at.ask(at.other)), callsOf(at.vendor)]).toEqual(['miss', 3])
  })
})

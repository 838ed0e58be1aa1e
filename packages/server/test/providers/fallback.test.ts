import { Message, Turn } from '@sallyport/contract'
import { afterEach, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { callerLike } from '../../src/testing/caller.ts'
import { eventsIn } from '../../src/testing/http-client.ts'
import { openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'
import type { BadDay } from '../../src/testing/vendor-script.ts'
import type { VendorServer } from '../../src/testing/vendor-server.ts'

let server: TestServer | undefined
afterEach(async () => { await server?.[Symbol.asyncDispose](); server = undefined })

interface Surroundings { readonly at: TestServer; readonly owner: Person; readonly first: VendorServer; readonly second: VendorServer; readonly days: { first: BadDay | null; second: BadDay | null } }

/** Two vendors, of which the second takes over from the first. */
async function open(settings: Readonly<Record<string, string>> = {}): Promise<Surroundings> {
  const at = server = await openTestServer({ settings: { RESILIENCE_FALLBACKS: JSON.stringify({ 'openai/*': ['anthropic/model-a'] }), RESILIENCE_FIRST_BYTE_SECONDS: '1', RESILIENCE_WHOLE_ANSWER_SECONDS: '1', ...settings } })
  const owner = await at.setUpOwner()
  const days: Surroundings['days'] = { first: null, second: null }
  const [first, second] = [await at.addVendor(owner, 'openai', { script: { text: ['From ', 'the first.'] }, day: () => days.first }), await at.addVendor(owner, 'anthropic', { script: { text: ['From ', 'the second.'] }, day: () => days.second })]
  return { at, owner, first, second, days }
}
/** Questions, and not what is asked of a vendor's list of models. */
const questionsTo = ({ requests }: VendorServer) => requests.filter(({ method }) => method === 'POST').length
const ask = async ({ owner }: Pick<Surroundings, 'owner'>, body: object = {}) => owner.call('POST', `/api/v1/conversations/${await owner.newConversation()}/turns`, { text: 'Who is there?', model: 'openai/model-a', ...body })

describe('what is told of a model that did not answer', () => {
  const told = async (settings: Readonly<Record<string, string>>, days: Partial<Surroundings['days']>, times = 1) => {
    const around = await open({ RESILIENCE_FALLBACKS: '{}', ...settings })
    Object.assign(around.days, days)
    for (let earlier = 1; earlier < times; earlier += 1) await ask(around)
    const { status, json, headers } = await ask(around)
    return { status, detail: (json as { detail: string }).detail, code: (json as { code: string }).code, retryAfter: headers['retry-after'] }
  }

  test.each([
    ['hang', 503, 'provider-unavailable', 'did not answer in time'], ['reset', 503, 'provider-unavailable', 'cannot be reached'], ['reset-midway', 503, 'provider-unavailable', 'broke off'],
    ['server-error', 502, 'provider-error', 'answered with an error'], ['wrong-type', 502, 'provider-error', 'no answer'],
  ] as const)('is what it did: %s', async (first, ...[status, code, words]) => {
    expect(await told({}, { first })).toMatchObject({ status, code, detail: expect.stringMatching(new RegExp(`${words}.*Your question is kept`)) as unknown })
  })

  test('is that it is left alone, and for how long', async () => {
    expect(await told({ RESILIENCE_BREAKER_FAILURES: '2' }, { first: 'server-error' }, 3)).toMatchObject({ status: 503, code: 'provider-unavailable', detail: expect.stringContaining('left alone') as unknown, retryAfter: expect.stringMatching(/^1?[0-9]$/) as unknown })
  })

  test('is when one of those who were asked may be asked again, though the last does not say it', async () => {
    const fallbacks = { RESILIENCE_FALLBACKS: JSON.stringify({ 'openai/*': ['anthropic/model-a'] }), RESILIENCE_BREAKER_FAILURES: '3' }
    const around = await open(fallbacks)
    around.days.first = 'reset'
    for (let earlier = 0; earlier < 3; earlier += 1) await ask(around)
    around.days.second = 'server-error'
    const { status, headers } = await ask(around)
    expect([status, Number(headers['retry-after']) > 0]).toEqual([502, true])
  })
})

describe('a model that does not answer', () => {
  test.each(['hang', 'reset', 'server-error', 'rate-limited', 'unauthorised', 'not-http'] as const)('is replaced by the next one: %s', async (day) => {
    const around = await open()
    around.days.first = day
    const { status, json } = await ask(around)
    expect(status).toBe(200)
    const { answer, turnId } = Turn.parse(json)
    expect(answer).toMatchObject({ text: 'From the second.', model: 'anthropic/model-a', status: 'complete', notices: [{ place: 'answer', type: 'model-replaced', action: 'warn', count: 1 }] })
    expect(await around.at.sallyport.database.read.selectFrom('turn').select('model').where('id', '=', turnId).execute()).toEqual([{ model: 'anthropic/model-a' }])
    // It is nothing that was found in a text.
    expect(await around.at.sallyport.database.read.selectFrom('security_event').select('type').where('type', '=', 'content-found').execute()).toEqual([])
  })

  test.each([false, true])('over the gateway the answer names who wrote it, and says that another did (streamed: %s)', async (stream) => {
    const around = await open()
    around.days.first = 'server-error'
    const reply = await around.at.call('POST', '/v1/chat/completions', { headers: { authorization: `Bearer ${around.owner.key ?? ''}` }, body: { model: 'openai/model-a', stream, messages: [{ role: 'user', content: 'Who is there?' }] } })
    expect(reply.status).toBe(200)
    const parts = stream ? eventsIn(reply.text).map(({ data }) => data) : [reply.json]
    const named = z.array(z.object({ model: z.string(), sallyport: z.object({ notices: z.array(z.object({ type: z.string() })) }).optional() })).parse(parts.filter((part) => typeof part === 'object' && part !== null))
    expect(new Set(named.map(({ model }) => model))).toEqual(new Set(['anthropic/model-a']))
    expect(named.flatMap(({ sallyport }) => sallyport?.notices.map(({ type }) => type) ?? [])).toEqual(['model-replaced'])
  })

  test('is not replaced once its answer has begun', async () => {
    const around = await open()
    around.days.first = 'reset-midway'
    const reply = await ask(around)
    expect([reply.status, questionsTo(around.second)]).toEqual([503, 0])
  })

  test('and that nobody is there for, is told of honestly: who was asked, and that the question is kept', async () => {
    const around = await open()
    around.days.first = 'reset'
    around.days.second = 'reset'
    const conversationId = await around.owner.newConversation()
    const reply = await around.owner.call('POST', `/api/v1/conversations/${conversationId}/turns`, { text: 'Who is there?', model: 'openai/model-a' })
    expect([reply.status, (reply.json as { detail: string }).detail]).toEqual([503, 'None of openai/model-a, anthropic/model-a answered. Of the last: It cannot be reached. Your question is kept. Try again, or choose another model.'])
    const { items } = z.object({ items: z.array(Message) }).parse((await around.owner.call('GET', `/api/v1/conversations/${conversationId}/messages`)).json)
    expect(items.map(({ role, text, status }) => [role, text, status])).toEqual([['user', 'Who is there?', 'complete'], ['assistant', '', 'failed']])
    // Where nothing is kept, nothing is said of it.
    const chat = await around.owner.call('POST', '/api/v1/chat', { text: 'Who is there?', model: 'openai/model-a' })
    expect((chat.json as { detail: string }).detail).not.toContain('kept')
  })
})

describe('nobody takes over', () => {
  test('whose provider has no room left in its budget', async () => {
    const around = await open()
    around.days.first = 'reset'
    const budget = (subject: string, amount: number | null) => around.owner.call('PUT', '/api/v1/budgets', { scope: 'provider', subject, period: 'day', unit: 'tokens', amount })
    expect((await budget('anthropic', 20)).status).toBe(200)
    const reply = await ask(around)
    expect([reply.status, questionsTo(around.second)]).toEqual([503, 0])
    expect((reply.json as { detail: string }).detail).toContain('openai/model-a')
    // The control: with room it does, and it pays.
    await budget('anthropic', 100_000)
    expect((await ask(around)).status).toBe(200)
    const { items } = (await budget('anthropic', 100_000)).json as { items: readonly { used: number }[] }
    expect(items[0]?.used).toBeGreaterThan(0)
    // And the chosen model's own provider without room is told to whoever asks.
    await budget('openai', 10)
    const spent = await ask(around)
    expect([spent.status, spent.text.includes('choose a model of another provider')]).toEqual([402, true])
  })

  test('who may not be used by the key that asks', async () => {
    const around = await open()
    around.days.first = 'reset'
    const { value } = await around.at.sallyport.domains.keys.create(callerOf(around), { name: 'one model', scopes: { models: ['openai/model-a'] } })
    const reply = await around.at.call('POST', '/api/v1/chat', { headers: { authorization: `Bearer ${value}` }, body: { text: 'Who is there?', model: 'openai/model-a' } })
    expect([reply.status, questionsTo(around.second)]).toEqual([503, 0])
  })

  test('for whom the guard would have asked something else', async () => {
    const around = await open({ GUARD_MODELS: JSON.stringify({ 'anthropic/*': { preset: 'public' } }) })
    around.days.first = 'reset'
    expect([(await ask(around)).status, questionsTo(around.second)]).toEqual([503, 0])
  })

  test('when the request itself was refused: it would be refused again', async () => {
    const around = await open()
    around.days.first = 'unknown-model'
    expect([(await ask(around)).status, questionsTo(around.second)]).toEqual([404, 0])
  })

  test('and nothing is asked elsewhere where nobody was set to', async () => {
    const around = await open({ RESILIENCE_FALLBACKS: '{}' })
    around.days.first = 'reset'
    expect([(await ask(around)).status, questionsTo(around.second)]).toEqual([503, 0])
  })
})

test('whoever takes over is paid for at its own price, out of what was held for the dearest', async () => {
  const around = await open()
  const { owner } = around
  for (const [model, outputPerMillion] of [['openai/model-a', 100], ['anthropic/model-a', 1_000]] as const) await owner.call('PUT', '/api/v1/prices', { model, from: '2020-01-01', inputPerMillion: 0, outputPerMillion })
  await owner.call('PUT', '/api/v1/budgets', { scope: 'all', period: 'month', unit: 'money', amount: 1_000 })
  around.days.first = 'reset'
  const { usage } = Turn.parse((await ask(around)).json)
  const { items } = z.object({ items: z.array(z.object({ used: z.number() })) }).parse((await owner.call('GET', '/api/v1/budgets')).json)
  expect(items[0]?.used).toBeCloseTo((usage.outputTokens * 1_000) / 1_000_000, 6)
})

test('how a provider does is counted, and shown to those who manage it', async () => {
  const around = await open()
  await ask(around)
  around.days.first = 'reset'
  await ask(around)
  const { items } = z.object({ items: z.array(z.object({ name: z.string(), health: z.record(z.string(), z.unknown()) })) }).parse((await around.owner.call('GET', '/api/v1/providers')).json)
  expect(items.find(({ name }) => name === 'openai')?.health).toMatchObject({ calls: 2, answered: 1, failed: 1, askedAgain: 2, turnedAway: 0, failures: 1, breaker: 'closed', firstMilliseconds: expect.any(Number) as unknown })
})

const callerOf = ({ owner: { account } }: Surroundings) => callerLike(account.id, account.role)

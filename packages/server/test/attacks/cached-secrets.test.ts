import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { askGateway, cacheOf } from '../../src/testing/asked.ts'
import { openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'
import type { VendorScript } from '../../src/testing/vendor-script.ts'

// PRV-10: what carried personal data, findings, stand-ins or tools is never kept, nor what was ended, cut or failed.

/** Put together here, so that the source holds no key. */
const KEY = ['AKIA', 'Q3EGRZ5XJH7LN2PW'].join('')
let server: TestServer
let owner: Person
let script: VendorScript = { text: ['Fine.'] }
beforeAll(async () => {
  server = await openTestServer({ settings: { CACHE_ANSWERS: 'shared' } })
  owner = await server.setUpOwner()
  await server.addVendor(owner, 'openai', { script: () => script, paceMilliseconds: 1 })
  await server.addVendor(owner, 'openai-compatible', { script: () => script })
})
afterAll(async () => { await server[Symbol.asyncDispose]() })

const answers = async () => (await server.sallyport.database.read.selectFrom('shared_answer').select('id').execute()).length
const messages = (...texts: readonly string[]) => ({ messages: texts.map((content, index) => ({ role: index % 2 === 0 ? 'user' : 'assistant', content })) })
const tool = { type: 'function', function: { name: 'send', parameters: { type: 'object', properties: {} } } }

describe('nothing is kept of a request', () => {
  test.each<[string, Readonly<Record<string, unknown>>]>([
    ['with an address that becomes a stand-in', messages('Write to nora.lind@example.org')],
    ['with one in its history', messages('Write to nora.lind@example.org', 'Done.', 'Again')],
    ['with a key', messages(`Why is ${KEY} refused?`)],
    ['with a finding that the policy lets pass', messages('What is at 192.0.2.17?')],
    ['with tools', { ...messages('Send it'), tools: [tool] }],
    ['with what a tool has said', { messages: [{ role: 'user', content: 'Send it' }, { role: 'assistant', content: null, tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'send', arguments: '{}' } }] }, { role: 'tool', tool_call_id: 'call_1', content: 'Sent.' }] }],
    ['for two answers', { ...messages('Twice'), n: 2 }],
  ])('%s', async (_, request) => {
    script = { text: ['Fine.'] }
    const before = await answers()
    expect([cacheOf(await askGateway(server, owner, request)), cacheOf(await askGateway(server, owner, request))]).toEqual(['none', 'none'])
    expect(await answers()).toBe(before)
  })
})

describe('nothing is kept of an answer', () => {
  test.each<[string, VendorScript]>([
    ['with an address', { text: ['Ask nora.lind@example.org.'] }],
    ['with a key', { text: [`Use ${KEY}.`] }],
    ['with a finding that the policy lets pass', { text: ['It is at 192.0.2.17.'] }],
    ['with one in its reasoning', { reasoning: ['She said 192.0.2.17.'], text: ['Done.'] }],
    ['that was cut', { text: ['It goes on and'], finish: 'length' }],
    ['that is empty', { text: [] }],
  ])('%s', async (name, said) => {
    script = said
    const before = await answers()
    const request = { ...messages(`Question of ${name.length} letters`), model: 'openai-compatible/model-a' }
    for (const reply of [await askGateway(server, owner, request), await askGateway(server, owner, request)]) expect(cacheOf(reply)).toBe('miss')
    expect(await answers()).toBe(before)
  })

  test('but the control: of one with nothing in it', async () => {
    script = { reasoning: ['Blue, then.'], text: ['Done.'] }
    const request = { ...messages('A plain question'), model: 'openai-compatible/model-a' }
    const [first, again] = [await askGateway(server, owner, request), await askGateway(server, owner, request)]
    expect([cacheOf(first), cacheOf(again)]).toEqual(['miss', 'hit'])
    expect(again.json).toMatchObject({ choices: [{ message: { content: 'Done.', reasoning_content: 'Blue, then.' } }] })
  })

  test('that somebody stopped', async () => {
    script = { text: Array.from({ length: 20_000 }, (_, index) => `word ${index} `) }
    const before = await answers()
    const conversation = await owner.newConversation()
    const begun = server.begin('POST', `/api/v1/conversations/${conversation}/turns`, { body: { text: 'Go on for ever', model: 'openai/model-a' }, headers: { cookie: owner.cookie, origin: server.url, accept: 'text/event-stream' } })
    const response = await begun.response
    let text = ''
    response.setEncoding('utf8').on('data', (chunk: string) => { text += chunk })
    const turnId = await vi.waitFor(() => { const match = /"turnId":"(trn_[0-9a-f]{32})"/.exec(text); if (match?.[1] === undefined) throw new Error('Not begun yet.'); return match[1] })
    await owner.call('POST', `/api/v1/turns/${turnId}/stop`)
    await vi.waitFor(() => { expect(text).toContain('turn-end') })
    expect(text).toContain('"status":"stopped"')
    expect(await answers()).toBe(before)
  })
})

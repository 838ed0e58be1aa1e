import { guarding } from '../../src/policy/guarding.ts'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { eventsIn, type HttpReply } from '../../src/testing/http-client.ts'
import { openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'
import type { VendorScript } from '../../src/testing/vendor-script.ts'

/** Put together here, so that the source holds no key. */
const KEY = ['sk', 'proj', 'q7Yt2Wm9Lx4Rb8Nc3Vd6Kp1Hs5Jf0Gz2Ta7Ue4Qo9Xi3Cw'].join('-')
const EMAIL = 'ann.planted@example.org'
const TEXT = `Grüß dich, the key is ${KEY} and the address ${EMAIL}, so write.`
const BYTES = Buffer.from(TEXT)
const MASKED = /^Grüß dich, the key is \[[A-Z_ -]+\] and the address \[EMAIL\], so write\.$/

let server: TestServer
let owner: Person
beforeAll(async () => {
  server = await openTestServer()
  owner = await server.setUpOwner()
  await server.addVendor(owner, 'openai-compatible', { script: ({ question, body }) => scriptFor(question, JSON.stringify(body).includes('"tools"')) })
})
afterAll(async () => { await server[Symbol.asyncDispose]() })
afterEach(() => { server.clock.advance(60_000) })

/** Two pieces, cut at the byte that the question names; a cut inside a character is moved behind it, because JSON carries characters. */
function piecesAt(cut: number): readonly string[] {
  let at = cut
  while (at < BYTES.length && ((BYTES[at] ?? 0) & 0xc0) === 0x80) at += 1
  return [BYTES.subarray(0, at).toString('utf8'), BYTES.subarray(at).toString('utf8')]
}

function scriptFor(question: string, withTools: boolean): VendorScript {
  const [kind = '', cut = '0'] = question.split(' ')
  const pieces = kind === 'characters' ? [...TEXT] : piecesAt(Number(cut))
  if (kind === 'reasoning') return { reasoning: pieces, text: ['Done.'] }
  if (kind === 'tool' && withTools) return { toolCalls: [{ id: 'call_1', name: 'send_note', argumentsText: ['{"note":"', ...pieces, '"}'] }] }
  if (kind === 'choices') return { text: pieces, more: [{ text: [...pieces].reverse() }] }
  return { text: pieces }
}

const MODEL = 'openai-compatible/model-a'
const tools = [{ type: 'function', function: { name: 'send_note', parameters: { type: 'object', properties: {} } } }]
const byKey = (body: object): Promise<HttpReply> => server.call('POST', '/v1/chat/completions', { body, headers: { authorization: `Bearer ${owner.key}` } })
const gateway = (content: string, more: object = {}) => byKey({ model: MODEL, messages: [{ role: 'user', content }], ...more })

interface Delta { readonly content?: string; readonly reasoning_content?: string; readonly tool_calls?: readonly { readonly function: { readonly arguments?: string } }[] }
const deltas = (reply: HttpReply) => eventsIn(reply.text).flatMap(({ data }) => ((data as { choices?: readonly { delta: Delta }[] } | null)?.choices ?? []).map(({ delta }) => delta))
const message = (reply: HttpReply) => (reply.json as { choices: readonly { message: Delta }[] }).choices[0]?.message
const asEvents = (path: string, text: string) => server.call('POST', path, { body: { text, model: MODEL }, headers: { cookie: owner.cookie, origin: server.url, accept: 'text/event-stream' } })
const textDeltas = (reply: HttpReply) => eventsIn(reply.text).filter(({ name }) => name === 'text-delta').map(({ data }) => (data as { text: string }).text).join('')

interface Door { readonly name: string; readonly ask: (what: string) => Promise<{ readonly reply: HttpReply; readonly text: string }>; readonly kind?: string }
/** Every way in which an answer leaves, and every part of it. */
const doors: readonly Door[] = [
  { name: 'page events', ask: async (what) => { const reply = await asEvents(`/api/v1/conversations/${await owner.newConversation()}/turns`, what); return { reply, text: textDeltas(reply) } } },
  { name: 'REST, whole', ask: async (what) => { const reply = await owner.call('POST', `/api/v1/conversations/${await owner.newConversation()}/turns`, { text: what, model: MODEL }); return { reply, text: (reply.json as { answer: { text: string } }).answer.text } } },
  { name: 'chat, streamed', ask: async (what) => { const reply = await asEvents('/api/v1/chat', what); return { reply, text: textDeltas(reply) } } },
  { name: 'gateway, streamed', ask: async (what) => { const reply = await gateway(what, { stream: true }); return { reply, text: deltas(reply).map(({ content }) => content ?? '').join('') } } },
  { name: 'gateway, whole', ask: async (what) => { const reply = await gateway(what); return { reply, text: message(reply)?.content ?? '' } } },
  { name: 'gateway, reasoning streamed', kind: 'reasoning', ask: async (what) => { const reply = await gateway(what, { stream: true }); return { reply, text: deltas(reply).map((delta) => delta.reasoning_content ?? '').join('') } } },
  { name: 'gateway, reasoning whole', kind: 'reasoning', ask: async (what) => { const reply = await gateway(what); return { reply, text: message(reply)?.reasoning_content ?? '' } } },
  { name: 'page events, reasoning', kind: 'reasoning', ask: async (what) => { const reply = await asEvents('/api/v1/chat', what); return { reply, text: eventsIn(reply.text).filter(({ name }) => name === 'reasoning-delta').map(({ data }) => (data as { text: string }).text).join('') } } },
  { name: 'gateway, tool arguments streamed', kind: 'tool', ask: async (what) => { const reply = await gateway(what, { stream: true, tools }); return { reply, text: noteIn(deltas(reply).flatMap((delta) => delta.tool_calls ?? []).map((call) => call.function.arguments ?? '').join('')) } } },
  { name: 'gateway, tool arguments whole', kind: 'tool', ask: async (what) => { const reply = await gateway(what, { tools }); return { reply, text: noteIn(message(reply)?.tool_calls?.[0]?.function.arguments ?? '') } } },
]
const noteIn = (argumentsText: string) => (JSON.parse(argumentsText) as { note: string }).note

/** Neither planted value, nor a part of it that is worth having. */
function expectHidden({ reply, text }: { readonly reply: HttpReply; readonly text: string }): void {
  expect(text).toMatch(MASKED)
  for (const secret of [KEY, EMAIL, KEY.slice(8, 20), KEY.slice(-12), EMAIL.slice(0, 11), EMAIL.slice(-11)]) expect(reply.text).not.toContain(secret)
}

describe.each(doors)('$name', ({ ask, kind = 'text' }) => {
  test('a key and an address that are cut at any byte never appear', async () => {
    // Where the value lies every byte; around it every third.
    const from = Buffer.from(TEXT.slice(0, TEXT.indexOf(KEY))).length - 2
    const to = Buffer.from(TEXT.slice(0, TEXT.indexOf(EMAIL) + EMAIL.length)).length + 2
    const cuts = Array.from({ length: BYTES.length + 1 }, (_, at) => at).filter((at) => (at >= from && at <= to) || at % 3 === 0)
    for (let start = 0; start < cuts.length; start += 12) {
      server.clock.advance(10_000)
      const answers = await Promise.all(cuts.slice(start, start + 12).map((cut) => ask(`${kind} ${cut}`)))
      for (const answer of answers) expectHidden(answer)
    }
  }, 60_000)

  test('where the policy lets them through they do appear', async () => {
    const rows = ['provider-key', 'email'] as const
    const kept = rows.map((type) => ({ ...guarding.personal[type] }))
    for (const type of rows) Object.assign(guarding.personal[type], { model: 'allow' })
    try {
      expect((await ask(`${kind} 40`)).text).toBe(TEXT)
    } finally {
      for (const [index, type] of rows.entries()) Object.assign(guarding.personal[type], kept[index])
    }
    expectHidden(await ask(`${kind} 40`))
  })
})

test('character by character, in each of several choices, and what is stored of it', async () => {
  expectHidden({ ...await (doors[0]?.ask('characters') ?? Promise.reject(new Error('no door'))) })
  const reply = await gateway('choices 60', { n: 2 })
  for (const secret of [KEY.slice(8, 20), EMAIL.slice(0, 11)]) expect(reply.text).not.toContain(secret)
  const conversation = await owner.newConversation()
  await owner.call('POST', `/api/v1/conversations/${conversation}/turns`, { text: 'text 45', model: MODEL })
  const { items } = (await owner.call('GET', `/api/v1/conversations/${conversation}/messages`)).json as { items: { text: string }[] }
  expect(items[1]?.text).toMatch(MASKED)
})

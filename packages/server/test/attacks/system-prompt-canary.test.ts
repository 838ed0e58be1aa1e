import { afterAll, beforeAll, expect, test } from 'vitest'
import { guarding } from '../../src/policy/guarding.ts'
import { eventsIn } from '../../src/testing/http-client.ts'
import { openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'
import type { VendorRequest } from '../../src/testing/vendor-script.ts'

let server: TestServer
let owner: Person
const canaries: string[] = []
beforeAll(async () => {
  server = await openTestServer()
  owner = await server.setUpOwner()
  await server.addVendor(owner, 'openai', { script: (request) => ({ text: betray(request) }) })
})
afterAll(async () => { await server[Symbol.asyncDispose]() })

/** A model that does as it is told: it repeats its instructions, cut where the question says. */
function betray({ body, question }: VendorRequest): readonly string[] {
  const { messages } = body as { messages: readonly { role: string; content: string }[] }
  const instructions = messages.find(({ role }) => role === 'system' || role === 'developer')?.content ?? ''
  const canary = /The word (\S+) marks/.exec(instructions)?.[1] ?? ''
  canaries.push(canary)
  const at = Number(question.split(' ')[1])
  return ['Of course: ', canary.slice(0, at), canary.slice(at), ' marks these instructions.', ' And more of them.']
}

test('an answer that gives the instructions away is ended before the canary, wherever it is cut', async () => {
  for (let at = 0; at <= 12; at += 1) {
    server.clock.advance(30_000)
    const conversation = await owner.newConversation()
    const { text } = await server.call('POST', `/api/v1/conversations/${conversation}/turns`, { headers: { cookie: owner.cookie, origin: server.url, accept: 'text/event-stream' }, body: { text: `cut ${at}`, model: 'openai/model-a' } })
    const canary = canaries.at(-1) ?? ''
    expect(canary).toMatch(/^\w{12}$/)
    expect(text).not.toContain(canary)
    expect(text).not.toContain('And more')
    const shown = eventsIn(text).filter(({ name }) => name === 'text-delta').map(({ data }) => (data as { text: string }).text).join('')
    expect('Of course: '.startsWith(shown.trimEnd()) || shown === 'Of course: ').toBe(true)
    expect(eventsIn(text).at(-1)).toMatchObject({ name: 'turn-end', data: { status: 'blocked', answer: { status: 'blocked' } } })
    expect((await owner.call('GET', `/api/v1/conversations/${conversation}/messages`)).text).not.toContain(canary)
  }
  const events = await server.sallyport.database.read.selectFrom('security_event').select('type').where('type', '=', 'canary-leaked').execute()
  expect(events).toHaveLength(13)
})

test('every turn has a canary of its own', () => {
  expect(new Set(canaries).size).toBe(canaries.length)
})

test('where the policy lets it through the canary does appear', async () => {
  const { model } = guarding.personal.canary
  Object.assign(guarding.personal.canary, { model: 'allow' })
  try {
    const { text } = await owner.call('POST', '/api/v1/chat', { text: 'cut 5', model: 'openai/model-a' })
    expect(text).toContain(canaries.at(-1))
  } finally {
    Object.assign(guarding.personal.canary, { model })
  }
})

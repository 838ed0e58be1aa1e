import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { eventsIn, readEvents, type SentEvent } from '../../src/testing/http-client.ts'
import { openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'

const PIECES = ['Grüße', ', ', '世界', ' 👋🏽', '! My mail is ann', '@exam', 'ple.org', ' and so', ' on. ', ...Array.from({ length: 40 }, (_, index) => `word ${index} `)]
const MASKED = PIECES.join('').replace('ann@example.org', '[EMAIL]')

let server: TestServer
let owner: Person
let pace = 1
beforeAll(async () => {
  server = await openTestServer()
  owner = await server.setUpOwner()
  await server.addVendor(owner, 'openai-compatible', { script: () => ({ text: PIECES, reasoning: ['They ', 'greet ', 'me.'] }), get paceMilliseconds() { return pace } })
})
afterAll(async () => { await server[Symbol.asyncDispose]() })

const textOf = (events: readonly SentEvent[]) => events.filter(({ name }) => name === 'text-delta').map(({ data }) => (data as { text: string }).text).join('')
const begin = async () => {
  const conversation = await owner.newConversation()
  return server.begin('POST', `/api/v1/conversations/${conversation}/turns`, { headers: { cookie: owner.cookie, origin: server.url, accept: 'text/event-stream' }, body: { text: 'Greet me.', model: 'openai-compatible/model-a' } })
}
const resume = async (turnId: string, lastEventId: string | null) =>
  eventsIn((await server.call('GET', `/api/v1/turns/${turnId}/events`, { headers: { cookie: owner.cookie, ...(lastEventId !== null && { 'last-event-id': lastEventId }) } })).text)
const turnIdOf = (events: readonly SentEvent[]) => z.object({ turnId: z.string() }).parse(events[0]?.data).turnId

async function wholeTurn(): Promise<readonly SentEvent[]> {
  const call = await begin()
  const events: SentEvent[] = []
  for await (const event of readEvents(await call.response)) events.push(event)
  return events
}

describe('a reader that was cut off', () => {
  test('reads on from its last event while the turn runs, and has every character once', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 3 }), async (cuts) => {
      server.clock.advance(20_000)
      const seen: SentEvent[] = []
      const first = await begin()
      const response = await first.response
      response.on('error', () => undefined)
      for await (const event of readEvents(response)) {
        seen.push(event)
        if (seen.length >= (cuts[0] ?? 1)) break
      }
      first.leave()
      for (const cut of cuts.slice(1)) {
        const again = server.begin('GET', `/api/v1/turns/${turnIdOf(seen)}/events`, { headers: { cookie: owner.cookie, 'last-event-id': seen.at(-1)?.id ?? '' } })
        const more = await again.response
        more.on('error', () => undefined)
        let read = 0
        for await (const event of readEvents(more)) {
          seen.push(event)
          read += 1
          if (read >= cut) break
        }
        again.leave()
      }
      if (seen.at(-1)?.name !== 'turn-end') seen.push(...await resume(turnIdOf(seen), seen.at(-1)?.id ?? null))
      expect(textOf(seen)).toBe(MASKED)
      expect(seen.filter(({ name }) => name === 'turn-start')).toHaveLength(1)
      expect(seen.filter(({ name }) => name === 'turn-end').at(-1)?.data).toMatchObject({ status: 'complete', answer: { text: MASKED } })
    }), { numRuns: 12 })
  })

  test('reads on from any of its events after the turn has ended', async () => {
    pace = 0
    const events = await wholeTurn()
    for (const [index, { id }] of events.entries()) {
      const rest = await resume(turnIdOf(events), id)
      expect(textOf(events.slice(0, index + 1)) + textOf(rest)).toBe(MASKED)
    }
    const again = await resume(turnIdOf(events), null)
    expect(again[0]?.name).toBe('turn-start')
    expect(again.map(({ name }) => name)).toContain('notice-added')
    expect(again.at(-1)?.name).toBe('turn-end')
  })

  test('reads on from any of its events after the server was restarted, to the end', async () => {
    const events = await wholeTurn()
    await server.restart()
    for (const [index, { id }] of events.slice(0, -1).entries()) {
      server.clock.advance(1_000)
      const rest = await resume(turnIdOf(events), id)
      expect(textOf(events.slice(0, index + 1)) + textOf(rest)).toBe(MASKED)
      expect(rest.at(-1)).toMatchObject({ name: 'turn-end', data: { status: 'complete' } })
    }
  })

  test.each([
    ['of another turn', (id: string) => id.replace(/^trn_./, 'trn_f')], ['cut short', (id: string) => id.slice(0, -3)], ['of another form', () => '17'],
    ['below nothing', (id: string) => id.replace(/:\d+:/, ':-1:')], ['beyond all numbers', (id: string) => `${id}9999999999`],
  ])('an event id %s is refused, with what to do', async (_, change) => {
    const events = await wholeTurn()
    const turnId = turnIdOf(events)
    const reply = await server.call('GET', `/api/v1/turns/${turnId}/events`, { headers: { cookie: owner.cookie, 'last-event-id': change(events[1]?.id ?? '') } })
    expect(reply.status).toBe(400)
    expect(reply.json).toMatchObject({ code: 'invalid-request', detail: expect.stringContaining('Leave it out') })
  })
})

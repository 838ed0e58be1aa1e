import { afterEach, expect, test, vi } from 'vitest'
import { askTurn, parseTurnEvent, rejoinTurn } from './follow-turn.ts'
import { PageProblem } from './problem.ts'

const turnId = `trn_${'0'.repeat(32)}`
const conversationId = `con_${'0'.repeat(32)}`
const frame = (number: number, name: string, data: unknown): string => `id: ${turnId}:${number}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`
const start = frame(1, 'turn-start', { turnId, conversationId, model: 'library', question: null, answerId: null })
const delta = (number: number, text: string): string => frame(number, 'text-delta', { text })
const end = frame(9, 'turn-end', { status: 'complete', usage: { inputTokens: 1, outputTokens: 2 }, answer: null })
const stream = (text: string): Response => new Response(text, { headers: { 'content-type': 'text/event-stream' } })
const problem = (status: number, code: string): Response => Response.json({ type: `/problems/${code}`, title: 'Title', status, instance: 'urn:request:r-1', code, detail: 'Detail.' }, { status })

/** Answers one request after the other, and remembers them. */
function serve(...answers: readonly (() => Response)[]) {
  const requests: { readonly path: string; readonly lastEventId: string | null }[] = []
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
    requests.push({ path, lastEventId: new Headers(init.headers).get('last-event-id') })
    const answer = answers[requests.length - 1]
    if (answer === undefined) throw new TypeError('Nobody answers')
    return answer()
  })
  return requests
}
async function textOf(events: AsyncIterable<{ readonly name: string; readonly data: unknown }>): Promise<string> {
  let text = ''
  for await (const { name, data } of events) text += name === 'text-delta' ? String(Object.values(Object(data))[0]) : `<${name}>`
  return text
}
const ask = () => askTurn({ params: { conversationId }, body: { text: 'Hello' } }, new AbortController().signal)
afterEach(() => { vi.unstubAllGlobals() })

test('a stream that breaks off goes on after the last event that was seen', async () => {
  const requests = serve(() => stream(start + delta(2, 'one ') + 'id: x\nevent: text-delta\nda'), () => stream(delta(3, 'two') + end))
  expect(await textOf(ask())).toBe('<turn-start>one two<turn-end>')
  expect(requests[1]).toEqual({ path: `/api/v1/turns/${turnId}/events`, lastEventId: `${turnId}:2` })
})

test('a turn that began earlier is read from its beginning', async () => {
  const requests = serve(() => stream(start + delta(2, 'all') + end))
  expect(await textOf(rejoinTurn(turnId, new AbortController().signal))).toBe('<turn-start>all<turn-end>')
  expect(requests[0]?.lastEventId).toBeNull()
})

test('a refusal is a problem with its request id, and is not tried again', async () => {
  const requests = serve(() => problem(422, 'content-blocked'))
  await expect(textOf(ask())).rejects.toMatchObject({ code: 'content-blocked', detail: 'Detail.', requestId: 'r-1' })
  expect(requests).toHaveLength(1)
})

test('a turn that the server no longer knows is a problem, not an endless wait', async () => {
  serve(() => stream(start), () => problem(404, 'not-found'))
  await expect(textOf(ask())).rejects.toBeInstanceOf(PageProblem)
})

test('a server that cannot be reached is said in words', async () => {
  serve()
  await expect(textOf(ask())).rejects.toMatchObject({ code: 'unreachable' })
})

test.each([['text-delta', '{"text":1}'], ['text-delta', '{"text":"a","run":"b"}'], ['text-delta', '{'], ['execute', '{"code":"x"}'], ['__proto__', '{}'], ['constructor', '{}']])('the event %s with %s does not reach the page', (name, data) => {
  expect(parseTurnEvent(name, data)).toBeNull()
})

test('a known event does', () => {
  expect(parseTurnEvent('text-delta', '{"text":"a"}')).toEqual({ name: 'text-delta', data: { text: 'a' } })
})

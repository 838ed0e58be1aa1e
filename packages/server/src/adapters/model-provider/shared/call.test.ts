import { expect, test } from 'vitest'
import type { EgressBody } from '../../../ports/egress.ts'
import type { ModelEvent } from '../../../ports/model-provider.ts'
import { streamAnswer, type AnswerDecoder } from './call.ts'
import { createLineFrames } from './frames.ts'
import { invalidAnswer } from './json.ts'

const event: ModelEvent = { type: 'text-delta', choice: 0, text: 'x' }
/** `bad` fails, `last` ends, anything else is an event. */
const decoder: AnswerDecoder = {
  frame: (data, events) => { if (data === 'bad') throw invalidAnswer('bad'); events.push(event); return data === 'last' },
  whole: () => {},
  end: () => {},
}

function answerOf(chunks: readonly string[]) {
  const left: string[] = []
  let next = 0
  const done = Promise.resolve({ done: true as const, value: undefined })
  const body: EgressBody = {
    [Symbol.asyncIterator]: () => body,
    next: () => { const chunk = chunks[next]; next += 1; return chunk === undefined ? done : Promise.resolve({ done: false, value: Buffer.from(chunk) }) },
    return: () => { left.push('return'); return done },
    throw: () => { left.push('throw'); return done },
  }
  const answer = streamAnswer({
    decoder, createFrames: createLineFrames, streamType: 'application/x-ndjson', failures: { words: {}, scrub: String },
    request: { url: new URL('http://vendor.test/'), method: 'POST', headers: {}, signal: new AbortController().signal },
    fetchConfigured: () => Promise.resolve({ status: 200, headers: { 'content-type': 'application/x-ndjson' }, body }),
  })
  return { answer, left }
}

async function read(answer: AsyncIterable<ModelEvent>, events: ModelEvent[]) { for await (const one of answer) events.push(one) }

test('an answer that went wrong has its connection closed at once, before the throw and after what came before', async () => {
  const { answer, left } = answerOf(['1\n2\nbad\n3\n'])
  const events: ModelEvent[] = []
  await expect(read(answer, events).catch((error: unknown) => { expect(left[0]).toBe('throw'); throw error })).rejects.toMatchObject({ kind: 'invalid-answer' })
  expect(events).toHaveLength(2)
})

test.each([['which ends', ['1\n', 'last\n', '3\n']], ['without an end mark', ['1\n', '2\n']]])('an answer %s leaves its connection for the next', async (_, chunks) => {
  const { answer, left } = answerOf(chunks)
  const events: ModelEvent[] = []
  await read(answer, events)
  expect(events).toHaveLength(2)
  expect(left).toEqual(['return'])
})

test('a reader who leaves lets go of the connection', async () => {
  const { answer, left } = answerOf(['1\n2\n3\n'])
  for await (const one of answer) { expect(one).toEqual(event); break }
  expect(left).toEqual(['return'])
})

import { expect, test } from 'vitest'
import type { ModelEvent } from '../ports/model-provider.ts'
import { collectEvents } from './collect-events.ts'
import { lyingAnswers } from './lying-events.ts'

async function* say(events: readonly ModelEvent[]): AsyncGenerator<ModelEvent> { yield* events }

test.each(Object.entries(lyingAnswers))('an answer that breaks the promise "%s" is found out', async (_, events) => {
  await expect(collectEvents(say(events))).rejects.toThrow()
})

test('an honest answer is put together', async () => {
  const events: ModelEvent[] = [
    { type: 'reasoning-delta', choice: 0, text: 'Hm' }, { type: 'text-delta', choice: 1, text: 'b' }, { type: 'text-delta', choice: 0, text: 'a' },
    { type: 'tool-call-delta', choice: 0, index: 0, id: 'c', name: 'f', argumentsText: '{' }, { type: 'tool-call-delta', choice: 0, index: 0, argumentsText: '}' },
    { type: 'finish', choice: 0, reason: 'tool-calls' }, { type: 'finish', choice: 1, reason: 'length' }, { type: 'usage', inputTokens: 3, outputTokens: 4 },
  ]
  expect(await collectEvents(say(events))).toEqual({
    choices: [{ text: 'a', reasoning: 'Hm', toolCalls: [{ id: 'c', name: 'f', argumentsText: '{}' }], finish: 'tool-calls' }, { text: 'b', reasoning: '', toolCalls: [], finish: 'length' }],
    usage: { inputTokens: 3, outputTokens: 4 },
  })
})

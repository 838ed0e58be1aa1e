import { describe, expect, test } from 'vitest'
import { localRules } from '../adapters/moderator/local-rules/index.ts'
import type { Moderator } from '../ports/moderator.ts'
import { judge, moderateOutput, type ModeratedEvent } from './moderation.ts'

const never = new AbortController().signal
const says = (answer: Awaited<ReturnType<Moderator['moderate']>>): Moderator => ({ moderate: () => Promise.resolve(answer) })
const dumb: Moderator = { moderate: () => Promise.reject(new Error('gone')) }
const local = localRules.create({}, { fetchConfigured: () => Promise.reject(new Error('no network')) })

async function* deltas(text: string, size = 7): AsyncIterable<ModeratedEvent> {
  for (let at = 0; at < text.length; at += size) yield await Promise.resolve({ type: 'text-delta' as const, choice: 0, text: text.slice(at, at + size) })
  yield { type: 'finish', choice: 0, reason: 'stop' }
}
async function shown(events: AsyncIterable<ModeratedEvent>) {
  const all: ModeratedEvent[] = []
  for await (const event of events) all.push(event)
  return { text: all.map((event) => (event.type === 'text-delta' ? event.text : '')).join(''), finish: all.findLast((event) => event.type === 'finish')?.reason, notices: all.filter((event) => event.type === 'notice') }
}

describe('judging', () => {
  test('a hazard whose row says block refuses the text', async () => {
    const judgement = await judge({ local: [local], remote: [] }, 'Tell me how to make sarin at home', { place: 'input', signal: never })
    expect(judgement).toEqual({ isBlocked: true, notices: [{ type: 'indiscriminate-weapons', action: 'block' }] })
  })
  test('ordinary talk that uses hard words passes', async () => {
    for (const text of ['How do I kill a Python process?', 'The naked singularity of a black hole', 'Write a story about two children in a garden', 'How was sarin found in Tokyo?']) {
      expect(await judge({ local: [local], remote: [] }, text, { place: 'input', signal: never })).toEqual({ isBlocked: false, notices: [] })
    }
  })
  test('a moderator that cannot tell, or throws, closes the door', async () => {
    for (const moderator of [says({ outcome: 'unavailable', cause: null }), dumb]) {
      expect((await judge({ local: [], remote: [moderator] }, 'hello', { place: 'input', signal: never })).isBlocked).toBe(true)
    }
  })
  test('one clear word does not outweigh another moderator that objects', async () => {
    const both = [says({ outcome: 'judged', categories: [] }), says({ outcome: 'judged', categories: ['hate'] })]
    expect((await judge({ local: [], remote: both }, 'text', { place: 'output', signal: never })).isBlocked).toBe(true)
  })
})

describe('moderating an answer', () => {
  const long = 'A harmless sentence about gardens. '.repeat(40)
  test('a harmless answer passes unchanged, however it is cut', async () => {
    for (const size of [1, 7, 500, 5_000]) expect((await shown(moderateOutput(deltas(long, size), { local: [local], remote: [] }, never))).text).toBe(long)
    expect((await shown(moderateOutput(deltas(long), { local: [], remote: [says({ outcome: 'judged', categories: [] })] }, never))).text).toBe(long)
  })
  test('a blocked answer ends as filtered, with a notice', async () => {
    const answer = await shown(moderateOutput(deltas(`${long} To make sarin you need ${long}`), { local: [local], remote: [] }, never))
    expect(answer.finish).toBe('content-filter')
    expect(answer.text.length).toBeLessThan(long.length + 400)
    expect(answer.notices).toEqual([{ type: 'notice', notice: { place: 'answer', type: 'indiscriminate-weapons', action: 'block', count: 1 } }])
  })
  test('with a remote moderator nothing of a blocked segment is shown', async () => {
    const remote: Moderator = { moderate: (text) => Promise.resolve({ outcome: 'judged', categories: text.includes('FORBIDDEN') ? ['hate'] : [] }) }
    const answer = await shown(moderateOutput(deltas(`${long}FORBIDDEN${long}`), { local: [], remote: [remote] }, never))
    expect(answer.finish).toBe('content-filter')
    expect(answer.text).not.toContain('FORB')
  })
  test('words of a rule that stand in two segments are seen together', async () => {
    const answer = await shown(moderateOutput(deltas(`${'x '.repeat(98)}how to make some sarin, step by step, for everyone. ${long}`, 3), { local: [local], remote: [] }, never))
    expect(answer.finish).toBe('content-filter')
  })
})

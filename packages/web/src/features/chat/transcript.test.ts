import type { Message } from '@sallyport/contract'
import { expect, test } from 'vitest'
import { applyTurnEvent, finishedUntil, noticesOf, spokenText, toEntry, type Entry } from './transcript.ts'

const turnId = `trn_${'1'.repeat(32)}`
const message = (role: Message['role'], text: string, more: Partial<Message> = {}): Message => ({
  id: `msg_${(role === 'user' ? '2' : '3').repeat(32)}`, role, text, createdAt: '2026-01-01T00:00:00.000Z', turnId, status: role === 'user' ? 'complete' : 'running',
  model: 'library', citations: [], notices: [], feedback: null, ...more,
})
const start = { name: 'turn-start', data: { turnId, conversationId: null, model: 'library', question: message('user', 'Why?'), answerId: message('assistant', '').id } } as const
const delta = (text: string) => ({ name: 'text-delta', data: { text } }) as const
const after = (entries: readonly Entry[], ...events: readonly Parameters<typeof applyTurnEvent>[2][]): readonly Entry[] =>
  events.reduce((now, event) => applyTurnEvent(now, turnId, event), entries)
const texts = (entries: readonly Entry[]) => entries.map(({ text }) => text)

test('a turn adds its question and its growing answer', () => {
  expect(texts(after([], start, delta('Be'), delta('cause')))).toEqual(['Why?', 'Because'])
})

test('a turn that is followed again from its beginning stands there once', () => {
  const halfway = after([], start, delta('Bec'))
  expect(texts(after(halfway, start, delta('Be'), delta('cause')))).toEqual(['Why?', 'Because'])
  expect(texts(after([toEntry(message('user', 'Why?')), toEntry(message('assistant', 'Bec'))], start, delta('Because')))).toEqual(['Why?', 'Because'])
})

test('the kept answer replaces the shown one at the end; without one the shown stays', () => {
  const end = (answer: Message | null) => ({ name: 'turn-end', data: { status: 'complete', usage: { inputTokens: 1, outputTokens: 1 }, answer } }) as const
  expect(after([], start, delta('shown'), end(message('assistant', 'kept', { status: 'complete' }))).at(-1)).toMatchObject({ text: 'kept', status: 'complete' })
  expect(after([], start, delta('shown'), end(null)).at(-1)).toMatchObject({ text: 'shown', status: 'complete' })
})

test('a problem fails the answer and keeps its text', () => {
  const problem = { name: 'problem', data: { type: '/problems/provider-error', title: 'The model provider gave an error', status: 502, instance: 'urn:request:7', code: 'provider-error' } } as const
  expect(after([], start, delta('half'), problem).at(-1)).toMatchObject({ text: 'half', status: 'failed', problem: { code: 'provider-error', requestId: '7' } })
})

test('events of another turn change nothing', () => {
  const entries = after([], start)
  expect(applyTurnEvent(entries, `trn_${'9'.repeat(32)}`, delta('x'))).toEqual(entries)
})

test('what the question and the stream both tell of the guard is said once, with the higher count', () => {
  const notice = { place: 'question', type: 'email', action: 'mask', count: 1 } as const
  expect(noticesOf(toEntry(message('user', '', { notices: [notice] })), toEntry(message('assistant', '', { notices: [{ ...notice, count: 2 }, { ...notice, place: 'answer' }] })))).toEqual([{ ...notice, count: 2 }, { ...notice, place: 'answer' }])
})

test('a weak sign that changed nothing is not told; one that was left out is', () => {
  const hint = { place: 'passage', type: 'injection-hint', action: 'warn', count: 1 } as const
  const dropped = { ...hint, type: 'injection-likely', action: 'drop' } as const
  expect(noticesOf(undefined, toEntry(message('assistant', '', { notices: [hint, dropped] })))).toEqual([dropped])
})

test('speech leaves out marks, addresses and fences', () => {
  expect(spokenText('## A **key**\n\n- see [the docs](https://x.example/?q=1) [1]\n\n```bash\ncurl\n```')).toBe('A key - see the docs [1] curl')
})

test('a paragraph is finished by an empty line, and never within code', () => {
  expect(finishedUntil('one\n\ntwo', 0)).toBe(3)
  expect(finishedUntil('one\n\ntwo', 3)).toBe(3)
  expect(finishedUntil('```\na\n\nb', 0)).toBe(0)
})

import { expect, test } from 'vitest'
import { noticeWords } from './notice-words.ts'

test.each([
  [{ place: 'question', type: 'email', action: 'mask', count: 1 }, '1 e-mail address was hidden from the model'],
  [{ place: 'answer', type: 'provider-key', action: 'mask', count: 3 }, '3 provider keys were hidden in the answer'],
  [{ place: 'passage', type: 'payment-card', action: 'drop', count: 2 }, '2 card numbers were left out in a document'],
  [{ place: 'answer', type: 'canary', action: 'block', count: 1 }, '1 part of the instructions was stopped in the answer'],
  [{ place: 'tool', type: 'new-kind', action: 'pseudonymise', count: 1 }, '1 new kind was replaced by a stand-in in a tool’s result'],
  [{ place: 'question', type: 'phone', action: 'pseudonymise', count: 2 }, '2 phone numbers were replaced by stand-ins for the model'],
  [{ place: 'question', type: 'person', action: 'pseudonymise', count: 2 }, '2 names of people were replaced by stand-ins for the model'],
  [{ place: 'answer', type: 'outside-tool-call', action: 'challenge', count: 1 }, '1 tool call after text from outside needs your approval in the answer'],
] as const)('%j is told as “%s”', (notice, words) => {
  expect(noticeWords(notice)).toBe(words)
})

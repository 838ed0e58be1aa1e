import { expect, test } from 'vitest'
import { beginningOf, estimateTokens, weighText } from './estimate-tokens.ts'

test.each([
  ['a word of English', 'words', 2], ['a long text of English', 'many short words '.repeat(100), 425], ['nothing', '', 0],
  ['Cyrillic', 'слово', 3], ['Han', '语言模型', 4], ['Kana and Hangul', 'かな한글', 4], ['a picture', '👋', 2], ['Devanagari', 'नमस्ते', 5],
] as const)('%s', (_name, text, tokens) => {
  expect(estimateTokens(text)).toBe(tokens)
})

test('no text has more bytes than it weighs', () => {
  for (const text of ['plain', 'plain '.repeat(50), 'Grüß dich', '世界', '👋🏽', '\u2028', '\ud800', `${'a'.repeat(100)}é`]) expect(weighText(text)).toBeGreaterThanOrEqual(Buffer.byteLength(text))
})

test('a beginning has no more tokens than it may, and no half characters', () => {
  expect([beginningOf('many words', 1), beginningOf('many', 1), beginningOf('语言', 1), beginningOf('👋', 1), beginningOf('any', Infinity)]).toEqual(['many', 'many', '语', '', 'any'])
})

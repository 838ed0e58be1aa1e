import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { piecesAndPauses, toPieces } from './passages.ts'

const words = (count: number, word = 'word') => Array.from({ length: count }, (_, at) => `${word}${at}`).join(' ')
const markdown = (text: string) => [...toPieces(text, 'text/markdown')]

describe('passages of Markdown', () => {
  test('keep the path of headings', () => {
    const pieces = markdown('# Guide\n\nIntro.\n\n## Keys\n\n### Making one\n\nOpen *Keys*.\n\n## Limits ##\n\nNone.')
    expect(pieces.map(({ heading, text }) => [heading, text])).toEqual([
      ['Guide', 'Intro.'], ['Guide › Keys › Making one', 'Open *Keys*.'], ['Guide › Limits', 'None.'],
    ])
  })
  test('take headings that are underlined, and not a rule for one', () => {
    expect(markdown('Guide\n=====\n\nText\n\nPart\n---\n\nMore\n\n---\n\nEnd').map(({ heading }) => heading)).toEqual(['Guide', 'Guide › Part'])
  })
  test('leave code whole, and take no heading, list or fence from within it', () => {
    const code = '```sh\n# not a heading\n\nnpm start\n~~~\n```'
    const [piece] = markdown(`# A\n\nRun this:\n\n${code}\n\nDone.`)
    expect(piece?.text).toBe(`Run this:\n\n${code}\n\nDone.`)
    expect(piece?.heading).toBe('A')
  })
  test('keep a list together over blank lines and indented code', () => {
    const list = '1. One\n\n   ```\n   x\n   ```\n\n2. Two'
    const pieces = markdown(`${words(110)}\n\n${list}`)
    expect(pieces.some(({ text }) => text.includes('1. One') && text.includes('2. Two'))).toBe(true)
  })
  test('drop the front matter, with offsets that still fit', () => {
    const text = '---\ntitle: x\n---\n\nHello there.'
    const [piece] = markdown(text)
    expect(piece?.text).toBe('Hello there.')
    expect(text.slice(piece?.from, piece?.to)).toBe('Hello there.')
  })
  test('are neither long nor needlessly short', () => {
    const pieces = markdown(Array.from({ length: 30 }, () => words(45)).join('\n\n'))
    for (const piece of pieces.slice(0, -1)) {
      const count = piece.text.split(/\s+/).length
      expect(count).toBeGreaterThanOrEqual(120)
      expect(count).toBeLessThanOrEqual(200)
    }
  })
  test('an unclosed fence goes to the end', () => {
    expect(markdown('# A\n\n```\n# B\n')[0]?.text).toBe('```\n# B')
  })
})

describe('passages of any text', () => {
  test('a long paragraph is cut at the ends of sentences', () => {
    const text = Array.from({ length: 60 }, (_, at) => `Sentence ${at} has a few more words in it.`).join(' ')
    const pieces = [...toPieces(text, 'text/plain')]
    expect(pieces.length).toBeGreaterThan(1)
    for (const piece of pieces) expect(piece.text.trimEnd().endsWith('.')).toBe(true)
  })
  test('a text without spaces is cut within bounds, and never within a character', () => {
    const text = '😀'.repeat(5_000)
    const pieces = [...toPieces(text, 'text/plain')]
    expect(pieces.map((piece) => piece.text).join('')).toBe(text)
    for (const piece of pieces) expect(piece.text).toMatch(/^(?:😀)+$/u)
  })
  test('hash signs are no headings in plain text', () => {
    expect([...toPieces('# x\n\ny', 'text/plain')]).toEqual([{ heading: '', text: '# x\n\ny', from: 0, to: 6 }])
  })
  const anything = fc.array(fc.constantFrom('# H', '## H', '```', '~~~', '- item', '1. item', '| a |', '', ' ', 'para graph. More!', '---', '===', '    code', 'x'.repeat(3_000), '\t', '水'.repeat(900)), { maxLength: 40 })
    .map((lines) => lines.join('\n'))
  test.each(['text/plain', 'text/markdown'] as const)('%s: passages are in order, inside the text, bounded, and lose no word outside of headings', (mediaType) => {
    fc.assert(fc.property(anything, (text) => {
      let end = 0
      for (const piece of toPieces(text, mediaType)) {
        expect(piece.from).toBeGreaterThanOrEqual(end)
        expect(text.slice(piece.from, piece.to)).toBe(piece.text)
        expect(piece.text.length).toBeLessThanOrEqual(2_400)
        if (mediaType === 'text/plain') expect(text.slice(end, piece.from).trim()).toBe('')
        end = piece.to
      }
      if (mediaType === 'text/plain') expect(text.slice(end).trim()).toBe('')
    }), { numRuns: 300 })
  })
  test('two million characters without a line end are cut in one pass', () => {
    expect([...toPieces('a '.repeat(1_000_000), 'text/markdown')].length).toBeGreaterThan(4_000)
    expect([...toPieces('a\n'.repeat(1_000_000), 'text/markdown')].length).toBeGreaterThan(4_000)
  })
})

test('a document that is long in coming to a passage gives others their turn, and pauses are no passages', () => {
  const text = '#\n'.repeat(50_000)
  expect([...piecesAndPauses(text, 'text/markdown')]).toEqual(Array.from({ length: 25 }, () => null))
  expect(markdown(text)).toEqual([])
  expect([...piecesAndPauses('# A\n\nwords', 'text/markdown')].filter((piece) => piece === null)).toEqual([])
})

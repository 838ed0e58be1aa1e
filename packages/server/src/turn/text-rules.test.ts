import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ProblemError } from '../kernel/problem.ts'
import { normaliseQuestion } from './text-rules.ts'

const refusal = (text: string, most = 4_000) => {
  try {
    normaliseQuestion(text, most)
    return null
  } catch (error) {
    return error instanceof ProblemError ? error : null
  }
}

describe('a question', () => {
  test.each([
    ['e\u0301', 'é'], ['a\r\nb', 'a\nb'], ['a\u0000b\u0007c', 'abc'], ['a\u202eb\u2066c', 'abc'], ['a\u009bb', 'ab'], ['e\u202e\u0301', 'é'], ['a\ud800b', 'a\ufffdb'], ['tab\tand\nline', 'tab\tand\nline'], ['👨‍👩‍👧 family', '👨‍👩‍👧 family'],
    ['<script>alert(1)</script> and rm -rf /', '<script>alert(1)</script> and rm -rf /'],
  ])('%j becomes %j', (text, clean) => { expect(normaliseQuestion(text, 100)).toBe(clean) })

  test.each(['', ' ', '\n\t ', '\u0000', '\u202e\u2066', '\u00a0\u2003', '\u200b', '\u200d\ufeff\u2060', '\u00ad \u3164', '\u{e0041}\u{e0042}'])('%j is blank, and refused', (text) => {
    expect(refusal(text)).toMatchObject({ code: 'invalid-request', detail: expect.stringContaining('Write something') })
  })

  test('is counted in characters, not in code units or bytes', () => {
    expect(refusal('👋é'.repeat(50), 100)).toBeNull()
    expect(refusal(`${'👋é'.repeat(50)}x`, 100)).toMatchObject({ detail: expect.stringContaining('101 characters; at most 100') })
  })

  test('of one character over and over is refused from twenty on, above four fifths', () => {
    expect(refusal('a'.repeat(19))).toBeNull()
    expect(refusal('a'.repeat(20))).not.toBeNull()
    expect(refusal('a'.repeat(16) + 'bcde')).toBeNull()
    expect(refusal('a'.repeat(17) + 'bcd')).not.toBeNull()
    expect(refusal('👋'.repeat(30))).not.toBeNull()
  })

  test('that was made clean once stays as it is', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', minLength: 1 }), (text) => {
      if (refusal(text) !== null) return
      const once = normaliseQuestion(text, 4_000)
      if (refusal(once) === null) expect(normaliseQuestion(once, 4_000)).toBe(once)
      expect(once).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
    }))
  })
})

import { Secret } from 'otpauth'
import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { rfcAlphabet, toBase32 } from './base32.ts'

/** RFC 4648, section 10, without padding. */
test.each([['', ''], ['f', 'MY'], ['fo', 'MZXQ'], ['foo', 'MZXW6'], ['foob', 'MZXW6YQ'], ['fooba', 'MZXW6YTB'], ['foobar', 'MZXW6YTBOI']])('"%s" is %s', (text, written) => {
  expect(toBase32(Buffer.from(text), rfcAlphabet)).toBe(written)
})

test('another library reads back what is written', () => {
  for (let length = 1; length <= 64; length += 1) {
    const bytes = randomBytes(length)
    expect(Buffer.from(Secret.fromBase32(toBase32(bytes, rfcAlphabet)).buffer).equals(bytes)).toBe(true)
  }
})

import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { createSealer } from '../../kernel/seal.ts'
import { newRecoveryCodes, recoveryCodeHash } from './recovery-codes.ts'

const sealer = createSealer('acc_1', new Map([[1, randomBytes(32)]]))

test('ten codes of 80 bits, without letters that look like figures', () => {
  const codes = newRecoveryCodes()
  expect(new Set(codes).size).toBe(10)
  for (const code of codes) expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){3}$/)
  // Every bit is used: over many codes each of the 32 letters stands at each of the 16 places.
  const seen = Array.from({ length: 16 }, () => new Set<string>())
  for (let round = 0; round < 60; round += 1) for (const code of newRecoveryCodes()) for (const [place, letter] of [...code.replaceAll('-', '')].entries()) seen[place]?.add(letter)
  for (const letters of seen) expect(letters.size).toBe(32)
})

test('a code is the same however it is written down', () => {
  const kept = recoveryCodeHash(sealer, '0123-4567-89AB-1CDE')
  for (const typed of ['0123456789AB1CDE', '0123 4567 89ab 1cde', 'o123-4567-89ab-lcde', 'O123-4567-89AB-ICDE']) expect(recoveryCodeHash(sealer, typed).equals(kept)).toBe(true)
  expect(recoveryCodeHash(sealer, '0123-4567-89AB-1CDF').equals(kept)).toBe(false)
})

test('without the account\'s key a kept hash tells nothing', () => {
  const other = createSealer('acc_1', new Map([[1, randomBytes(32)]]))
  expect(recoveryCodeHash(other, '0123-4567-89AB-1CDE').equals(recoveryCodeHash(sealer, '0123-4567-89AB-1CDE'))).toBe(false)
})

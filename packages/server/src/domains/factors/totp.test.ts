import { Secret, TOTP, URI } from 'otpauth'
import { expect, test } from 'vitest'
import { clockDifference, describeSeed, matchStep, newSeed, stepAt, totpCode } from './totp.ts'

/** RFC 6238, appendix B, SHA-1: the last six of its eight digits. */
const vectors = [[59, '287082'], [1_111_111_109, '081804'], [1_111_111_111, '050471'], [1_234_567_890, '005924'], [2_000_000_000, '279037'], [20_000_000_000, '353130']] as const

test.each(vectors)('the code at second %i is that of RFC 6238', (seconds, code) => {
  const seed = Buffer.from('12345678901234567890')
  expect(totpCode(seed, stepAt(seconds * 1_000))).toBe(code)
  expect(matchStep(seed, code, seconds * 1_000)).toBe(stepAt(seconds * 1_000))
})

test('an independent authenticator shows the same code for every seed and moment', () => {
  for (let round = 0; round < 300; round += 1) {
    const seed = newSeed()
    const now = Math.floor(Math.random() * 4e12)
    const app = new TOTP({ secret: new Secret({ buffer: Uint8Array.from(seed).buffer }), algorithm: 'SHA1', digits: 6, period: 30 })
    expect(totpCode(seed, stepAt(now))).toBe(app.generate({ timestamp: now }))
  }
})

test('an independent authenticator reads the QR code, whatever the address holds', () => {
  const seed = newSeed()
  for (const address of ['ann@example.org', 'ann+two&secret=AAAA@example.org', 'ünï:ann@example.org']) {
    const { uri, secret } = describeSeed(seed, address)
    const app = URI.parse(uri)
    expect(app).toMatchObject({ issuer: 'Sallyport', label: address, algorithm: 'SHA1', digits: 6, period: 30 })
    expect(Buffer.from(app.secret.buffer).equals(seed)).toBe(true)
    expect(Buffer.from(Secret.fromBase32(secret).buffer).equals(seed)).toBe(true)
  }
})

test('the codes of the step before and the step after are accepted, and no others', () => {
  const seed = newSeed()
  const now = 1_700_000_000_000
  const accepted = []
  for (let away = -25; away <= 25; away += 1) if (matchStep(seed, totpCode(seed, stepAt(now) + away), now) !== null) accepted.push(away)
  // Two of a million codes may be alike by chance; the three must be among what is accepted.
  expect(accepted).toEqual(expect.arrayContaining([-1, 0, 1]))
  expect(accepted.length).toBeLessThanOrEqual(4)
})

test('what is no code of six digits belongs to no step', () => {
  const seed = newSeed()
  for (const code of ['', '12345', '1234567', '12 345', 'abcdef', '１２３４５６', '\u0000'.repeat(6)]) expect(matchStep(seed, code, 1_700_000_000_000)).toBeNull()
})

test('how far a clock is off is told for ten minutes either way', () => {
  const seed = newSeed()
  const now = 1_700_000_010_000
  for (const steps of [-20, -3, 2, 20]) expect(clockDifference(seed, totpCode(seed, stepAt(now) + steps), now)).toBe(steps * 30)
  expect(clockDifference(seed, totpCode(seed, stepAt(now) + 500), now)).toBeNull()
})

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { rfcAlphabet, toBase32 } from '../../kernel/base32.ts'

/** RFC 4226, section 4, asks for 128 bits at least and recommends 160. */
const SEED_BYTES = 20
const DIGITS = 6
export const stepSeconds = 30
/** Steps on either side of the present one that are accepted (RFC 6238, section 5.2): clocks differ, and codes take time to type. */
const WINDOW = 1
/** How far a clock is looked for when an app is set up: ten minutes either way. */
const SEARCH = 20

/** A new seed. */
export const newSeed = (): Buffer => randomBytes(SEED_BYTES)

/** The time step of a moment in milliseconds since the epoch. */
export const stepAt = (now: number): number => Math.floor(now / 1_000 / stepSeconds)

/** The code of a time step: RFC 6238 with SHA-1 and six digits, which every authenticator app can do (some read nothing else). */
export function totpCode(seed: Uint8Array, step: number): string {
  const message = Buffer.alloc(8)
  message.writeBigUInt64BE(BigInt(step))
  const digest = createHmac('sha1', seed).update(message).digest()
  // Dynamic truncation, RFC 4226, section 5.3.
  const offset = (digest.at(-1) ?? 0) & 0xf
  return String((digest.readUInt32BE(offset) & 0x7f_ff_ff_ff) % 10 ** DIGITS).padStart(DIGITS, '0')
}

/** The newest of the accepted steps that the code belongs to; null for none. Takes the same time for every code. */
export function matchStep(seed: Uint8Array, code: string, now: number): number | null {
  return searchSteps(seed, code, { now, reach: WINDOW })
}

/** By how many seconds an app's clock is ahead, judged by a code that is out of the window; null when the code is of no moment near. */
export function clockDifference(seed: Uint8Array, code: string, now: number): number | null {
  const step = searchSteps(seed, code, { now, reach: SEARCH })
  return step === null ? null : (step - stepAt(now)) * stepSeconds
}

function searchSteps(seed: Uint8Array, code: string, { now, reach }: { readonly now: number; readonly reach: number }): number | null {
  if (!/^\d{6}$/.test(code)) return null
  const given = Buffer.from(code)
  let found: number | null = null
  for (let step = stepAt(now) - reach; step <= stepAt(now) + reach; step += 1) {
    if (step >= 0 && timingSafeEqual(given, Buffer.from(totpCode(seed, step)))) found = step
  }
  return found
}

/** What an app reads from a QR code (the Key URI format that authenticator apps share), and the seed as text for typing. */
export function describeSeed(seed: Uint8Array, account: string): { readonly uri: string; readonly secret: string } {
  const secret = toBase32(seed, rfcAlphabet)
  const query = new URLSearchParams({ secret, issuer: 'Sallyport', algorithm: 'SHA1', digits: String(DIGITS), period: String(stepSeconds) })
  return { secret, uri: `otpauth://totp/Sallyport:${encodeURIComponent(account)}?${query.toString()}` }
}

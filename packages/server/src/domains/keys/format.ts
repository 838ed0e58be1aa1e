import { randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'

const PREFIX = 'slp_'
const FORM = /^slp_[A-Za-z0-9_-]{43}[0-9a-f]{8}$/
const RANDOM_BYTES = 32
const CHECKSUM_DIGITS = 8

/** A new key: a prefix that scanners recognise, 256 random bits, and a CRC-32 that tells a mistyped key without asking the store (IDN-8). */
export function newKeyValue(): string {
  const body = PREFIX + randomBytes(RANDOM_BYTES).toString('base64url')
  return body + checksumOf(body)
}

/** True when the text has a key's form and its checksum fits. Says nothing on whether such a key exists. */
export const hasKeyForm = (text: string): boolean =>
  FORM.test(text) && checksumOf(text.slice(0, -CHECKSUM_DIGITS)) === text.slice(-CHECKSUM_DIGITS)

const checksumOf = (body: string) => crc32(body).toString(16).padStart(CHECKSUM_DIGITS, '0')

const VALUE_ID_BYTES = 8
/** Tells a key's few values apart, for what must name one of them and open nothing by it: the first 8 bytes of its digest, in base64url. */
export const valueIdOf = (digest: Uint8Array): string => Buffer.from(digest.subarray(0, VALUE_ID_BYTES)).toString('base64url')

const SHOWN_CHARACTERS = 10
/** The first characters of a value, by which people tell keys apart. */
export const startOf = (value: string): string => value.slice(0, SHOWN_CHARACTERS)

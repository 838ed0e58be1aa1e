/** RFC 4648, section 6: what authenticator apps read. */
export const rfcAlphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
/** Douglas Crockford's: without the letters that are read as figures or as each other. */
export const crockfordAlphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** Writes bytes in base 32 without padding. */
export function toBase32(bytes: Uint8Array, alphabet: string): string {
  let text = ''
  let bits = 0
  let value = 0
  for (const byte of bytes) {
    value = (value << 8) | byte
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += alphabet.charAt((value >>> bits) & 31)
    }
    value &= (1 << bits) - 1
  }
  return bits === 0 ? text : text + alphabet.charAt((value << (5 - bits)) & 31)
}

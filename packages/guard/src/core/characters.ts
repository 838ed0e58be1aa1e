/** Character classes as bits, so that one table look-up says which detectors need to look at a text at all. */
export const digit = 1
export const letter = 2
export const at = 4
export const colon = 8
export const equals = 16
export const plus = 32
export const bracket = 64
export const hyphen = 128
export const quote = 256
export const slash = 512
export const beyondAscii = 1024
export const hash = 2048
export const anything = 4096

const table = new Uint16Array(128)
const mark = (characters: string, bit: number): void => {
  for (const character of characters) table[character.charCodeAt(0)] = (table[character.charCodeAt(0)] ?? 0) | bit
}
mark('0123456789', digit)
mark('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ', letter)
mark('@', at)
mark(':', colon)
mark('=', equals)
mark('+', plus)
mark('([{<', bracket)
mark('-', hyphen)
mark('"\'`', quote)
mark('/\\', slash)
mark('#', hash)

/** The class bits of one UTF-16 code unit. */
export const classOf = (code: number): number => (code < 128 ? (table[code] ?? 0) : beyondAscii)

/** True for 0 to 9. */
export const isDigit = (code: number): boolean => code >= 48 && code <= 57

/** True for ASCII letters and digits. */
export const isAlphanumeric = (code: number): boolean => code < 128 && ((table[code] ?? 0) & 3) !== 0

/** True for characters that make up words in any script: ASCII letters, digits, and all beyond ASCII but spaces and dashes. */
export const isWordlike = (code: number): boolean => (code < 128 ? ((table[code] ?? 0) & 3) !== 0 : code > 0xbf && !(code >= 0x2000 && code < 0x2070) && !(code >= 0x3000 && code < 0x3005))

/** Texts from this length on are worth asking the engine whether they are plain ASCII: it knows at once. */
const LONG = 64
export const TOKEN_WEIGHT = 4

/**
 * What a text weighs, in quarters of a token: a character of plain ASCII one, of another alphabet two, and from the scripts of East Asia on (with
 * signs and pictures) a token and more. So four bytes of UTF-8 are about a token, no script comes out far below what tokenizers make of it, and
 * a weight is never below the bytes of its text. Some microseconds for 4 KB, and less than one where all of it is ASCII.
 */
export function weighText(text: string): number {
  if (text.length >= LONG && Buffer.byteLength(text) === text.length) return text.length
  let weight = 0
  for (let index = 0; index < text.length; index += 1) weight += weightOf(text.charCodeAt(index))
  return weight
}

const weightOf = (unit: number) => (unit < 0x80 ? 1 : unit < 0x800 ? 2 : unit < 0x2e80 ? 3 : TOKEN_WEIGHT)

/** Whole tokens of a weight, rounded up. */
export const tokensOf = (weight: number): number => Math.ceil(weight / TOKEN_WEIGHT)

/** The beginning of a text that has no more tokens than that, by estimate; no character is cut in two. */
export function beginningOf(text: string, tokens: number): string {
  let left = tokens * TOKEN_WEIGHT
  let end = 0
  for (; end < text.length; end += 1) {
    left -= weightOf(text.charCodeAt(end))
    if (left < 0) break
  }
  return end === text.length ? text : text.slice(0, end).replace(/[\uD800-\uDBFF]$/, '')
}

/** Tokens of a text, where nobody counted. */
export const estimateTokens = (text: string): number => tokensOf(weighText(text))

/** Text as detectors see it, with the way back: folded character `i` covers `starts[i]` to `ends[i]` of the original. */
export interface Folded {
  readonly text: string
  /** Null when the folded text is the original, character for character. */
  readonly starts: Int32Array | null
  readonly ends: Int32Array | null
}

const plain = /^[\u0000-\u007f]*$/
const decimalDigit = /^\p{Nd}$/u
const invisible = /^[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u20e3\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e0fff}]$/u
const dashes = /^[\u2010-\u2015\u2043\u2212\ufe58\ufe63\uff0d]$/u
const singleQuotes = /^[\u2018-\u201b\u2032\u02bc\uff07]$/u
const doubleQuotes = /^[\u201c-\u201f\u2033\u00ab\u00bb\uff02]$/u

/** The most characters that one is folded to. */
const longestFold = 6

const known = new Map<number, string>()

/** True when a code point prints nothing and can hide in the middle of a word. */
export const isInvisible = (codePoint: number): boolean => codePoint > 127 && invisible.test(String.fromCodePoint(codePoint))

/**
 * One code point as detectors see it: full-width, mathematical and enclosed forms as plain letters, digits of any script
 * as 0 to 9, dashes and quotes as ASCII, invisible characters as nothing. Looks at nothing but the code point itself, so
 * that the result is the same however a stream was cut.
 */
export function foldCodePoint(codePoint: number): string {
  const cached = known.get(codePoint)
  if (cached !== undefined) return cached
  const folded = computeFold(String.fromCodePoint(codePoint), codePoint)
  if (known.size < 20_000) known.set(codePoint, folded)
  return folded
}

function computeFold(character: string, codePoint: number): string {
  if (codePoint < 128 || (codePoint >= 0xd800 && codePoint <= 0xdfff)) return character
  if (invisible.test(character)) return ''
  if (dashes.test(character)) return '-'
  if (singleQuotes.test(character)) return "'"
  if (doubleQuotes.test(character)) return '"'
  if (decimalDigit.test(character)) return String(digitValue(codePoint))
  const compatible = character.normalize('NFKC')
  return compatible.length > longestFold ? character : compatible
}

/** Decimal digits stand in runs of ten that begin with the zero. */
function digitValue(codePoint: number): number {
  if (codePoint >= 0x1d7ce && codePoint <= 0x1d7ff) return (codePoint - 0x1d7ce) % 10
  let zero = codePoint
  while (codePoint - zero < 9 && decimalDigit.test(String.fromCodePoint(zero - 1))) zero -= 1
  return codePoint - zero
}

/** Folds a text and keeps the way back to it. Plain ASCII comes back as it is, at the price of one test. */
export function fold(original: string): Folded {
  if (plain.test(original)) return { text: original, starts: null, ends: null }
  let starts = new Int32Array(original.length + longestFold)
  let ends = new Int32Array(original.length + longestFold)
  let length = 0
  let text = ''
  let taken = 0
  for (let index = 0; index < original.length;) {
    const code = original.charCodeAt(index)
    if (length + longestFold > starts.length) {
      starts = twice(starts)
      ends = twice(ends)
    }
    if (code < 128) {
      starts[length] = index
      ends[length++] = index += 1
      continue
    }
    const codePoint = original.codePointAt(index) ?? 0
    const end = index + (codePoint > 0xffff ? 2 : 1)
    const folded = foldCodePoint(codePoint)
    if (folded.length !== end - index || folded.codePointAt(0) !== codePoint) {
      text += original.slice(taken, index) + folded
      taken = end
    }
    for (let offset = 0; offset < folded.length; offset += 1) {
      starts[length] = index
      ends[length++] = end
    }
    index = end
  }
  return { text: text + original.slice(taken), starts: starts.subarray(0, length), ends: ends.subarray(0, length) }
}

function twice(array: Int32Array): Int32Array<ArrayBuffer> {
  const longer = new Int32Array(array.length * 2)
  longer.set(array)
  return longer
}

/** Where a span of the folded text stands in the original. */
export const originalStart = (folded: Folded, position: number): number => (folded.starts === null ? position : (folded.starts[position] ?? folded.ends?.at(-1) ?? 0))

/** Where a span of the folded text that ends before `position` ends in the original. */
export const originalEnd = (folded: Folded, position: number): number => (folded.ends === null ? position : position === 0 ? 0 : (folded.ends[position - 1] ?? 0))

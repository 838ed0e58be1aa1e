import { digit, isAlphanumeric, isDigit } from '../core/characters.ts'
import type { Scan, SpanDetector } from '../core/detector.ts'

interface Issuer {
  readonly name: string
  /** First and last of each range, by the number's first four digits. */
  readonly ranges: readonly (readonly [number, number])[]
  readonly lengths: readonly number[]
}

/** Issuer ranges (ISO/IEC 7812) with the lengths in which each is issued. */
const issuers: readonly Issuer[] = [
  { name: 'Visa', ranges: [[4000, 4999]], lengths: [13, 16, 19] },
  { name: 'Mastercard', ranges: [[5100, 5599], [2221, 2720]], lengths: [16] },
  { name: 'American Express', ranges: [[3400, 3499], [3700, 3799]], lengths: [15] },
  { name: 'Diners Club', ranges: [[3000, 3059], [3090, 3099], [3600, 3699], [3800, 3999]], lengths: [14, 16, 19] },
  { name: 'Discover', ranges: [[6011, 6011], [6220, 6229], [6440, 6599]], lengths: [16, 19] },
  { name: 'JCB', ranges: [[3528, 3589], [2131, 2131], [1800, 1800]], lengths: [15, 16] },
  { name: 'UnionPay', ranges: [[6200, 6299], [8100, 8199]], lengths: [16, 17, 18, 19] },
  { name: 'Maestro', ranges: [[5000, 5099], [5600, 5899], [6000, 6999]], lengths: [12, 13, 14, 15, 16, 17, 18, 19] },
  { name: 'Mir', ranges: [[2200, 2204]], lengths: [16, 17, 18, 19] },
]

/** For each first four digits, a bit for each length in which such a card is issued. */
const issued = new Int32Array(10_000)
for (const { ranges, lengths } of issuers) {
  const bits = lengths.reduce((sum, length) => sum | (1 << length), 0)
  for (const [first, last] of ranges) for (let prefix = first; prefix <= last; prefix += 1) issued[prefix] = (issued[prefix] ?? 0) | bits
}

const fewestDigits = 12
const mostDigits = 19

/** A payment card number: an issuer's range and length, and the Luhn checksum. */
export const paymentCard = {
  type: 'payment-card',
  placeholder: 'CARD',
  longest: 40,
  triggers: digit,
  scan(scan: Scan): number {
    const { text, figures } = scan
    for (let run = figures.next(scan.from); run < figures.count;) {
      const start = figures.starts[run] ?? 0
      const group = figures.ends[run] ?? 0
      if ((group - start < 3 && group < text.length) || !beginsNumber(text, start)) {
        run += 1
        continue
      }
      const end = cardEnd(scan, run)
      if (end === open) return start
      if (end > 0) scan.found({ start, end, confidence: 0.98, reason: 'issuer range and checksum' })
      run = figures.next(end, run + 1)
    }
    return text.length
  },
} as const satisfies SpanDetector

const open = -1

/** Neither a letter nor `_` is glued to it, nor a dash with a digit before. */
function beginsNumber(text: string, start: number): boolean {
  const before = start === 0 ? 32 : text.charCodeAt(start - 1)
  return !isAlphanumeric(before) && before !== 95 && !(before === 45 && start > 1 && isDigit(text.charCodeAt(start - 2)))
}

/**
 * The end of the card that starts with a run: the longest cut at a group's end that passes; 0 when none does, `open` when
 * the digits may go on. One kind of separator throughout, and no group of one or two digits but the last of four
 * or more: prices and dates in a row are not a card.
 */
function cardEnd({ text, final, figures }: Scan, first: number): number {
  const start = figures.starts[first] ?? 0
  let bits = -1
  let digits = 0
  let separator = 0
  let end = 0
  for (let run = first; run < figures.count; run += 1) {
    const stop = figures.ends[run] ?? 0
    const group = stop - (figures.starts[run] ?? 0)
    digits += group
    if (bits < 0 && digits > 3) bits = issued[prefixOf(text, start)] ?? 0
    if (bits === 0 || digits > mostDigits) return end
    const code = stop < text.length ? text.charCodeAt(stop) : 32
    if (digits >= fewestDigits && (group > 2 || run > first + 2) && (bits & (1 << digits)) !== 0 && !isAlphanumeric(code) && passesLuhn(text, start, stop - 1)) end = stop
    if (stop + 1 < text.length && figures.starts[run + 1] !== stop + 1) return end
    if (stop < text.length && ((code !== 32 && code !== 45 && code !== 46) || group < 3 || (separator !== 0 && separator !== code))) return end
    separator = code
  }
  return final ? end : open
}

/** The first four digits from `start` on, whatever parts them. */
function prefixOf(text: string, start: number): number {
  let prefix = 0
  let digits = 0
  for (let index = start; digits < 4; index += 1) {
    const code = text.charCodeAt(index)
    if (!isDigit(code)) continue
    prefix = prefix * 10 + code - 48
    digits += 1
  }
  return prefix
}

/** Luhn's checksum (ISO/IEC 7812-1, annex B) over the digits from `start` to `last`, where they stand. All digits alike are no card. */
function passesLuhn(text: string, start: number, last: number): boolean {
  let sum = 0
  let double = false
  let mixed = false
  const first = text.charCodeAt(start)
  for (let index = last; index >= start; index -= 1) {
    const code = text.charCodeAt(index)
    if (!isDigit(code)) continue
    const value = code - 48
    sum += double ? (value > 4 ? value * 2 - 9 : value * 2) : value
    double = !double
    mixed ||= code !== first
  }
  return mixed && sum % 10 === 0
}

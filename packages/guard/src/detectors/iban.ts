import { digit, isAlphanumeric, isDigit, letter } from '../core/characters.ts'
import type { Scan, SpanDetector } from '../core/detector.ts'

/** Characters of an account number by country (SWIFT IBAN registry). */
const lengths: Readonly<Record<string, number>> = { AD: 24, AE: 23, AL: 28, AT: 20, AZ: 28, BA: 20, BE: 16, BG: 22, BH: 22, BI: 27, BR: 29, BY: 28, CH: 21, CR: 22, CY: 28, CZ: 24, DE: 22, DJ: 27, DK: 18, DO: 28, EE: 20, EG: 29, ES: 24, FI: 18, FK: 18, FO: 18, FR: 27, GB: 22, GE: 22, GI: 23, GL: 18, GR: 27, GT: 28, HN: 28, HR: 21, HU: 28, IE: 22, IL: 23, IQ: 23, IS: 26, IT: 27, JO: 30, KW: 30, KZ: 20, LB: 28, LC: 32, LI: 21, LT: 20, LU: 20, LV: 21, LY: 25, MC: 27, MD: 24, ME: 22, MK: 19, MN: 20, MR: 27, MT: 31, MU: 30, NI: 28, NL: 18, NO: 15, OM: 23, PK: 24, PL: 28, PS: 29, PT: 25, QA: 29, RO: 24, RS: 22, RU: 33, SA: 24, SC: 31, SD: 18, SE: 24, SI: 19, SK: 24, SM: 27, SO: 23, ST: 25, SV: 28, TL: 23, TN: 24, TR: 26, UA: 29, VA: 22, VG: 24, XK: 20, YE: 30 }

/** An international bank account number: its country's length and the MOD 97 checksum (ISO 13616). */
export const iban = {
  type: 'iban',
  placeholder: 'IBAN',
  longest: 72,
  triggers: digit | letter,
  requires: digit,
  scan(scan: Scan): number {
    const { text, final, figures } = scan
    for (let run = figures.next(scan.from); run < figures.count;) {
      const index = figures.starts[run] ?? 0
      const stop = figures.ends[run] ?? 0
      run += 1
      const start = index - 2
      // Two check digits, and one of them perhaps still to come.
      if (start < scan.from || (stop - index < 2 && stop < text.length) || !isLetter(text.charCodeAt(start)) || !isLetter(text.charCodeAt(start + 1)) || (start > 0 && isAlphanumeric(text.charCodeAt(start - 1)))) continue
      const length = lengths[text.slice(start, index).toUpperCase()]
      if (length === undefined) continue
      const read = readAccount(text, start, length)
      if (read.open && !final) return start
      if (read.whole && read.rest === 1) {
        scan.found({ start, end: read.end, confidence: 0.995, reason: 'length and checksum' })
        run = figures.next(read.end, run)
      }
    }
    return final ? text.length : tailStart(text, scan.from)
  },
} as const satisfies SpanDetector

const isLetter = (code: number): boolean => isAlphanumeric(code) && !isDigit(code)

interface Account {
  readonly end: number
  readonly open: boolean
  /** All characters are there, and none too many. */
  readonly whole: boolean
  /** Remainder of the number by 97, the first four characters last. */
  readonly rest: number
}

function readAccount(text: string, start: number, length: number): Account {
  let count = 0
  let rest = 0
  let index = start
  for (; index < text.length && count < length; index += 1) {
    const code = text.charCodeAt(index)
    if (isAlphanumeric(code)) {
      count += 1
      if (count > 4) rest = withCharacter(rest, code)
    } else if ((code !== 32 && code !== 45 && code !== 46) || !isAlphanumeric(text.charCodeAt(index - 1))) break
  }
  const isGlued = count === length && index < text.length && isAlphanumeric(text.charCodeAt(index))
  for (let place = start, moved = 0; moved < 4 && place < index; place += 1) {
    const code = text.charCodeAt(place)
    if (!isAlphanumeric(code)) continue
    rest = withCharacter(rest, code)
    moved += 1
  }
  return { end: index, open: !isGlued && index === text.length, whole: count === length && !isGlued, rest }
}

/** The remainder by 97 of a number with one more character behind it: a digit, or a letter as 10 to 35 (ISO/IEC 7064). */
function withCharacter(rest: number, code: number): number {
  return isDigit(code) ? (rest * 10 + code - 48) % 97 : (rest * 100 + (code & 31) + 9) % 97
}

/** One or two letters at the end of a text that goes on may begin an account number. */
function tailStart(text: string, floor: number): number {
  let start = text.length
  while (start > floor && text.length - start < 3 && isAlphanumeric(text.charCodeAt(start - 1)) && !isDigit(text.charCodeAt(start - 1))) start -= 1
  return text.length - start > 2 ? text.length : start
}

import { digit, isAlphanumeric, isDigit, letter } from '../core/characters.ts'
import type { Scan, SpanDetector } from '../core/detector.ts'
import { remainder } from './national-ids.ts'

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
    const { text, final } = scan
    for (let index = scan.from; index < text.length; index += 1) {
      if (!isDigit(text.charCodeAt(index))) continue
      const start = index - 2
      const length = start < scan.from || !isLetter(text.charCodeAt(start)) || !isLetter(text.charCodeAt(start + 1)) ? undefined : lengths[text.slice(start, index).toUpperCase()]
      if (length === undefined || !isDigit(index + 1 < text.length ? text.charCodeAt(index + 1) : 48) || (start > 0 && isAlphanumeric(text.charCodeAt(start - 1)))) {
        while (index + 1 < text.length && isDigit(text.charCodeAt(index + 1))) index += 1
        continue
      }
      const read = readAccount(text, start, length)
      if (read.open && !final) return start
      if (read.compact.length === length && passesMod97(read.compact)) {
        scan.found({ start, end: read.end, confidence: 0.995, reason: 'length and checksum' })
        index = read.end - 1
      }
    }
    return final ? text.length : tailStart(text, scan.from)
  },
} as const satisfies SpanDetector

const isLetter = (code: number): boolean => isAlphanumeric(code) && !isDigit(code)

function readAccount(text: string, start: number, length: number): { compact: string; end: number; open: boolean } {
  let compact = ''
  let index = start
  for (; index < text.length && compact.length < length; index += 1) {
    const code = text.charCodeAt(index)
    if (isAlphanumeric(code)) compact += text[index] ?? ''
    else if ((code !== 32 && code !== 45 && code !== 46) || !isAlphanumeric(text.charCodeAt(index - 1))) break
  }
  const whole = compact.length === length
  if (whole && index < text.length && isAlphanumeric(text.charCodeAt(index))) return { compact: '', end: index, open: false }
  return { compact: compact.toUpperCase(), end: index, open: index === text.length }
}

const passesMod97 = (compact: string): boolean => remainder([...`${compact.slice(4)}${compact.slice(0, 4)}`].map((character) => Number.parseInt(character, 36)).join(''), 97) === 1

/** One or two letters at the end of a text that goes on may begin an account number. */
function tailStart(text: string, floor: number): number {
  let start = text.length
  while (start > floor && text.length - start < 3 && isAlphanumeric(text.charCodeAt(start - 1)) && !isDigit(text.charCodeAt(start - 1))) start -= 1
  return text.length - start > 2 ? text.length : start
}

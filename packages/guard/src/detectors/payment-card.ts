import { digit, isAlphanumeric, isDigit } from '../core/characters.ts'
import type { Scan, SpanDetector } from '../core/detector.ts'
import { nextNumber, readDigitRun } from '../core/digit-runs.ts'
import { passesLuhn } from '../core/luhn.ts'

/** Issuer ranges (ISO/IEC 7812) with the lengths in which each is issued. */
const issuers: readonly { readonly name: string; readonly start: RegExp; readonly lengths: readonly number[] }[] = [
  { name: 'Visa', start: /^4/, lengths: [13, 16, 19] },
  { name: 'Mastercard', start: /^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, lengths: [16] },
  { name: 'American Express', start: /^3[47]/, lengths: [15] },
  { name: 'Diners Club', start: /^3(?:0[0-59]|[689])/, lengths: [14, 16, 19] },
  { name: 'Discover', start: /^6(?:011|22|4[4-9]|5)/, lengths: [16, 19] },
  { name: 'JCB', start: /^(?:35(?:2[89]|[3-8])|2131|1800)/, lengths: [15, 16] },
  { name: 'UnionPay', start: /^(?:62|81)/, lengths: [16, 17, 18, 19] },
  { name: 'Maestro', start: /^(?:5[0678]|6[0-9])/, lengths: [12, 13, 14, 15, 16, 17, 18, 19] },
  { name: 'Mir', start: /^220[0-4]/, lengths: [16, 17, 18, 19] },
]

/** A payment card number: an issuer's range and length, and the Luhn checksum. */
export const paymentCard = {
  type: 'payment-card',
  placeholder: 'CARD',
  longest: 40,
  triggers: digit,
  scan(scan: Scan): number {
    const { text, final } = scan
    for (let start = nextNumber(text, scan.from); start >= 0;) {
      const group = nextGroup(text, start)
      if (group - start < 3 && group < text.length) {
        start = nextNumber(text, group)
        continue
      }
      const run = readDigitRun(text, start, { maxDigits: 19, separators: ' -.' })
      if (run.open && !final) return start
      const end = cardEnd(text, run.start, run.end)
      if (end > 0) scan.found({ start, end, confidence: 0.98, reason: 'issuer range and checksum' })
      start = nextNumber(text, end > 0 ? end : nextGroup(text, start))
    }
    return text.length
  },
} as const satisfies SpanDetector

/** The end of the card that starts at `start`: the longest cut at a group's end that passes, or 0. */
function cardEnd(text: string, start: number, stop: number): number {
  for (let end = stop; end > start + 11; end -= 1) {
    if (!isDigit(text.charCodeAt(end - 1)) || (end < text.length && isDigit(text.charCodeAt(end))) || (end < text.length && isAlphanumeric(text.charCodeAt(end)))) continue
    const written = text.slice(start, end)
    if (isCard(written.replace(/\D/g, '')) && isGrouped(written)) return end
  }
  return 0
}

/** One kind of separator throughout, and no group of one or two digits: prices and dates in a row are not a card. */
function isGrouped(written: string): boolean {
  const separators = new Set(written.replace(/\d/g, ''))
  if (separators.size > 1) return false
  return written.split(/\D/).every((group, index, groups) => group.length >= 3 || (groups.length > 3 && index === groups.length - 1 && group.length >= 1))
}

function isCard(digits: string): boolean {
  if (digits.length < 12 || digits.length > 19 || !passesLuhn(digits) || /^(\d)\1+$/.test(digits)) return false
  return issuers.some((issuer) => issuer.lengths.includes(digits.length) && issuer.start.test(digits))
}

function nextGroup(text: string, start: number): number {
  let index = start
  while (index < text.length && isDigit(text.charCodeAt(index))) index += 1
  return index
}

import { isDigit } from '../core/characters.ts'
import { isCapital, isLetter, type Reader } from '../core/reader.ts'
import { states } from './street-words.ts'

/** A postcode that was read: whose form it has, and whether it lies in a range that is in use. */
export interface Postcode {
  readonly countries: readonly string[]
  readonly isIssued: boolean
}

/** Reads letters as L and digits as 9 up to the first other character; a space or hyphen is taken where more of a code follows. */
function shapeAt(reader: Reader): string {
  let shape = ''
  for (let code = reader.peek(); shape.length < 10; code = reader.peek()) {
    if (isDigit(code)) shape += '9'
    else if (isCapital(code) && code < 128) shape += 'L'
    else if ((code === 32 || code === 45) && shape !== '' && continues(reader, shape)) shape += code === 32 ? ' ' : '-'
    else break
    reader.at += 1
  }
  return shape
}

/** Whether what follows the separator belongs to a code: digits, or the two capitals of a Dutch one. */
function continues(reader: Reader, shape: string): boolean {
  if (isDigit(reader.peek(1))) return /^(?:\d{2,4}|9{2,5}|L{1,2}|L{1,2}9L?|L{1,2}99|L9L)$/.test(shape)
  return shape === '9999' && isCapital(reader.peek(1)) && isCapital(reader.peek(2)) && !isLetter(reader.peek(3)) && !isDigit(reader.peek(3))
}

const between = (text: string, least: number, most: number): boolean => Number(text) >= least && Number(text) <= most

interface Form {
  readonly countries: readonly string[]
  readonly isIssued: (code: string) => boolean
}

/** Forms of postcodes and the ranges in use (Universal Postal Union, addressing systems). */
const forms: Readonly<Record<string, Form>> = {
  '99999': { countries: ['DE', 'FR', 'ES', 'IT', 'US', 'FI'], isIssued: (code) => between(code, 501, 99_998) },
  '99999-9999': { countries: ['US'], isIssued: (code) => between(code.slice(0, 5), 501, 99_950) },
  '9999': { countries: ['AT', 'CH', 'BE', 'DK', 'NO', 'AU'], isIssued: (code) => between(code, 1000, 9990) || between(code, 10, 999) },
  '9999 LL': { countries: ['NL'], isIssued: (code) => between(code.slice(0, 4), 1000, 9999) && !/S[ADS]$/.test(code) },
  '9999LL': { countries: ['NL'], isIssued: (code) => between(code.slice(0, 4), 1000, 9999) && !/S[ADS]$/.test(code) },
  '999 99': { countries: ['SE', 'CZ', 'SK', 'GR'], isIssued: (code) => between(code.slice(0, 3), 100, 985) },
  '99-999': { countries: ['PL'], isIssued: () => true },
  '9999-999': { countries: ['PT'], isIssued: (code) => between(code.slice(0, 4), 1000, 9999) },
  '99999-999': { countries: ['BR'], isIssued: (code) => between(code.slice(0, 5), 1000, 99_999) },
  '999999': { countries: ['RU', 'CN', 'IN'], isIssued: (code) => between(code, 100_000, 999_999) },
  ...Object.fromEntries(['L9 9LL', 'L99 9LL', 'LL9 9LL', 'LL99 9LL', 'L9L 9LL', 'LL9L 9LL'].map((shape) => [shape, { countries: ['GB'], isIssued: (code: string) => !/^[QVX]|^.[IJZ]\d|[CIKMOV].?$/.test(code) } satisfies Form])),
  'L9L 9L9': { countries: ['CA'], isIssued: (code) => /^[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z] \d[ABCEGHJ-NPRSTV-Z]\d$/.test(code) },
}

/** Reads a postcode; null when there is none of a known form. */
export function readPostcode(reader: Reader): Postcode | null {
  return reader.attempt(() => {
    const start = reader.at
    const form = forms[shapeAt(reader)]
    const after = reader.peek()
    if (form === undefined || (after >= 0 && (isLetter(after) || isDigit(after)))) return null
    return { countries: form.countries, isIssued: form.isIssued(reader.text.slice(start, reader.at)) }
  })
}

/** Reads a state and its code, `IL 62704`; the code must lie in the state's region to be issued. */
export function readStateAndCode(reader: Reader): Postcode | null {
  return reader.attempt(() => {
    const start = reader.at
    if (!isCapital(reader.peek()) || !isCapital(reader.peek(1)) || reader.peek(2) !== 32) return null
    reader.at += 3
    const region = states[reader.text.slice(start, start + 2)]
    const codeAt = reader.at
    const code = region === undefined ? null : readPostcode(reader)
    if (code === null || !code.countries.includes('US')) return null
    return { countries: ['US'], isIssued: code.isIssued && reader.text[codeAt] === region }
  })
}

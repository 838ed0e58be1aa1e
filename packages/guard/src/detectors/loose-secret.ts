import { anything, digit, isAlphanumeric, isDigit } from '../core/characters.ts'
import type { Scan, SpanDetector } from '../core/detector.ts'
import { tokensWith } from '../core/tokens.ts'
import { WordFinder, WordTrail } from '../core/word-finder.ts'
import { countDigits, isPlaceholder, Makeup } from './credential-values.ts'

const longestToken = 128
const shortest = 16

/** Sentences in which people paste keys: “here is my key”, “I leaked this token”. */
const announced = new WordFinder(['key', 'keys', 'token', 'secret', 'secrets', 'credential', 'credentials', 'apikey', 'password', 'passphrase', 'pasted', 'leaked', 'exposed', 'rotate', 'revoke'])
const otherwise = new WordFinder(['commit', 'sha', 'sha1', 'sha2', 'sha3', 'sha224', 'sha256', 'sha384', 'sha512', 'hash', 'digest', 'checksum', 'integrity', 'uuid', 'guid', 'version', 'request', 'trace', 'order', 'tracking', 'file', 'image', 'package', 'public key', 'fingerprint', 'placeholder', 'example', 'schema', 'uses', 'http', 'https'])
const reach = 80

/** A value that a machine made, standing in a sentence about keys. The least sure of the detectors of secrets. */
export const looseSecret = {
  type: 'loose-secret',
  placeholder: 'SECRET',
  longest: longestToken,
  triggers: anything,
  requires: digit,
  scan(scan: Scan): number {
    const { text, final } = scan
    const look = { announced: new WordTrail(announced, text), otherwise: new WordTrail(otherwise, text), makeup: new Makeup(text) }
    for (let start = nextToken(text, scan.from); start < text.length;) {
      const stop = tokens.stop(text, start, longestToken)
      if ((stop === text.length && stop - start < longestToken && !final) || stop > scan.settled) return start
      if (stop - start >= shortest && stop - start < longestToken) report(scan, look, { start, stop })
      start = nextToken(text, stop)
    }
    return text.length
  },
} as const satisfies SpanDetector

const tokens = tokensWith('_-.=+/~!')
const nextToken = (text: string, from: number): number => tokens.next(text, tokens.skip(text, from, shortest))

/** What is kept of a text from one token to the next. */
interface Look {
  readonly announced: WordTrail
  readonly otherwise: WordTrail
  readonly makeup: Makeup
}

function report(scan: Scan, look: Look, { start, stop }: { readonly start: number, readonly stop: number }): void {
  const { text } = scan
  const value = valueWithin(text, start, stop)
  if (value === null || isTaken(scan, value) || !isAnnounced(text, look, value.start) || isOtherwise(text, look, value.start) || !isLoose(text, value, look)) return
  scan.found({ start: value.start, end: value.end, confidence: 0.6, reason: 'random value in a sentence about keys' })
}

const fewestDigits = 3

interface Value {
  readonly start: number
  readonly end: number
  /** The place behind the last equals sign in it; its start when there is none. */
  readonly assigned: number
}

/** The value that a token holds, without what is strewn around it; null when it is none: too few digits, or too many, too few changes between digits, small letters and capitals, or slashes. */
function valueWithin(text: string, first: number, stop: number): Value | null {
  let start = first
  while (start < stop && !isAlphanumeric(text.charCodeAt(start))) start += 1
  let end = stop
  while (end > start && isStrewn(text.charCodeAt(end - 1))) end -= 1
  const length = end - start
  if (length < shortest) return null
  let digits = 0
  let turns = 0
  let slashes = 0
  let last = 0
  let assigned = start
  for (let index = start; index < end; index += 1) {
    const kind = kindOf(text.charCodeAt(index))
    if (kind === isFigure) digits += 1
    else if (kind === isSlash) slashes += 1
    else if (kind === isEquals) assigned = index + 1
    if (kind !== last && kind < isMark) turns += 1
    last = kind
  }
  return digits < fewestDigits || digits > length * 0.8 || turns < length / 5 || slashes > 2 ? null : { start, end, assigned }
}

const isFigure = 1
const isMark = 4
const isSlash = 5
const isEquals = 6
/** Digits, capitals, small letters, and marks, of which two are of interest. */
const kinds = new Uint8Array(128).fill(isMark)
for (let code = 0; code < 128; code += 1) if (isAlphanumeric(code)) kinds[code] = isDigit(code) ? isFigure : code < 91 ? 2 : 3
kinds[47] = isSlash
kinds[61] = isEquals
const kindOf = (code: number): number => (code < 128 ? (kinds[code] ?? isMark) : isMark)

/** `.!~=-` */
const isStrewn = (code: number): boolean => code === 46 || code === 33 || code === 126 || code === 61 || code === 45

/** Whether a surer detector has found it, or all that stands behind a name in it: `key=…`. */
function isTaken(scan: Scan, { start, end, assigned }: Value): boolean {
  return scan.isCovered(start, end) || (assigned > start && countDigits(scan.text, start, assigned) < fewestDigits && scan.isCovered(assigned, end))
}

/** What stands before a placeholder's bracket announces nothing behind it, as in `wordsBefore`. */
function isAnnounced(text: string, look: Look, at: number): boolean {
  const word = look.announced.lastBefore(at, reach)
  if (word < 0) return false
  for (let index = Math.max(0, word - 1); index < at; index += 1) if (text.charCodeAt(index) === 93) return false
  return true
}

function isOtherwise(text: string, look: Look, at: number): boolean {
  const last = text.charCodeAt(at - 1)
  return last === 47 || last === 35 || last === 64 || look.otherwise.lastBefore(at, reach) >= 0
}

/** A machine's value, and no identifier or version. */
function isLoose(text: string, { start, end }: Value, { makeup }: Look): boolean {
  const value = text.slice(start, end)
  if (identifier.test(value)) return false
  const isMachineMade = makeup.isMachineMade(start, end)
  makeup.forget()
  return isMachineMade && !isPlaceholder(value)
}

const identifier = /^[0-9a-f]{8}-[0-9a-f]{4}-|^v?\d+\.\d+/

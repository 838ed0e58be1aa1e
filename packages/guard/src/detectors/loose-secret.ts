import { anything, digit, isAlphanumeric, isDigit } from '../core/characters.ts'
import { type Scan, type SpanDetector, wordsBefore, charactersBefore } from '../core/detector.ts'
import { tokensWith } from '../core/tokens.ts'
import { trimEnd } from '../core/trim-end.ts'
import { isMachineMade, isPlaceholder } from './credential-values.ts'

const longestToken = 128
const shortest = 16

/** Sentences in which people paste keys: “here is my key”, “I leaked this token”. */
const announced = /\b(?:key|keys|token|secret|secrets|credentials?|api ?key|password|passphrase|pasted|leaked|exposed|rotate|revoke)\b/
const otherwise = /\b(?:commit|sha\d*|hash|digest|checksum|integrity|uuid|guid|version|request|trace|order|tracking|file|image|package|public key|fingerprint|placeholder|example|schema|uses|https?)\b|[/#@]$/

/** A value that a machine made, standing in a sentence about keys. The least sure of the detectors of secrets. */
export const looseSecret = {
  type: 'loose-secret',
  placeholder: 'SECRET',
  longest: longestToken,
  triggers: anything,
  requires: digit,
  scan(scan: Scan): number {
    const { text, final } = scan
    for (let start = nextToken(text, scan.from); start < text.length;) {
      const stop = tokens.stop(text, start, longestToken)
      if (stop === text.length && stop - start < longestToken && !final) return start
      if (stop - start >= shortest && stop - start < longestToken) report(scan, start, stop)
      start = nextToken(text, stop)
    }
    return text.length
  },
} as const satisfies SpanDetector

const tokens = tokensWith('_-.=+/~!')
const nextToken = (text: string, from: number): number => tokens.next(text, tokens.skip(text, from, shortest))

function report(scan: Scan, start: number, stop: number): void {
  const { text } = scan
  if (!hasDigits(text, start, stop)) return
  const token = text.slice(start, stop)
  let lead = 0
  while (lead < token.length && !isAlphanumeric(token.charCodeAt(lead))) lead += 1
  const value = trimEnd(token.slice(lead), '.!~=-')
  const digits = countDigits(value)
  if (value.length < shortest || digits < fewestDigits || digits > value.length * 0.8) return
  const before = wordsBefore(text, start + lead, 80)
  if (!announced.test(before) || !isLoose(value) || otherwise.test(charactersBefore(text, start + lead, 80))) return
  scan.found({ start: start + lead, end: start + lead + value.length, confidence: 0.6, reason: 'random value in a sentence about keys' })
}

const fewestDigits = 3

function countDigits(value: string): number {
  let count = 0
  for (let index = 0; index < value.length; index += 1) if (isDigit(value.charCodeAt(index))) count += 1
  return count
}

function hasDigits(text: string, start: number, stop: number): boolean {
  let count = 0
  for (let index = start; index < stop && count < fewestDigits; index += 1) if (isDigit(text.charCodeAt(index))) count += 1
  return count === fewestDigits
}

/** A machine's value, and no path, identifier or version. */
const isLoose = (value: string): boolean => turnsOf(value) >= value.length / 5 && value.split('/').length < 4 && !/^[0-9a-f]{8}-[0-9a-f]{4}-|^v?\d+\.\d+/.test(value) && isMachineMade(value) && !isPlaceholder(value)

/** How many runs of digits, of small letters and of capitals there are. */
function turnsOf(value: string): number {
  let turns = 0
  let last = 0
  for (let index = 0; index < value.length; index += 1) {
    const code = value.charCodeAt(index)
    const kind = isDigit(code) ? 1 : !isAlphanumeric(code) ? 0 : code < 91 ? 2 : 3
    if (kind !== last && kind !== 0) turns += 1
    last = kind
  }
  return turns
}

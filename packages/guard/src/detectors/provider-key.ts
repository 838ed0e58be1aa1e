import { anything, isAlphanumeric, isDigit } from '../core/characters.ts'
import type { Scan, SpanDetector } from '../core/detector.ts'
import { isJumbled } from './credential-values.ts'
import { type KeyAlphabet, type KeyFormat, keyFormats } from './key-formats.ts'

const longestBody = 2048

const alphabets: Readonly<Record<KeyAlphabet, Uint8Array>> = {
  word: alphabet('_'),
  dashed: alphabet('_-'),
  dotted: alphabet('_-.=+/~'),
  base64: alphabet('_-+/='),
  hex: alphabet('', 'abcdefABCDEF'),
  upper: alphabet('', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'),
}

function alphabet(marks: string, letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'): Uint8Array {
  const table = new Uint8Array(128)
  for (const character of `0123456789${letters}${marks}`) table[character.charCodeAt(0)] = 1
  return table
}

/** Formats by their first two characters: one look-up at the start of each word. */
const formatsByStart = new Map<number, KeyFormat[]>()
const firstCharacters = new Uint8Array(128)
for (const format of [...keyFormats].sort((a, b) => b.prefix.length - a.prefix.length)) {
  const key = startKey(format.prefix, 0)
  formatsByStart.set(key, [...(formatsByStart.get(key) ?? []), format])
  firstCharacters[format.prefix.charCodeAt(0)] = 1
}

function startKey(text: string, index: number): number {
  return text.charCodeAt(index) * 128 + text.charCodeAt(index + 1)
}

/** Keys that say whose they are by their first characters. */
export const providerKey = {
  type: 'provider-key',
  placeholder: 'SECRET',
  longest: longestBody + 24,
  triggers: anything,
  scan(scan: Scan): number {
    const { text, final } = scan
    let before = scan.from === 0 ? 32 : text.charCodeAt(scan.from - 1)
    for (let index = scan.from; index < text.length; index += 1) {
      const code = text.charCodeAt(index)
      const starts = code < 128 && firstCharacters[code] === 1 && !isAlphanumeric(before) && before !== 95
      before = code
      if (!starts) continue
      const end = keyEnd(scan, index)
      if (end < 0 && !final) return index
      if (end <= 0) continue
      index = end - 1
      before = text.charCodeAt(index)
    }
    return text.length
  },
} as const satisfies SpanDetector

/** The end of the key that was found at `start`; 0 when there is none, -1 when the text must go on to tell. */
function keyEnd(scan: Scan, start: number): number {
  const { text } = scan
  if (start + 1 >= text.length) return -1
  const formats = formatsByStart.get(startKey(text, start))
  if (formats === undefined) return 0
  const candidates: { end: number; vendor: string }[] = []
  for (const format of formats) {
    const bodyStart = start + format.prefix.length
    if (!text.startsWith(format.prefix, start)) {
      if (bodyStart > text.length && format.prefix.startsWith(text.slice(start)) && !scan.final) return -1
      continue
    }
    const stop = bodyStop(text, bodyStart, alphabets[format.alphabet])
    if (stop === text.length && !scan.final && stop - bodyStart < longestBody) return -1
    const end = trimEnd(text, bodyStart, stop)
    if (end - bodyStart >= format.least && isRandom(text, bodyStart, end)) candidates.push({ end, vendor: format.vendor })
  }
  const [best] = candidates
  if (best === undefined) return 0
  scan.found({ start, end: best.end, confidence: 0.995, reason: `${best.vendor} key format` })
  return best.end
}

function bodyStop(text: string, from: number, table: Uint8Array): number {
  const highest = Math.min(text.length, from + longestBody)
  let stop = from
  while (stop < highest && table[text.charCodeAt(stop)] === 1) stop += 1
  return stop
}

function trimEnd(text: string, from: number, stop: number): number {
  let end = stop
  while (end > from && ('.-~'.includes(text[end - 1] ?? ''))) end -= 1
  return end
}

/** Tells a key from `your-api-key-here` and from a row of x: many different characters, and digits among the letters or no word in it. */
export function isRandom(text: string, start: number, end: number): boolean {
  const seen = new Set<number>()
  let digits = 0
  let repeats = 0
  for (let index = start; index < end; index += 1) {
    const code = text.charCodeAt(index)
    seen.add(code)
    if (isDigit(code)) digits += 1
    if (index > start && code === text.charCodeAt(index - 1)) repeats += 1
  }
  const length = end - start
  const written = text.slice(start, end)
  return seen.size >= Math.min(8, 3 + length / 4) && repeats <= length / 3 && /[a-z]/i.test(written) && !written.endsWith('EXAMPLE') && (digits > 1 || isJumbled(written))
}

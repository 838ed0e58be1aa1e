import { anything, isAlphanumeric } from '../core/characters.ts'
import type { Scan, SpanDetector } from '../core/detector.ts'

const longestGap = 8
const fewestCharacters = 8

interface Needle {
  readonly text: string
  readonly how: string
  /** For each length matched so far, the length that still matches when the next character does not. */
  readonly fallback: readonly number[]
}

/**
 * A detector for one canary: as it is, in other case, spaced out, backwards, or in base64, hexadecimal or ROT13.
 * Compares letters and digits only, so that anything strewn between them changes nothing.
 */
export function createCanary(canary: string): SpanDetector<'canary'> {
  const needles = toNeedles(canary)
  return {
    type: 'canary',
    placeholder: 'CANARY',
    longest: Math.max(0, ...needles.map((needle) => needle.text.length)) * (longestGap + 1),
    triggers: needles.length === 0 ? 0 : anything,
    scan: (scan) => needles.reduce((resume, needle) => Math.min(resume, scanNeedle(scan, needle)), scan.text.length),
  }
}

function scanNeedle(scan: Scan, needle: Needle): number {
  const { text } = scan
  const goal = needle.text.length
  let positions: number[] = []
  let matched = 0
  let gap = 0
  for (let index = scan.from; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (!isAlphanumeric(code)) {
      gap += 1
      if (gap > longestGap) matched = 0
      continue
    }
    gap = 0
    const folded = code >= 65 && code <= 90 ? code + 32 : code
    while (matched > 0 && needle.text.charCodeAt(matched) !== folded) matched = needle.fallback[matched - 1] ?? 0
    if (needle.text.charCodeAt(matched) === folded) {
      matched += 1
      positions.push(index)
      if (positions.length > goal) positions = positions.slice(-goal)
    }
    if (matched < goal) continue
    scan.found({ start: positions[positions.length - goal] ?? index, end: index + 1, confidence: 1, reason: `canary ${needle.how}` })
    matched = 0
  }
  return matched === 0 ? text.length : (positions[positions.length - matched] ?? text.length)
}

function toNeedles(canary: string): Needle[] {
  const forms: readonly (readonly [string, string])[] = [
    [canary, 'in clear'],
    [[...canary].reverse().join(''), 'backwards'],
    [rotated(canary), 'in ROT13'],
    [hexadecimal(canary), 'in hexadecimal'],
    ...[0, 1, 2].map((shift) => [base64Core(canary, shift), 'in base64'] as const),
    ...[0, 1, 2].map((shift) => [base64Core([...canary].reverse().join(''), shift), 'in base64'] as const),
  ]
  const texts = new Map(forms.map(([form, how]) => [form.toLowerCase().replace(/[^a-z0-9]/g, ''), how] as const))
  return [...texts].filter(([text]) => text.length >= fewestCharacters).map(([text, how]) => ({ text, how, fallback: fallbackOf(text) }))
}

/** The failure function of Knuth, Morris and Pratt. */
function fallbackOf(text: string): number[] {
  const fallback = [0]
  for (let index = 1, length = 0; index < text.length; index += 1) {
    while (length > 0 && text[index] !== text[length]) length = fallback[length - 1] ?? 0
    if (text[index] === text[length]) length += 1
    fallback[index] = length
  }
  return fallback
}

const rotated = (text: string): string => text.replace(/[a-z]/gi, (character) => {
  const base = character <= 'Z' ? 65 : 97
  return String.fromCharCode(((character.charCodeAt(0) - base + 13) % 26) + base)
})

const hexadecimal = (text: string): string => [...text].map((character) => character.charCodeAt(0).toString(16).padStart(2, '0')).join('')

const symbols = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** The base64 characters that depend on nothing but `text`, when `shift` bytes stand before it. */
function base64Core(text: string, shift: number): string {
  const bits = [...text].map((character) => (character.charCodeAt(0) & 255).toString(2).padStart(8, '0')).join('')
  const skip = (6 - ((shift * 8) % 6)) % 6
  let core = ''
  for (let index = skip; index + 6 <= bits.length; index += 6) core += symbols[Number.parseInt(bits.slice(index, index + 6), 2)] ?? ''
  return core
}

import { isAlphanumeric, isDigit } from './characters.ts'
import type { Scan } from './detector.ts'

/** A number with its letters and separators as it is written, cut at the end of a group. */
export interface WrittenNumber {
  readonly start: number
  readonly end: number
  /** Digits as 9, letters as A, separators as they are: `999-99-9999`. */
  readonly shape: string
  /** Digits and upper-case letters only. */
  readonly compact: string
}

const longestWritten = 26
const mostGroups = 7

const isSeparator = (code: number): boolean => code === 32 || code === 45 || code === 46 || code === 47

/** How long a written number can be, with what must follow to see its end. */
export const longestNumber = longestWritten + 8

/**
 * Calls `visit` with every written number that starts at a word's start, the longest cut first, until it says that it took one.
 * A number holds a digit in its first or second group. Returns the position to resume at.
 */
export function visitWrittenNumbers(scan: Scan, visit: (number: WrittenNumber) => boolean): number {
  const { text, final } = scan
  let floor = scan.from
  for (let at = nextDigit(text, floor); at >= 0; at = nextDigit(text, floor)) {
    const start = numberStart(text, at, floor)
    if (start < 0) {
      floor = wordEnd(text, at)
      continue
    }
    const stop = readStop(text, start)
    if (stop === text.length && stop - start < longestWritten && !final) return start
    const taken = visitCuts(text, start, stop, visit)
    floor = taken > 0 ? taken : wordEnd(text, Math.max(at, start))
  }
  return final ? text.length : tailStart(text, floor)
}

function nextDigit(text: string, from: number): number {
  for (let index = from; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (code <= 57 && code >= 48) return index
  }
  return -1
}

/** Where the word that holds the digit begins, or the two capitals before it; -1 when the word is too long to be a number. */
function numberStart(text: string, at: number, floor: number): number {
  let start = at
  while (start > floor && at - start < 7 && isAlphanumeric(text.charCodeAt(start - 1))) start -= 1
  if (start > 0 && isGlue(text.charCodeAt(start - 1))) return -1
  if (start === at && start - 3 >= floor && text.charCodeAt(start - 1) === 32 && isCapital(text.charCodeAt(start - 2)) && isCapital(text.charCodeAt(start - 3)) && !(start > 3 && isGlue(text.charCodeAt(start - 4)))) return start - 3
  return start
}

const isCapital = (code: number): boolean => code >= 65 && code <= 90
const isGlue = (code: number): boolean => isAlphanumeric(code) || code === 95

function wordEnd(text: string, from: number): number {
  let index = from
  while (index < text.length && isGlue(text.charCodeAt(index))) index += 1
  return Math.max(index, from + 1)
}

function readStop(text: string, start: number): number {
  const highest = Math.min(text.length, start + longestWritten)
  let index = start
  while (index < highest && (isAlphanumeric(text.charCodeAt(index)) || (isSeparator(text.charCodeAt(index)) && index > start && !isSeparator(text.charCodeAt(index - 1))))) index += 1
  return index
}

function visitCuts(text: string, start: number, stop: number, visit: (number: WrittenNumber) => boolean): number {
  const cuts: WrittenNumber[] = []
  let shape = ''
  let compact = ''
  let groups = 1
  for (let index = start; index < stop; index += 1) {
    const code = text.charCodeAt(index)
    const after = index + 1 < text.length ? text.charCodeAt(index + 1) : 32
    if (isSeparator(code)) {
      shape += text[index] ?? ''
      groups += 1
      if (groups > mostGroups) break
      continue
    }
    shape += isDigit(code) ? '9' : 'A'
    compact += text[index] ?? ''
    if (!isGlue(after) && compact.length > 6) cuts.push({ start, end: index + 1, shape, compact: compact.toUpperCase() })
  }
  for (let index = cuts.length - 1; index >= 0; index -= 1) {
    const cut = cuts[index]
    if (cut !== undefined && visit(cut)) return cut.end
  }
  return 0
}

/** The last letters of a text that goes on may begin a number: `AB 12…`, `ABCD12…`. */
function tailStart(text: string, floor: number): number {
  let start = text.length
  while (start > floor && text.length - start < 7 && isAlphanumeric(text.charCodeAt(start - 1))) start -= 1
  if (start < text.length) return start > floor && isAlphanumeric(text.charCodeAt(start - 1)) ? Math.max(floor, start) : start
  if (text.length - 3 >= floor && text.charCodeAt(text.length - 1) === 32 && isCapital(text.charCodeAt(text.length - 2))) return text.length - 3
  return text.length
}

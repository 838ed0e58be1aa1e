import { digit, isAlphanumeric, letter } from './characters.ts'
import type { FoundSpan, Scan, SpanDetector } from './detector.ts'

/** A number with its letters and separators as it is written. */
export interface WrittenNumber {
  readonly start: number
  readonly end: number
  /** Digits as 9, letters as A, separators as they are: `999-99-9999`. */
  readonly shape: string
}

/** A step for each kind of character that may follow; see `kindOf`. */
interface Step {
  readonly next: (Step | undefined)[]
  shape: string | null
}

/** Digits, letters, and the separators that stand in shapes; 0 is everything else. */
const kinds = new Uint8Array(128)
for (const [index, characters] of ['0123456789', 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ', ' ', '-', '.', '/'].entries()) for (const character of characters) kinds[character.charCodeAt(0)] = index + 1
const kindOf = (code: number): number => (code < 128 ? (kinds[code] ?? 0) : 0)

/** A tree of shapes, walked character by character: a text that fits none is left after a step or two. */
interface ShapeTree {
  readonly root: Step
  readonly longest: number
}

/** Builds the tree for a list of shapes. */
function plantShapes(shapes: Iterable<string>): ShapeTree {
  const root: Step = { next: [], shape: null }
  let longest = 0
  for (const shape of shapes) {
    longest = Math.max(longest, shape.length)
    let step = root
    for (let index = 0; index < shape.length; index += 1) {
      const kind = kindOf(shape.charCodeAt(index))
      const next: Step = step.next[kind] ?? { next: [], shape: null }
      step.next[kind] = next
      step = next
    }
    step.shape = shape
  }
  return { root, longest }
}

/** The number's digits and upper-case letters only. */
export function compactOf(text: string, { start, end }: WrittenNumber): string {
  let compact = ''
  for (let index = start; index < end; index += 1) if (isAlphanumeric(text.charCodeAt(index))) compact += text[index] ?? ''
  return compact.toUpperCase()
}

interface NumberRules<Type extends string> {
  readonly type: Type
  readonly placeholder: string
  readonly shapes: Iterable<string>
  /** What a number of one of the shapes is taken for, or null when it is none. */
  readonly judge: (text: string, number: WrittenNumber) => Pick<FoundSpan, 'confidence' | 'reason'> | null
}

/** A detector of written numbers: shapes first, then `judge`. */
export function numberDetector<Type extends string>({ type, placeholder, shapes, judge }: NumberRules<Type>): SpanDetector<Type> {
  const tree = plantShapes(shapes)
  return {
    type, placeholder, longest: tree.longest + 1, requires: digit, triggers: digit | letter,
    scan: (scan) => visitWrittenNumbers(scan, tree, (number) => {
      const judged = judge(scan.text, number)
      if (judged === null) return false
      scan.found({ start: number.start, end: number.end, ...judged })
      return true
    }),
  }
}

/** The most letters that may stand before a number's first digit. */
const mostLetters = 6

/**
 * Calls `visit` with every written number of one of the shapes, the longest first, until it says that it took one.
 * Returns the position to resume at.
 */
function visitWrittenNumbers(scan: Scan, tree: ShapeTree, visit: (number: WrittenNumber) => boolean): number {
  const { text, final } = scan
  let floor = scan.from
  for (let at = nextDigit(text, floor); at >= 0; at = nextDigit(text, floor)) {
    const start = numberStart(text, at, floor)
    const walked = start < 0 ? null : walk(text, start, tree.root)
    if (walked?.open === true && !final) return start
    const taken = walked === null ? 0 : visitLongest(walked.numbers, visit)
    floor = taken > 0 ? taken : wordEnd(text, at)
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

/** Where the word that holds the digit begins, or the two capitals before it; -1 when it has too many letters to be a number. */
function numberStart(text: string, at: number, floor: number): number {
  let start = at
  while (start > floor && at - start <= mostLetters && isAlphanumeric(text.charCodeAt(start - 1))) start -= 1
  if (start > 0 && isGlue(text.charCodeAt(start - 1))) return -1
  const joins = start === at && start - 3 >= floor && isSeparator(text.charCodeAt(start - 1))
  if (!joins) return start
  if (isCapital(text.charCodeAt(start - 2)) && isCapital(text.charCodeAt(start - 3)) && !(start > 3 && isGlue(text.charCodeAt(start - 4)))) return start - 3
  return start
}

const isCapital = (code: number): boolean => code >= 65 && code <= 90
const isSeparator = (code: number): boolean => code === 32 || code === 45
const isGlue = (code: number): boolean => isAlphanumeric(code) || code === 95

function wordEnd(text: string, from: number): number {
  let index = from
  while (index < text.length && isGlue(text.charCodeAt(index))) index += 1
  return Math.max(index, from + 1)
}

interface Walked {
  readonly numbers: readonly WrittenNumber[]
  /** True when the text ended while a shape could still go on. */
  readonly open: boolean
}

const none: Walked = { numbers: [], open: false }

function walk(text: string, start: number, root: Step): Walked {
  let step: Step | undefined = root
  let numbers: WrittenNumber[] | null = null
  let index = start
  for (; index < text.length; index += 1) {
    step = step.next[kindOf(text.charCodeAt(index))]
    if (step === undefined) return numbers === null ? none : { numbers, open: false }
    if (step.shape === null || (index + 1 < text.length && isGlue(text.charCodeAt(index + 1)))) continue
    numbers ??= []
    numbers.push({ start, end: index + 1, shape: step.shape })
  }
  return { numbers: numbers ?? [], open: true }
}

function visitLongest(numbers: readonly WrittenNumber[], visit: (number: WrittenNumber) => boolean): number {
  for (let index = numbers.length - 1; index >= 0; index -= 1) {
    const number = numbers[index]
    if (number !== undefined && visit(number)) return number.end
  }
  return 0
}

/** The last letters of a text that goes on may begin a number: `AB 12…`, `ABCD12…`. */
function tailStart(text: string, floor: number): number {
  let start = text.length
  while (start > floor && text.length - start <= mostLetters && isAlphanumeric(text.charCodeAt(start - 1))) start -= 1
  if (start < text.length) return start
  const end = text.length
  if (end - 3 >= floor && isSeparator(text.charCodeAt(end - 1)) && isCapital(text.charCodeAt(end - 2)) && isCapital(text.charCodeAt(end - 3))) return end - 3
  return end
}

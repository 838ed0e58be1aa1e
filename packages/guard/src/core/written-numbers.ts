import { digit, isAlphanumeric, letter } from './characters.ts'
import type { FoundSpan, Scan, SpanDetector } from './detector.ts'
import { lastWordBefore } from './figures.ts'

/** A number with its letters and separators as it is written. */
export interface WrittenNumber {
  readonly start: number
  readonly end: number
  /** The last character of a word before it, or -1; where none stands near no expression need be asked. */
  readonly word: number
  /** Digits as 9, letters as A, separators as they are: `999-99-9999`. */
  readonly shape: string
}

/** How far before a number anyone looks for a word. */
const wordReach = 64

/** Digits, letters, and the separators that stand in shapes; 0 is everything else. */
const kinds = new Uint8Array(128)
for (const [index, characters] of ['0123456789', 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ', ' ', '-', '.', '/'].entries()) for (const character of characters) kinds[character.charCodeAt(0)] = index + 1
const kindOf = (code: number): number => (code < 128 ? (kinds[code] ?? 0) : 0)

const kindCount = 8
const root = 1

/** A tree of shapes, walked character by character: a text that fits none is left after a step or two. Step 0 leads nowhere. */
class ShapeTree {
  readonly longest: number
  /** For each step and kind of character the step that follows. */
  readonly #next: Int16Array
  /** The shape that ends with a step. */
  readonly #shapes: (string | null)[] = [null, null]
  /** The step after so many digits: a run of them is known by its length. */
  readonly #afterDigits: number[] = [root]
  /** What the last walk found, the shortest first: shapes, and where they end. */
  readonly #found: string[] = []
  readonly #ends: number[] = []
  count = 0

  constructor(shapes: readonly string[]) {
    this.longest = Math.max(...shapes.map((shape) => shape.length))
    this.#next = new Int16Array((2 + shapes.reduce((sum, shape) => sum + shape.length, 0)) * kindCount)
    for (const shape of shapes) this.#plant(shape)
    for (let step = this.#next[root * kindCount + kindOf(48)] ?? 0; step !== 0; step = this.#next[step * kindCount + kindOf(48)] ?? 0) this.#afterDigits.push(step)
  }

  #plant(shape: string): void {
    let step = root
    for (let index = 0; index < shape.length; index += 1) {
      const place = step * kindCount + kindOf(shape.charCodeAt(index))
      if (this.#next[place] === 0) this.#next[place] = this.#shapes.push(null) - 1
      step = this.#next[place] ?? 0
    }
    this.#shapes[step] = shape
  }

  /** Whether a number may begin with so many digits and the character after them. */
  begins(digits: number, code: number): boolean {
    const step = this.#afterDigits[digits] ?? 0
    return step !== 0 && ((this.#next[step * kindCount + kindOf(code)] ?? 0) !== 0 || ((this.#shapes[step] ?? null) !== null && !isGlue(code)))
  }

  /** Walks from `from` on, behind so many digits; says whether the text ended while a shape could still go on. */
  walk(text: string, from: number, digits: number): boolean {
    let step = this.#afterDigits[digits] ?? 0
    this.count = 0
    for (let index = from; step !== 0; index += 1) {
      const code = index < text.length ? text.charCodeAt(index) : -1
      const shape = this.#shapes[step] ?? null
      if (shape !== null && !isGlue(code)) {
        this.#found[this.count] = shape
        this.#ends[this.count] = index
        this.count += 1
      }
      if (code < 0) return true
      step = this.#next[step * kindCount + kindOf(code)] ?? 0
    }
    return false
  }

  /** Calls `visit` with what the last walk found, the longest first, until it says that it took one; gives that one's end, or 0. */
  visit(start: number, word: number, visit: (number: WrittenNumber) => boolean): number {
    for (let index = this.count - 1; index >= 0; index -= 1) {
      const end = this.#ends[index] ?? start
      if (visit({ start, end, word, shape: this.#found[index] ?? '' })) return end
    }
    return 0
  }
}

/** The number's digits and upper-case letters only. */
export function compactOf(text: string, { start, end, shape }: WrittenNumber): string {
  let compact = ''
  let from = start
  for (let index = start; index < end; index += 1) {
    if (isAlphanumeric(text.charCodeAt(index))) continue
    compact += text.slice(from, index)
    from = index + 1
  }
  compact += text.slice(from, end)
  return shape.includes('A') ? compact.toUpperCase() : compact
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
  const tree = new ShapeTree([...shapes])
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
  const { text, final, figures } = scan
  let floor = scan.from
  for (let run = figures.next(floor); run < figures.count; run = figures.next(floor, run + 1)) {
    const at = figures.starts[run] ?? 0
    const end = figures.ends[run] ?? 0
    // A run that nothing stands before is known by its length and by what follows it.
    const start = end < text.length && standsAlone(text, at) && !tree.begins(end - at, text.charCodeAt(end)) ? -1 : numberStart(text, at, floor)
    let taken = 0
    if (start >= 0) {
      const isOpen = start === at ? tree.walk(text, end, end - at) : tree.walk(text, start, 0)
      if (isOpen && !final) return start
      if (tree.count > 0) {
        const word = start === at ? (figures.words[run] ?? -1) : lastWordBefore(text, start, wordReach)
        taken = tree.visit(start, word, visit)
      }
    }
    floor = taken > 0 ? taken : wordEnd(text, end)
  }
  return final ? text.length : tailStart(text, floor)
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

/** Whether a number that begins before this digit is out of the question. */
function standsAlone(text: string, at: number): boolean {
  const before = at === 0 ? 32 : text.charCodeAt(at - 1)
  return !isGlue(before) && !(isSeparator(before) && isCapital(text.charCodeAt(at - 2)))
}

const isCapital = (code: number): boolean => code >= 65 && code <= 90
const isSeparator = (code: number): boolean => code === 32 || code === 45
const isGlue = (code: number): boolean => code >= 0 && (isAlphanumeric(code) || code === 95)

function wordEnd(text: string, from: number): number {
  let index = from
  while (index < text.length && isGlue(text.charCodeAt(index))) index += 1
  return index
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

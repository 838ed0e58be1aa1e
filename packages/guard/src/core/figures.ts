import { anything, classOf, digit, isDigit } from './characters.ts'

/** The runs of digits of a text, found in one pass for all detectors of numbers. */
export interface Figures {
  readonly count: number
  /** Where each run begins, and the first place after it. */
  readonly starts: Int32Array
  readonly ends: Int32Array
  /** The last character before each run that can be part of a word; -1 when none was seen. */
  readonly words: Int32Array
  /** The first run that begins at or after a place, looked for from a run on. */
  readonly next: (place: number, run?: number) => number
}

/** How far left of where a survey begins it looks for a word. */
const leftReach = 96

/** Room for the runs of one text, to be filled again and again. */
export class FigureRoom implements Figures {
  count = 0
  starts = new Int32Array(256)
  ends = new Int32Array(256)
  words = new Int32Array(256)

  next(place: number, run = 0): number {
    let found = run
    while (found < this.count && (this.starts[found] ?? 0) < place) found += 1
    return found
  }

  /** Fills the room with the runs that begin at or after `from`, and gives all class bits that occur from there on. */
  survey(text: string, from: number): number {
    let bits = anything
    let floor = Math.max(0, from - leftReach)
    let word = -1
    this.count = 0
    for (let index = from; index < text.length; index += 1) {
      const code = text.charCodeAt(index)
      if (!isDigit(code)) {
        bits |= classOf(code)
        continue
      }
      bits |= digit
      const start = index
      while (index + 1 < text.length && isDigit(text.charCodeAt(index + 1))) index += 1
      if (start === from && start > 0 && isDigit(text.charCodeAt(start - 1))) continue
      // What lies before the last run was looked at when that run was met.
      let place = start - 1
      while (place >= floor && !isOfWord(text.charCodeAt(place))) place -= 1
      if (place >= floor) word = place
      floor = index + 1
      this.#add(start, index + 1, word)
    }
    return bits
  }

  #add(start: number, end: number, word: number): void {
    if (this.count === this.starts.length) {
      this.starts = twice(this.starts)
      this.ends = twice(this.ends)
      this.words = twice(this.words)
    }
    this.starts[this.count] = start
    this.ends[this.count] = end
    this.words[this.count] = word
    this.count += 1
  }
}

function twice(array: Int32Array): Int32Array<ArrayBuffer> {
  const longer = new Int32Array(array.length * 2)
  longer.set(array)
  return longer
}

/** True for letters of any script, and for the brackets between them in the table. */
export const isOfWord = (code: number): boolean => code > 64

/** The last character of a word before `start`, as in `words`, for a place that is not where a run begins; -1 when there is none within `reach`. */
export function lastWordBefore(text: string, start: number, reach: number): number {
  const lowest = Math.max(0, start - reach)
  for (let index = start - 1; index >= lowest; index -= 1) if (isOfWord(text.charCodeAt(index))) return index
  return -1
}

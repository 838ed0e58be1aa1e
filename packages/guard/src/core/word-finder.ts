import { isAlphanumeric } from './characters.ts'

/**
 * Finds out whether one of many words stands in a text, whatever its case: each character is looked at once (Aho and Corasick, 1975),
 * where an expression tries every word at every place.
 */
export class WordFinder {
  readonly #symbols = new Uint8Array(128)
  readonly #symbolCount: number
  /** For each step and symbol the step that follows. */
  readonly #next: Uint16Array
  /** For each step the lengths of the words that end with it. */
  readonly #lengths: (readonly number[] | null)[]
  /** For each step the length of the shortest of them; 0 when there is none. */
  readonly #shortest: Uint8Array

  /** The words are ASCII, lower case. */
  constructor(words: readonly string[]) {
    let count = 0
    for (const character of new Set(words.join(''))) {
      count += 1
      this.#symbols[character.charCodeAt(0)] = count
      this.#symbols[character.toUpperCase().charCodeAt(0)] = count
    }
    this.#symbolCount = count + 1
    this.#next = new Uint16Array((words.join('').length + 1) * this.#symbolCount)
    this.#lengths = [null]
    for (const word of words) this.#plant(word)
    this.#link()
    this.#shortest = Uint8Array.from(this.#lengths, (lengths) => lengths?.at(-1) ?? 0)
  }

  #plant(word: string): void {
    let step = 0
    for (let index = 0; index < word.length; index += 1) {
      const place = step * this.#symbolCount + (this.#symbols[word.charCodeAt(index)] ?? 0)
      if (this.#next[place] === 0) this.#next[place] = this.#lengths.push(null) - 1
      step = this.#next[place] ?? 0
    }
    this.#lengths[step] = [word.length]
  }

  /** Leads every step that has no way on to where the longest ending of what was read so far goes on. */
  #link(): void {
    const fallback = new Uint16Array(this.#lengths.length)
    const queue = [0]
    for (const step of queue) {
      const back = fallback[step] ?? 0
      for (let symbol = 1; symbol < this.#symbolCount; symbol += 1) {
        const place = step * this.#symbolCount + symbol
        const further = step === 0 ? 0 : (this.#next[back * this.#symbolCount + symbol] ?? 0)
        const child = this.#next[place] ?? 0
        if (child === 0) {
          this.#next[place] = further
          continue
        }
        fallback[child] = further
        const shorter = this.#lengths[further] ?? null
        if (shorter !== null) this.#lengths[child] = [...(this.#lengths[child] ?? []), ...shorter]
        queue.push(child)
      }
    }
  }

  /** Whether one of the words stands anywhere in a text, be it within another word. */
  isIn(text: string): boolean {
    for (let index = 0, step = 0; index < text.length; index += 1) {
      step = this.follow(step, text.charCodeAt(index))
      if (this.ends(step)) return true
    }
    return false
  }

  /** The step that follows a step when this character is read; 0 is the beginning. */
  follow(step: number, code: number): number {
    return code < 128 ? (this.#next[step * this.#symbolCount + (this.#symbols[code] ?? 0)] ?? 0) : 0
  }

  /** Whether a word ends with a step. */
  ends(step: number): boolean {
    return this.#shortest[step] !== 0
  }

  /** The length of the shortest word that ends with a step; 0 when none does. */
  shortestAt(step: number): number {
    return this.#shortest[step] ?? 0
  }

  /** The lengths of the words that end with a step, the longest first. */
  endingsAt(step: number): readonly number[] {
    return this.#lengths[step] ?? none
  }
}

const none: readonly number[] = []

/** Keeps up with a text from left to right: which words stand before a place is told without reading anything twice. */
export class WordTrail {
  readonly #finder: WordFinder
  readonly #text: string
  #at = 0
  #step = 0
  #last = -1

  constructor(finder: WordFinder, text: string) {
    this.#finder = finder
    this.#text = text
  }

  /** Where the last word begins that stands by itself, with neither letter nor digit nor `_` beside it, in the `reach` characters before a place; -1 when none does. Ask from left to right. */
  lastBefore(place: number, reach: number): number {
    const from = place - reach
    if (this.#at < from) {
      this.#at = from
      this.#step = 0
    }
    for (; this.#at < place; this.#at += 1) {
      this.#step = this.#finder.follow(this.#step, this.#text.charCodeAt(this.#at))
      if (this.#finder.ends(this.#step)) this.#keep(this.#at + 1)
    }
    return this.#last < from ? -1 : this.#last
  }

  /** Keeps where a word begins that ends here and stands by itself. */
  #keep(end: number): void {
    for (const length of this.#finder.endingsAt(this.#step)) if (this.#standsAlone(end - length, end)) this.#last = end - length
  }

  #standsAlone(start: number, end: number): boolean {
    return !isOfWord(this.#text.charCodeAt(end)) && !(start > 0 && isOfWord(this.#text.charCodeAt(start - 1)))
  }
}

const isOfWord = (code: number): boolean => isAlphanumeric(code) || code === 95

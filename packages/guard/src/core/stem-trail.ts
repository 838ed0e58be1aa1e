import { WordFinder } from './word-finder.ts'

/**
 * Parts of words, so chosen that one of them stands in whatever an expression finds: where none does, the expression need not be asked.
 * Those in ASCII are lower case; beyond it a single character tells, in either case.
 */
export class Stems {
  readonly finder: WordFinder
  readonly #telling = new Uint8Array(65_536)

  constructor(stems: readonly string[], characters: string) {
    this.finder = new WordFinder(stems)
    // The two last ones are ASCII in lower case.
    for (const character of `${characters}${characters.toUpperCase()}\u0130\u212a`) this.#telling[character.charCodeAt(0)] = 1
  }

  /** Whether a character beyond ASCII is one of those that tell. */
  isTelling(code: number): boolean {
    return this.#telling[code] === 1
  }
}

/** Keeps up with a text from left to right: whether a stem stands before a place is told without reading anything twice. */
export class StemTrail {
  readonly #stems: Stems
  readonly #text: string
  #at = 0
  #step = 0
  /** Where the last stem begins. */
  #last = -1

  constructor(stems: Stems, text: string) {
    this.#stems = stems
    this.#text = text
  }

  /** Whether a stem stands in the `reach` characters before a place. Ask from left to right. */
  isNear(place: number, reach: number): boolean {
    const from = Math.max(0, place - reach)
    if (this.#at < from) {
      this.#at = from
      this.#step = 0
    }
    const { finder } = this.#stems
    for (; this.#at < place; this.#at += 1) {
      const code = this.#text.charCodeAt(this.#at)
      this.#step = finder.follow(this.#step, code)
      if (code > 127) {
        if (this.#stems.isTelling(code)) this.#last = this.#at
      } else if (finder.ends(this.#step)) {
        this.#last = Math.max(this.#last, this.#at + 1 - finder.shortestAt(this.#step))
      }
    }
    return this.#last >= from
  }
}

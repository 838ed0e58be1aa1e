import { isAlphanumeric, isDigit } from '../core/characters.ts'
import { isCapital, isJumble, isVowel } from './jumble.ts'

/**
 * What stretches of ASCII are mixed of. It reads of each stretch only what it does not share with the one before, for the keys that were
 * refused in a row of prefixes lie within one another.
 */
export class Mixture {
  readonly #text: string
  readonly #counts = new Uint16Array(128)
  #start = 0
  #end = 0
  #different = 0
  #digits = 0
  #letters = 0
  #capitals = 0
  #vowels = 0
  /** Neighbours that are the same character, and neighbours that are both capitals. */
  #repeats = 0
  #capitalPairs = 0

  constructor(text: string) {
    this.#text = text
  }

  /** Tells a key from `your-api-key-here` and from a row of x: many different characters, and digits among the letters or no word in it. */
  isRandom(start: number, end: number): boolean {
    this.#moveTo(start, end)
    const length = end - start
    if (this.#different < Math.min(8, 3 + length / 4) || this.#repeats > length / 3 || this.#letters === 0) return false
    return !(length > 6 && this.#text.endsWith('EXAMPLE', end)) && (this.#digits > 1 || this.#isJumble())
  }

  #isJumble(): boolean {
    const last = this.#text.charCodeAt(this.#end - 1)
    const letters = { length: this.#end - this.#start, capitals: this.#capitals, vowels: this.#vowels, isStrewn: this.#capitalPairs > 0 || isCapital(last) }
    return isJumble(letters, isCapital(this.#text.charCodeAt(this.#start)), isCapital(this.#text.charCodeAt(this.#start + 1)))
  }

  #moveTo(start: number, end: number): void {
    if (start >= this.#end || end <= this.#start) {
      while (this.#start < this.#end) this.#count(this.#start++, -1, 1)
      this.#start = this.#end = start
    }
    while (this.#start > start) this.#count(--this.#start, 1, 1)
    while (this.#end < end) this.#count(this.#end++, 1, -1)
    while (this.#start < start) this.#count(this.#start++, -1, 1)
    while (this.#end > end) this.#count(--this.#end, -1, -1)
  }

  /** Takes a character into the stretch, or out of it; `side` is where its neighbour in the stretch stands. */
  #count(index: number, by: 1 | -1, side: 1 | -1): void {
    const code = this.#text.charCodeAt(index)
    const count = (this.#counts[code] ?? 0) + by
    this.#counts[code] = count
    if (count === (by > 0 ? 1 : 0)) this.#different += by
    if (isDigit(code)) this.#digits += by
    else if (isAlphanumeric(code)) this.#letters += by
    if (isVowel(code)) this.#vowels += by
    if (isCapital(code)) this.#capitals += by
    if (index + side < this.#start || index + side >= this.#end) return
    const neighbour = this.#text.charCodeAt(index + side)
    if (neighbour === code) this.#repeats += by
    if (isCapital(code) && isCapital(neighbour)) this.#capitalPairs += by
  }
}

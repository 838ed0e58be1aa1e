import { isDigit } from './characters.ts'

/**
 * Reads forward from where a match may begin, and no further than a match may be long. `wantsMore` says that it looked past the end of the
 * text that is there: with more text the result might be another one, so in a stream the candidate is still open.
 */
export class Reader {
  readonly text: string
  readonly #limit: number
  at: number
  wantsMore = false

  constructor(text: string, start: number, longest: number) {
    this.text = text
    this.at = start
    this.#limit = start + longest
  }

  /** The code unit `ahead` of the position; -1 past the end. */
  peek(ahead = 0): number {
    const position = this.at + ahead
    if (position >= this.#limit) return -1
    if (position < this.text.length) return this.text.charCodeAt(position)
    this.wantsMore = true
    return -1
  }

  /** Steps over one of these characters, if it is next. */
  skip(characters: string): boolean {
    const code = this.peek()
    if (code < 0 || !characters.includes(String.fromCharCode(code))) return false
    this.at += 1
    return true
  }

  /** Steps over at most `most` digits; gives how many. */
  digits(most: number): number {
    let count = 0
    while (count < most && isDigit(this.peek())) {
      this.at += 1
      count += 1
    }
    return count
  }

  /**
   * A word of any script from here on, with hyphens and apostrophes inside it (`Müller-Lüdenscheidt`, `O'Brien`, `dell'Orto`); empty when none
   * begins here. A possessive 's is left out.
   */
  word(): string {
    const start = this.at
    for (let code = this.peek(); code >= 0; code = this.peek()) {
      if (isLetter(code)) this.at += 1
      else if (this.at > start && (code === 45 || code === 39) && isLetter(this.peek(1)) && !this.#isPossessive(code)) this.at += 2
      else break
    }
    return this.text.slice(start, this.at)
  }

  #isPossessive(code: number): boolean {
    return code === 39 && (this.peek(1) === 115 || this.peek(1) === 83) && !isLetter(this.peek(2))
  }

  /** Takes one step and undoes it when it did not succeed. */
  attempt<Result>(step: () => Result | null): Result | null {
    const before = this.at
    const result = step()
    if (result === null) this.at = before
    return result
  }
}

const letter = /^[\p{L}\p{M}]$/u

/** True for a letter, or a mark on one, of the basic plane. */
export const isLetter = (code: number): boolean => (code < 128 ? (code >= 97 && code <= 122) || (code >= 65 && code <= 90) : code > 0xa9 && letter.test(String.fromCharCode(code)))

/** True for a capital. */
export function isCapital(code: number): boolean {
  if (code < 128) return code >= 65 && code <= 90
  const character = String.fromCharCode(code)
  return character.toLowerCase() !== character
}

const marks = /\p{M}+/gu

/** A word without case and accents, to look it up by. */
export const plainWord = (word: string): string => (/^[\u0000-\u007f]*$/.test(word) ? word.toLowerCase() : word.normalize('NFD').replace(marks, '').toLowerCase().replaceAll('ß', 'ss').replaceAll('ø', 'o').replaceAll('ł', 'l').replaceAll('æ', 'ae'))

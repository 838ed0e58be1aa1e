import { foldCodePoint, isInvisible } from '../core/fold.ts'

/** Shortest run of invisible characters that is no accident: emoji and some scripts need one or two between letters. */
const shortest = 4
const override = /[\u202d\u202e\u2066-\u2069]/

/** A run of characters that print nothing, or characters that turn the order of others round. */
export interface HiddenRun {
  readonly start: number
  readonly end: number
}

/** Finds text that a reader does not see: tag characters, variation selectors in a row, overrides of direction. Works on the original, for folding removes them. */
export function findHiddenText(text: string): readonly HiddenRun[] {
  if (!telling.test(text)) return []
  const finder = new HiddenTextFinder(text)
  finder.look(text.length)
  return finder.finish()
}

/** The same, with a yield after every `sliceCharacters`. */
export function* sliceHiddenText(text: string, sliceCharacters: number): Generator<void, readonly HiddenRun[]> {
  if (!telling.test(text)) return []
  const finder = new HiddenTextFinder(text)
  for (let until = sliceCharacters; until < text.length; until += sliceCharacters) {
    finder.look(until)
    yield
  }
  finder.look(text.length)
  return finder.finish()
}

const telling = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\udb40]/

class HiddenTextFinder {
  readonly #text: string
  readonly #runs: HiddenRun[] = []
  #at = 0
  #start = -1
  #count = 0

  constructor(text: string) {
    this.#text = text
  }

  /** Looks at all characters that begin before `until`. */
  look(until: number): void {
    while (this.#at < until) {
      const point = this.#text.codePointAt(this.#at) ?? 0
      if (point > 127 && isInvisible(point) && foldCodePoint(point) === '') {
        if (this.#start < 0) this.#start = this.#at
        this.#count += 1
      } else if (this.#start >= 0) {
        this.#close()
      }
      this.#at += point > 0xffff ? 2 : 1
    }
  }

  finish(): readonly HiddenRun[] {
    if (this.#start >= 0) this.#close()
    return this.#runs
  }

  #close(): void {
    const end = Math.min(this.#at, this.#text.length)
    if (this.#count >= shortest || override.test(this.#text.slice(this.#start, end))) this.#runs.push({ start: this.#start, end })
    this.#start = -1
    this.#count = 0
  }
}

import { isAlphanumeric, isDigit } from '../core/characters.ts'
import { WordFinder } from '../core/word-finder.ts'
import { isJumbled } from './jumble.ts'

/** Words that stand in what someone is to put a secret in place of. */
const placeholderWords = new WordFinder(['example', 'sample', 'dummy', 'changeme', 'change-me', 'change_me', 'change me', 'placeholder', 'redacted', 'your-', 'your_', 'your ', 'insert', 'replace', 'todo', 'fake', 'xxxx', '...', '***', 'process.env', 'os.environ', 'getenv', '%('])
const placeholder = /^(?:<.*>|\$\{|\{|\[|\(|%|(?:null|none|true|false|undefined|nil|string|number|boolean|required|optional|test|value|secret|password\d*!?|token)$)/i
const code = /^(?:[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)+(?:\(.*)?$|\$\w+$|[a-z]+[A-Z]\w*\($|!+\w)/
/** Characters one of which stands in all code that `isCode` knows. */
const codeMark = /[.(=$!]/

/** True for what stands where a secret would, and is none: `your-key-here`, `${TOKEN}`, `settings.password`. */
export const isPlaceholder = (value: string): boolean => placeholder.test(value) || placeholderWords.isIn(value) || (codeMark.test(value) && isCode(value) && countDigits(value) < 3)

const isCode = (value: string): boolean => code.test(value) || value.includes('()') || value.includes('=>')

/** How many of 0 to 9 stand in a stretch. */
export function countDigits(text: string, start = 0, end = text.length): number {
  let count = 0
  for (let index = start; index < end; index += 1) if (isDigit(text.charCodeAt(index))) count += 1
  return count
}

/** `c * log2(c)` for each count, in whole numbers: their sums are the same in whatever order they are made. */
const unit = 2 ** 32
const products = Float64Array.from({ length: 1024 }, (_, count) => (count === 0 ? 0 : Math.round(count * Math.log2(count) * unit)))

/** What a character is made up of: 1 a digit, 2 a capital, 3 a small letter, 4 any other. */
const kinds = new Uint8Array(128).fill(4)
for (let at = 0; at < 128; at += 1) if (isAlphanumeric(at)) kinds[at] = isDigit(at) ? 1 : at < 91 ? 2 : 3
const kindOf = (at: number): number => (at < 128 ? (kinds[at] ?? 4) : 4)

/** How many characters of each kind `fill` has met; the first tells of those beyond Latin 1. */
const tallies = new Int32Array(5)

/** How often each character stands in the stretch that is looked at; all zero in between. */
const counts = new Uint16Array(65_536)

/**
 * What stretches of a text are made of. Asked from left to right, it reads of each stretch only what it does not share with the one before:
 * the values in a row of names lie within one another. Only one may be in use, until `forget`.
 */
export class Makeup {
  readonly #text: string
  #start = 0
  #end = 0
  /** The sum of `products` over all characters' counts. */
  #sum = 0
  #digits = 0
  #upper = 0
  #lower = 0
  #marks = 0
  /** Characters beyond Latin 1. */
  #foreign = 0
  /** How often digits, letters and others take turns. */
  #turns = 0

  constructor(text: string) {
    this.#text = text
  }

  /** True for a value that a machine made: long, and letters and digits mixed as no word or version is. */
  isMachineMade(start: number, end: number): boolean {
    const length = end - start
    if (length < 10) return false
    this.#moveTo(start, end)
    if (this.#digits === 0) return length >= 16 && this.#marks === 0 && isJumbled(this.#text.slice(start, end)) && this.#entropy() > 3
    if (this.#lower + this.#upper === 0) return length >= 14 && this.#marks === 0
    return this.#marks <= length / 4 && this.#turns >= 2 && this.#entropy() > 2.6
  }

  /** True for a value that someone chose as a password: not a word of prose or a name in code. */
  isChosenPassword(start: number, end: number, quoted: boolean): boolean {
    const length = end - start
    if (length < 6) return false
    this.#moveTo(start, end)
    if (this.#foreign > 0) return false
    const letters = this.#lower + this.#upper
    if (this.#digits > 0 && (letters > 0 || this.#marks > 0 || this.#digits > 5)) return true
    if (!quoted) return false
    const value = this.#text.slice(start, end)
    if (this.#marks > 0 && letters > 3) return !/^[A-Za-z]+(?:[-_ ./:][A-Za-z]+)*[.:]?$/.test(value)
    return length >= 10 && isJumbled(value)
  }

  /** Lets go of the last stretch. */
  forget(): void {
    for (let index = this.#start; index < this.#end; index += 1) counts[this.#text.charCodeAt(index)] = 0
    this.#start = this.#end
    this.#sum = this.#digits = this.#upper = this.#lower = this.#marks = this.#foreign = this.#turns = 0
  }

  /** Shannon entropy in bits a character. */
  #entropy(): number {
    const length = this.#end - this.#start
    return Math.log2(length) - this.#sum / unit / length
  }

  #moveTo(start: number, end: number): void {
    if (start < this.#start || end < this.#end || start >= this.#end) {
      this.forget()
      this.#fill(start, end)
    }
    for (; this.#end < end; this.#end += 1) this.#count(this.#end, 1)
    for (; this.#start < start; this.#start += 1) this.#count(this.#start, -1)
  }

  /** Counts a stretch that shares nothing with the one before. */
  #fill(start: number, end: number): void {
    const text = this.#text
    let sum = 0
    let turns = 0
    let last = 0
    tallies.fill(0)
    for (let index = start; index < end; index += 1) {
      const at = text.charCodeAt(index)
      const count = counts[at] ?? 0
      sum += (products[count + 1] ?? 0) - (products[count] ?? 0)
      counts[at] = count + 1
      const kind = kindOf(at)
      tallies[kind] = (tallies[kind] ?? 0) + 1
      if (at > 255) tallies[0] = (tallies[0] ?? 0) + 1
      const group = kind === 3 ? 2 : kind
      if (group !== last) turns += 1
      last = group
    }
    this.#start = start
    this.#end = end
    this.#sum = sum
    this.#turns = Math.max(0, turns - 1)
    this.#foreign = tallies[0] ?? 0
    this.#digits = tallies[1] ?? 0
    this.#upper = tallies[2] ?? 0
    this.#lower = tallies[3] ?? 0
    this.#marks = tallies[4] ?? 0
  }

  /** Takes the character behind the stretch into it, or the first one out of it. */
  #count(index: number, by: 1 | -1): void {
    const at = this.#text.charCodeAt(index)
    const count = counts[at] ?? 0
    this.#sum += (products[count + by] ?? 0) - (products[count] ?? 0)
    counts[at] = count + by
    const kind = kindOf(at)
    if (kind === 1) this.#digits += by
    else if (kind === 2) this.#upper += by
    else if (kind === 3) this.#lower += by
    else this.#marks += by
    if (at > 255) this.#foreign += by
    const neighbour = index - by
    if (neighbour >= this.#start && neighbour < this.#end && groupOf(this.#text.charCodeAt(neighbour)) !== groupOf(at)) this.#turns += by
  }
}

/** Letters take no turns with one another. */
const groupOf = (at: number): number => (kindOf(at) === 3 ? 2 : kindOf(at))

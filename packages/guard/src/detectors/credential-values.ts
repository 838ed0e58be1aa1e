import { isAlphanumeric, isDigit } from '../core/characters.ts'

const placeholderWords = /example|sample|dummy|changeme|change[-_ ]me|placeholder|redacted|your[-_ ]|insert|replace|todo|fake|xxxx|\.\.\.|\*\*\*|^<.*>|^\$\{|^\{|^\[|^\(|^%|process\.env|os\.environ|getenv|%\(|^(?:null|none|true|false|undefined|nil|string|number|boolean|required|optional|test|value|secret|password\d*!?|token)$/i
const code = /^[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)+(?:\(.*)?$|\(\)|=>|^\$\w+$|^[a-z]+[A-Z]\w*\($|^!+\w/

/** True for what stands where a secret would, and is none: `your-key-here`, `${TOKEN}`, `settings.password`. */
export const isPlaceholder = (value: string): boolean => placeholderWords.test(value) || (code.test(value) && value.replace(/\D/g, '').length < 3)

const counts = new Uint16Array(65_536)

/** Shannon entropy in bits a character. */
export function entropy(value: string): number {
  for (let index = 0; index < value.length; index += 1) counts[value.charCodeAt(index)] = (counts[value.charCodeAt(index)] ?? 0) + 1
  let bits = 0
  for (let index = 0; index < value.length; index += 1) {
    const count = counts[value.charCodeAt(index)] ?? 0
    if (count > 0) bits -= (count / value.length) * Math.log2(count / value.length)
    counts[value.charCodeAt(index)] = 0
  }
  return bits
}

interface Makeup {
  readonly digits: number
  readonly lower: number
  readonly upper: number
  readonly marks: number
  /** How often letters and digits take turns. */
  readonly turns: number
}

function makeupOf(value: string): Makeup {
  const makeup = { digits: 0, lower: 0, upper: 0, marks: 0, turns: 0 }
  let last = 0
  for (let index = 0; index < value.length; index += 1) {
    const at = value.charCodeAt(index)
    const kind = isDigit(at) ? 1 : isAlphanumeric(at) ? 2 : 3
    if (kind === 1) makeup.digits += 1
    else if (kind === 3) makeup.marks += 1
    else if (at < 91) makeup.upper += 1
    else makeup.lower += 1
    if (last !== 0 && kind !== last) makeup.turns += 1
    last = kind
  }
  return makeup
}

/** True for a value that a machine made: long, and letters and digits mixed as no word or version is. */
export function isMachineMade(value: string): boolean {
  if (value.length < 10) return false
  const { digits, lower, upper, marks, turns } = makeupOf(value)
  const letters = lower + upper
  if (digits === 0) return value.length >= 16 && marks === 0 && isJumbled(value) && entropy(value) > 3
  if (letters === 0) return value.length >= 14 && marks === 0
  return marks <= value.length / 4 && turns >= 2 && entropy(value) > 2.6
}

/** True for letters that are no words: no word has capitals strewn about, or hardly a vowel. */
export function isJumbled(value: string): boolean {
  const capitals = value.replace(/[^A-Z]/g, '').length
  const vowels = value.replace(/[^aeiouAEIOU]/g, '').length
  if (capitals === 0) return vowels < value.length * 0.28
  const humps = value.split(/(?=[A-Z])/)
  return humps.some((hump) => hump.length === 1) && humps.length > value.length / 5
}

/** True for a value that someone chose as a password: not a word of prose or a name in code. */
export function isChosenPassword(value: string, quoted: boolean): boolean {
  if (value.length < 6 || /[^\u0000-\u00ff]/.test(value)) return false
  const { digits, lower, upper, marks } = makeupOf(value)
  if (digits > 0 && (lower + upper > 0 || marks > 0 || digits > 5)) return true
  if (quoted && marks > 0 && lower + upper > 3) return !/^[A-Za-z]+(?:[-_ ./:][A-Za-z]+)*[.:]?$/.test(value)
  return quoted && value.length >= 10 && isJumbled(value)
}

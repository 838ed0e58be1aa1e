import { fold, type Folded } from '../core/fold.ts'
import { conceptOf, conceptOfWhole, hashStep, wordSeed } from './concepts.ts'
import { decodeRuns, hiddenText } from './decodings.ts'

/** One way of reading a text; only the plain one has positions that lead back to the text. */
export interface View {
  readonly text: string
  readonly how: 'plain' | 'spaced' | 'leetspeak' | 'decoded' | 'rot13' | 'backwards' | 'hidden'
}

const lookalikes = new Map<string, string>()
const pair = (from: string, to: string): void => [...from].forEach((character, index) => lookalikes.set(character, to[index] ?? ''))
pair('аеорсухівӏԁѕјһԛԝɡкмтнвгАВЕКМНОРСТУХІЅЈ', 'aeopcyxib1dsjhqwgkmthbrABEKMHOPCTYXISJ'.replace('1', 'l'))
pair('αβεικνορτυχωηγδΑΒΕΖΗΙΚΜΝΟΡΤΥΧ', 'abeiknoptuxwnydABEZHIKMNOPTYX')
pair('ıɑɩʀʏᴀᴄᴅᴇɢʜᴊᴋʟᴍɴᴏᴘꜱᴛᴜᴠᴡᴢøłđħŧƒ', 'iairyacdeghjklmnopstuvwzoldhtf')

const plain = /^[\u0000-\u007f]*$/

/** Letters of words that may be in disguise: 1 those of the alphabet, 2 those that can be taken for them. */
const letterKinds = new Uint8Array(65_536)
for (let code = 0; code < 65_536; code += 1) {
  if (code >= 97 && code < 123) letterKinds[code] = 1
  else if (/[\u0131\u0370-\u03ff\u0400-\u052f\u0251-\u02af\u1d00-\u1d25\ua731\u00f8\u0142\u0111\u0127\u0167\u0192]/.test(String.fromCharCode(code))) letterKinds[code] = 2
}

/** Latin letters for look-alikes, in words that have both kinds: a word of one script is left as it is. */
function unmask(text: string): string {
  if (plain.test(text)) return text
  let unmasked = ''
  let taken = 0
  let start = 0
  let kinds = 0
  for (let index = 0; index <= text.length; index += 1) {
    const kind = index < text.length ? (letterKinds[text.charCodeAt(index)] ?? 0) : 0
    kinds |= kind
    if (kind !== 0) continue
    if (kinds === 3) {
      unmasked += text.slice(taken, start) + text.slice(start, index).replace(/[^a-z]/g, (character) => lookalikes.get(character) ?? character)
      taken = index
    }
    start = index + 1
    kinds = 0
  }
  return taken === 0 ? text : unmasked + text.slice(taken)
}

/** Lower case, folded, accents that were stacked on letters taken off. Keeps the number of UTF-16 units of the folded text. */
export function plainView(folded: Folded): string {
  return unmask(toLower(folded.text))
}

/** Lower case without change of length, so that positions hold. */
function toLower(text: string): string {
  const lower = text.toLowerCase()
  return lower.length === text.length ? lower : text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
}

/** Whether a text that is in lower case has a letter, or a character of another script: figures and marks alone say nothing, unless they are decoded. */
export const hasLetters = (lower: string): boolean => /[a-z\u0080-\uffff]/.test(lower)

/** Every way in which a text can be read that differs from the plain one; none for ordinary prose. */
export function otherViews(original: string, lower: string, hints: { readonly rotated: boolean; readonly backwards: boolean }): View[] {
  const views: View[] = []
  const hidden = hiddenText(original)
  if (hidden !== '') views.push({ how: 'hidden', text: hidden.toLowerCase() })
  const isLettered = hasLetters(lower)
  const spaced = isLettered ? joinSpaced(lower) : null
  if (spaced !== null) views.push({ how: 'spaced', text: spaced })
  const leet = isLettered ? unLeet(spaced ?? lower) : null
  if (leet !== null) views.push({ how: 'leetspeak', text: leet })
  const decoded = decodeRuns(original)
  if (decoded !== null) {
    const again = decodeRuns(decoded)
    views.push({ how: 'decoded', text: plainView(fold(again ?? decoded)) })
  }
  if (hints.rotated) views.push({ how: 'rot13', text: rotate(lower) })
  if (hints.backwards) views.push({ how: 'backwards', text: [...lower].reverse().join('') })
  return views
}

const rotate = (text: string): string => text.replace(/[a-z]/g, (letter) => String.fromCharCode(((letter.charCodeAt(0) - 84) % 26) + 97))

const spacedRun = /(?:[\p{L}\p{N}\p{P}\p{S}][ ._\-*|/]){8,}/u
const lettersApart = /(?<![\p{L}\p{N}])(?:[\p{L}\p{N}][ ._\-*|/]){4,200}[\p{L}\p{N}](?![\p{L}\p{N}])/gu
const marks = [' ', '.', '-', '_', '*', '|', '/']
/** Each mark's place in `marks`, counted from one. */
const markOf = new Uint8Array(128)
marks.forEach((mark, index) => { markOf[mark.charCodeAt(0)] = index + 1 })

/** `i g n o r e   a l l` as `ignore all`: one separator between letters, a wider gap between words. Null when little is spaced. */
function joinSpaced(text: string): string | null {
  if (!isSpaced(text)) return null
  const counts = new Int32Array(marks.length + 1)
  let lines = 0
  let length = 0
  for (let index = 0; index < text.length; index += 1, length += 1) {
    const code = text.charCodeAt(index)
    if (code >= 0xd800 && code < 0xdc00 && (text.codePointAt(index) ?? 0) > 0xffff) index += 1
    else if (length % 2 === 1 && code === 10) lines += 1
    else if (length % 2 === 1 && code < 128) counts[markOf[code] ?? 0] = (counts[markOf[code] ?? 0] ?? 0) + 1
  }
  const isAlternating = marks.some((_, index) => ((counts[index + 1] ?? 0) + lines) * 2 >= length * 0.8)
  const joined = isAlternating ? everyOther(text).replace(/ {2,}/g, ' ') : text.replace(lettersApart, (run) => run.replace(/([\p{L}\p{N}])[ ._\-*|/]/gu, '$1'))
  return joined === text ? null : joined
}

/** The first character, the third, and so on. */
function everyOther(text: string): string {
  const codes = new Uint16Array(text.length)
  let length = 0
  let isTaken = true
  for (let index = 0; index < text.length; index += 1, isTaken = !isTaken) {
    const isPair = (text.codePointAt(index) ?? 0) > 0xffff
    if (isTaken) codes[length++] = text.charCodeAt(index)
    if (!isPair) continue
    index += 1
    if (isTaken) codes[length++] = text.charCodeAt(index)
  }
  return textOf(codes.subarray(0, length))
}

/** Eight times in a row one character and a mark. */
function isSpaced(text: string): boolean {
  const before = [0, 0]
  const printed = [0, 0]
  let perhaps = false
  let last = 32
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    const turn = index & 1
    if (code < 128 && (markOf[code] ?? 0) > 0 && last !== 32 && index > 0) {
      before[turn] = (before[turn] ?? 0) + 1
      printed[turn] = last > 32 && last < 127 ? (printed[turn] ?? 0) + 1 : 0
      if ((printed[turn] ?? 0) > 7) return true
      perhaps ||= (before[turn] ?? 0) > 7
    } else {
      before[turn] = 0
      printed[turn] = 0
    }
    last = code
  }
  return perhaps && spacedRun.test(text)
}

const leetLetters: Readonly<Record<string, string>> = { 0: 'o', 1: 'i', 2: 'z', 3: 'e', 4: 'a', 5: 's', 6: 'g', 7: 't', 8: 'b', 9: 'g', '@': 'a', $: 's', '!': 'i', '+': 't', '|': 'i' }
const isLower = 1
const isFigure = 2
const isQuote = 3
/** What a character is in a word that may be leetspeak; 0 ends the word. */
const leetKinds = new Uint8Array(128)
/** The letter that a figure stands for, and any other character for itself. */
const leetCodes = Uint16Array.from({ length: 128 }, (_, code) => code)
for (let code = 97; code < 123; code += 1) leetKinds[code] = isLower
for (const [figure, letter] of Object.entries(leetLetters)) {
  leetKinds[figure.charCodeAt(0)] = isFigure
  leetCodes[figure.charCodeAt(0)] = letter.charCodeAt(0)
}
leetKinds[39] = isQuote

const leetKindOf = (code: number): number => (code < 128 ? (leetKinds[code] ?? 0) : 0)
const isSpace = (code: number): boolean => code === 32 || (code > 8 && code < 14) || (code > 127 && spaces.has(code))
/** What `\s` knows beyond ASCII. */
const spaces: ReadonlySet<number> = new Set([0xa0, 0x1680, 0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006, 0x2007, 0x2008, 0x2009, 0x200a, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000, 0xfeff])

/** `1gn0r3` as `ignore`. Null when few words mix letters and figures, or none of those that change is an idea of attacks: then the text says no more than it did. */
function unLeet(text: string): string | null {
  if (!isLeet(text)) return null
  const codes = new Uint16Array(text.length)
  let start = 0
  let lowers = 0
  let figures = 0
  let isTelling = false
  for (let index = 0; index <= text.length; index += 1) {
    const code = index < text.length ? text.charCodeAt(index) : 32
    const kind = leetKindOf(code)
    if (index < text.length) codes[index] = code
    if (kind === isLower) lowers += 1
    else if (kind === isFigure) figures += 1
    if (kind !== 0) continue
    if (figures > 0 && (lowers > 0 || index - start > 1)) {
      spellOut(codes, start, index)
      isTelling ||= isIdea(codes, start, index)
    }
    start = index + 1
    lowers = 0
    figures = 0
  }
  return isTelling ? textOf(codes) : null
}

/** Text of UTF-16 units, in pieces that fit on the stack. */
function textOf(codes: Uint16Array): string {
  let text = ''
  for (let from = 0; from < codes.length; from += 4096) text += Reflect.apply(String.fromCharCode, null, codes.subarray(from, from + 4096))
  return text
}

/** Whether a word is one of the ideas, or begins with the stem of one. */
function isIdea(codes: Uint16Array, start: number, end: number): boolean {
  let hash = wordSeed
  for (let index = start; index < end; index += 1) {
    hash = hashStep(hash, codes[index] ?? 0)
    if (conceptOf(hash) > 0) return true
  }
  return conceptOfWhole(hash) > 0
}

/** Writes a word's figures as letters; `a11` is more likely `all` than `aii`. */
function spellOut(codes: Uint16Array, start: number, end: number): void {
  for (let index = start; index < end; index += 1) codes[index] = leetCodes[codes[index] ?? 0] ?? 0
  if (end - start < 3 || codes[end - 1] !== 105 || codes[end - 2] !== 105 || codes[end - 3] !== 97) return
  codes[end - 1] = 108
  codes[end - 2] = 108
}

/** At least two words, and one in seven, that mix letters and figures, and one with a figure before or among letters. */
function isLeet(text: string): boolean {
  let isSeen = false
  let mixed = 0
  let words = 0
  let length = 0
  let figures = 0
  let isMixed = false
  let last = 0
  let beforeLast = 0
  let isApart = true
  for (let index = 0; index <= text.length; index += 1) {
    const code = index < text.length ? text.charCodeAt(index) : 32
    const kind = leetKindOf(code)
    if (kind === 0) {
      if (isMixed && (figures * 3 <= length * 2 || length < 5)) mixed += 1
      length = 0
      figures = 0
      isMixed = false
    } else {
      length += 1
      if (kind === isFigure) figures += 1
      isMixed ||= last + kind === isLower + isFigure && last !== 0
      isSeen ||= kind === isLower && ((last === isFigure && beforeLast === isLower) || (last === isLower && beforeLast === isFigure))
    }
    beforeLast = last
    last = kind
    const isGap = isSpace(code)
    if (isApart && !isGap) words += 1
    isApart = isGap
  }
  return isSeen && mixed > 1 && mixed * 7 >= Math.max(1, words)
}

import { anything, isDigit, isWordlike } from '../core/characters.ts'
import { charactersBefore, type SpanDetector, wordsBefore } from '../core/detector.ts'
import { isCapital, isLetter, plainWord, type Reader } from '../core/reader.ts'
import { type Found, type Read, scanWords } from '../core/scan-words.ts'
import { doubtfulNames, givenNames } from './given-names.ts'
import { perhapsStreet, streetBefore, surelyStreet } from './street-words.ts'
import { announced, announcedWithoutCapitals, farewell, field, greeting, honorifics, noNames, otherField, particles } from './person-words.ts'

const longestName = 64
const mostWords = 6
const reach = 64

/**
 * A person's name. A name proves nothing by itself, so something must speak for it: words that announce one, a field called name, a title, a
 * greeting, the end of a letter, an e-mail address behind it, or a common given name. Where nothing does, it abstains. Off unless asked for.
 */
export const person = {
  type: 'person',
  placeholder: 'PERSON',
  longest: longestName,
  triggers: anything,
  scan: (scan) => scanWords(scan, longestName, begins),
} as const satisfies SpanDetector

/** How a name that may begin here is read: behind a capital, or, where letters have none, behind a word that announces it. */
function begins(text: string, index: number): Read | null {
  const code = text.charCodeAt(index)
  if (code < 65) return null
  const before = index === 0 ? 32 : text.charCodeAt(index - 1)
  if (code <= 0x2fff || !isLetter(code)) return isCapital(code) && isBeginning(before) ? name : null
  return (isHan(before) ? '叫是名' : ': は은').includes(text[index - 1] ?? ' ') ? nameWithoutCapitals : null
}

/** Signs that names are not glued to: they would be part of a path, an address or a program. */
const isBeginning = (before: number): boolean => !isWordlike(before) && !'_.@/\\$#%&+~'.includes(String.fromCharCode(before))
const isHan = (code: number): boolean => code >= 0x3400 && code <= 0x9fff
const isHangul = (code: number): boolean => code >= 0xac00 && code <= 0xd7a3

type Kind = 'title' | 'name' | 'initial' | 'particle' | 'capitals' | 'degree'
interface Word {
  readonly kind: Kind
  readonly plain: string
  readonly end: number
}

function name(reader: Reader): Found | null {
  const { text, at: start } = reader
  const words: Word[] = []
  for (let word = nextWord(reader, words); word !== null; word = nextWord(reader, words)) words.push(word)
  while (words.at(-1)?.kind === 'particle') words.pop()
  const names = words.filter(({ kind }) => kind === 'name')
  const last = words.at(-1)
  if (last === undefined) return null
  reader.at = last.end
  if (isGlued(reader)) return null
  if (otherField.test(charactersBefore(text, start, reach))) return null
  const said = evidence(text, start, words)
  if (said !== null && (names.length > 0 || (said.takesCapitals && words.some(({ kind, plain }) => kind === 'capitals' && plain.length > 1)))) {
    const isSurer = words.length > 1 || said.takesOne || isGiven(names[0]) || endsAddress(reader)
    return isSurer ? { end: last.end, confidence: said.confidence, reason: said.reason } : null
  }
  const next = plainWord(reader.attempt(() => nextPlain(reader)) ?? '')
  return names.length === 0 || noNames.has(next) || isOfPlace(text, start, names) ? null : byItself(reader, words, names)
}

/** A street or a town that bears a name: `12 Anna Grove`, `rue Victor Hugo`, `Lake Placid`. */
function isOfPlace(text: string, start: number, names: readonly Word[]): boolean {
  const last = names.at(-1)?.plain ?? ''
  if (names.length > 1 && (surelyStreet.has(last) || perhapsStreet.has(last) || (last.endsWith('s') && (surelyStreet.has(last.slice(0, -1)) || perhapsStreet.has(last.slice(0, -1)))))) return true
  const before = text.slice(Math.max(0, start - 30), start)
  return placeBefore.test(before) || streetBefore[plainWord(/(\p{L}{1,16})\.? (?:de |del |della |di |da |do |d')?$/iu.exec(before)?.[1] ?? '')] !== undefined
}
/** A placeholder may stand for a number: what was masked once is not judged otherwise the second time. */
const placeBefore = /(?:\d|\[[A-Z_]{2,24}\]),? $|(?:^|[^\p{L}])(?:new|lake|port|north|south|east|west|old|fort|mount|cape|san|santa|santo|saint|sainte|st\.?|bad|the) $/iu

/** What the name's own words say, and an e-mail address behind them. */
function byItself(reader: Reader, words: readonly Word[], names: readonly Word[]): Found | null {
  const end = words.at(-1)?.end ?? 0
  if (words[0]?.kind === 'title') return { end, confidence: 0.9, reason: 'title' }
  const [first] = names
  if (words[0] === first && isGiven(first)) {
    if (names.length > 1) return { end, confidence: 0.85, reason: 'given name and surname' }
    return words.length === 1 ? { end, confidence: 0.6, reason: 'given name' } : null
  }
  if (names.length < 2 || names.length > 4) return null
  return isBeforeMail(reader) ? { end, confidence: 0.85, reason: 'before an e-mail address' } : null
}

const isGiven = (word: Word | undefined): boolean => word !== undefined && word.plain.split('-').some((part) => givenNames.has(part) && !doubtfulNames.has(part))

/** The next word of a name, or null where the name ends; then the reader may stand anywhere. */
function nextWord(reader: Reader, words: readonly Word[]): Word | null {
  if (words.length >= mostWords) return null
  if (words.length > 0 && !reader.skip(' ')) return null
  const start = reader.at
  const first = reader.peek()
  const written = reader.word()
  if (written === '') return null
  const plain = plainWord(written)
  const dotted = reader.peek() === 46
  if (honorifics.has(plain) && isCapital(first) && words.every(({ kind }) => kind === 'title') && (dotted || written.length > 2)) {
    while (reader.peek() === 46 || (reader.peek() === 45 && isCapital(reader.peek(1)))) {
      reader.at += 1
      if (isLetter(reader.peek())) reader.word()
    }
    return { kind: 'title', plain, end: reader.at }
  }
  // The title of the next name ends this one.
  if (dotted && honorifics.has(plain) && written.length > 1 && !degrees.has(plain)) return null
  if (!isCapital(first)) return words.length > 0 && particles.has(plain) ? { kind: 'particle', plain, end: reader.at } : null
  if (words.some(({ kind }) => kind === 'name') && (degrees.has(plain) || (written.length < 4 && dotted && isCapital(reader.peek(1))))) return degree(reader, plain)
  if (written.length === 1) {
    if (dotted) reader.at += 1
    else if (words.length === 0 || plain === 'i') return null
    return { kind: 'initial', plain, end: reader.at }
  }
  if (particles.has(plain) && written.length < 4) return { kind: 'particle', plain, end: reader.at }
  if (noNames.has(plain) && !givenNames.has(plain)) return null
  const kind = /^\p{Lu}+$/u.test(written) ? 'capitals' : 'name'
  return kind === 'capitals' && (reader.text.charCodeAt(start - 1) === 91 || words.some((word) => word.kind === 'name')) ? null : { kind, plain, end: reader.at }
}

const degrees = new Set('jr sr ii iii iv phd md msc bsc mba dds esq'.split(' '))

/** `Jr.`, `PhD`, `B.Sc.` behind a name. */
function degree(reader: Reader, plain: string): Word {
  while (reader.peek() === 46 && isLetter(reader.peek(1))) {
    reader.at += 1
    reader.word()
  }
  reader.skip('.')
  return { kind: 'degree', plain, end: reader.at }
}

/** The word behind a name: “Street” or “University” make it no name. */
function nextPlain(reader: Reader): string | null {
  if (!reader.skip(' ') || !isCapital(reader.peek())) return null
  return reader.word()
}

/** True when what follows belongs to the same word of a program, path or address. */
function isGlued(reader: Reader): boolean {
  const code = reader.peek()
  if (code < 0) return false
  if (isDigit(code) || isWordlike(code) || '_@=\\/(<['.includes(String.fromCharCode(code))) return true
  if (code !== 46 && code !== 45 && code !== 58) return false
  const next = reader.peek(1)
  return next >= 0 && (isWordlike(next) || next === code)
}

/** The end of a line or quotation, or the comma behind whom a letter speaks to. */
const endsAddress = (reader: Reader): boolean => reader.peek() < 0 || '\n",!'.includes(String.fromCharCode(reader.peek()))

/** ` <name@…`, ` (name@…`, or `,name@…` as in lists. */
function isBeforeMail(reader: Reader): boolean {
  return reader.attempt(() => {
    reader.skip(',;')
    reader.skip(' ')
    reader.skip('<(')
    for (let length = 0; length < 40; length += 1) {
      const code = reader.peek()
      if (code === 64) return length > 0 ? true : null
      if (!isDigit(code) && !isLetter(code) && code !== 46 && code !== 43 && code !== 45 && code !== 95) return null
      reader.at += 1
    }
    return null
  }) === true
}

interface Evidence {
  readonly confidence: number
  readonly reason: string
  /** One word is enough, whatever it is. */
  readonly takesOne: boolean
  readonly takesCapitals: boolean
}

/** What the words before a name say of it; null when nothing. */
function evidence(text: string, start: number, words: readonly Word[]): Evidence | null {
  const before = charactersBefore(text, start, reach)
  if (field.test(before)) return (bareField.test(text.slice(Math.max(0, start - 24), start)) && !words.some(isTelling)) ? null : { confidence: 0.9, reason: 'field for a name', takesOne: true, takesCapitals: true }
  const said = wordsBefore(text, start, reach)
  if (announced.test(said)) return { confidence: 0.93, reason: 'announced', takesOne: true, takesCapitals: false }
  if (greeting.test(said)) return { confidence: 0.85, reason: 'greeting', takesOne: false, takesCapitals: false }
  return farewell.test(said) ? { confidence: 0.8, reason: 'end of a letter', takesOne: false, takesCapitals: false } : null
}

/** Programs call everything `name`; of a person it is only with a given name, or a title, in it. */
const bareField = /(?:^|[\n,;{([|>])\s{0,8}(?:- )?["']?name["']?\s?[:=]\s{0,3}["']?$/
const isTelling = ({ kind, plain }: Word): boolean => kind === 'title' || plain.split('-').some((part) => givenNames.has(part))

/** Chinese, Japanese and Korean names, where words announce them and the run of letters is as long as a name. */
function nameWithoutCapitals(reader: Reader): Found | null {
  const { text, at: start } = reader
  if (!announcedWithoutCapitals.test(wordsBefore(text, start, 16))) return null
  const isOfScript = isHangul(reader.peek()) ? isHangul : isHan
  while (isOfScript(reader.peek())) reader.at += 1
  const length = reader.at - start
  // A Korean name has three syllables as a rule; what follows is the ending of the sentence.
  if (isOfScript === isHangul) return length < 2 ? null : { end: start + Math.min(3, length), confidence: 0.8, reason: 'announced' }
  return length >= 2 && length <= 5 ? { end: reader.at, confidence: 0.8, reason: 'announced' } : null
}

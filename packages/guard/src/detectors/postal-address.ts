import { anything, digit, isDigit, isWordlike } from '../core/characters.ts'
import { type SpanDetector, wordsBefore } from '../core/detector.ts'
import { isCapital, isLetter, plainWord, type Reader } from '../core/reader.ts'
import { type Found, type Read, scanWords } from '../core/scan-words.ts'
import { type Postcode, readPostcode, readStateAndCode } from './postcodes.ts'
import { alsoEnglish, announcedAddress, joining, perhapsStreet, perhapsStreetEndings, streetBefore, streetEndings, surelyStreet, units } from './street-words.ts'

const longestAddress = 160
const mostStreetWords = 5
const mostTownWords = 4

/**
 * A postal address: a street with its number, as written in some twenty countries, with the flat, postcode and town that follow. A street
 * without a number, a town and a postcode alone are none. Off unless asked for.
 */
export const postalAddress = {
  type: 'postal-address',
  placeholder: 'ADDRESS',
  longest: longestAddress,
  triggers: anything,
  requires: digit,
  scan: (scan) => scanWords(scan, longestAddress, begins),
} as const satisfies SpanDetector

/** An address may begin with any letter or digit that does not go on what stands before it. */
function begins(text: string, index: number): Read | null {
  const code = text.charCodeAt(index)
  if (!isDigit(code) && !isLetter(code)) return null
  const before = index === 0 ? 32 : text.charCodeAt(index - 1)
  return isWordlike(before) || '_.@/\\$#%&+=-:'.includes(String.fromCharCode(before)) ? null : address
}

/** A street with its number: how sure that alone is, and whose it may be. */
interface Street {
  readonly end: number
  readonly isSure: boolean
  readonly country: string | null
}

function address(reader: Reader): Found | null {
  const { at: start, text } = reader
  const street = reader.attempt(() => (isDigit(reader.peek()) ? numberFirst(reader) : boxNumber(reader) ?? flatFirst(reader) ?? kindFirst(reader) ?? oneWord(reader)))
  if (street === null) return null
  reader.at = street.end
  const unit = readUnit(reader)
  const tail = readTail(reader)
  const isAnnounced = announcedAddress.test(wordsBefore(text, start))
  if (tail === null && !street.isSure && !(isAnnounced || unit)) return null
  const fits = tail !== null && tail.isIssued && (street.country === null || tail.countries.includes(street.country))
  const confidence = tail === null ? (isAnnounced || street.isSure ? 0.88 : 0.75) : fits ? 0.95 : 0.9
  const end = trimmedEnd(text, start, reader.at)
  return { end, confidence, reason: tail === null ? 'street and number' : `street, number and postcode${fits ? '' : ' of a range that does not fit'}` }
}

function trimmedEnd(text: string, start: number, end: number): number {
  let last = end
  while (last > start && ' ,\n'.includes(text[last - 1] ?? '')) last -= 1
  return last
}

/** `12`, `12a`, `12-14`, `5/4`; false when it is part of something else. */
function readNumber(reader: Reader): boolean {
  if (reader.digits(6) === 0) return false
  for (let parts = 0; parts < 3 && (reader.peek() === 47 || reader.peek() === 45) && isDigit(reader.peek(1)); parts += 1) {
    reader.at += 1
    reader.digits(4)
  }
  if (isLetter(reader.peek()) && !isLetter(reader.peek(1)) && !isDigit(reader.peek(1))) reader.at += 1
  const after = reader.peek()
  const isFraction = (after === 46 || after === 44 || after === 58) && isDigit(reader.peek(1))
  return !(after >= 0 && (isWordlike(after) || '_%$€@='.includes(String.fromCharCode(after)))) && !isFraction
}

/** Words of a street's or town's name: capitals, and small joining words between them. */
function readName(reader: Reader, most: number): string[] {
  const words: string[] = []
  for (let count = 0; count < most; count += 1) {
    const word = reader.attempt(() => {
      if (count > 0 && !reader.skip(' ')) return null
      if (reader.peek() === 39 && reader.peek(1) === 115 && reader.peek(2) === 45) reader.at += 3
      const first = reader.peek()
      const written = reader.word()
      if (written === '' || (!isCapital(first) && !joining.has(plainWord(written.split("'")[0] ?? '')))) return null
      if (reader.peek() === 46 && written.length <= 4 && reader.peek(1) === 32) reader.at += 1
      return written
    })
    if (word === null) break
    words.push(word)
  }
  return words
}

/** `12 Elm Street`, `10 bis, rue de la Paix`. */
function numberFirst(reader: Reader): Street | null {
  if (!readNumber(reader)) return null
  reader.skip(',')
  if (!reader.skip(' ')) return null
  return kindThenName(reader) ?? nameThenKind(reader) ?? compound(reader)
}

/** A kind of street, then its name: `rue de la Paix`. */
function kindThenName(reader: Reader): Street | null {
  return reader.attempt(() => {
    reader.attempt(() => (/^(?:bis|ter)$/.test(reader.word()) && (reader.skip(',') || true) && reader.skip(' ')) || null)
    const country = streetBefore[plainWord(reader.word())]
    if (country === undefined) return null
    reader.skip('.')
    if (!reader.skip(' ')) return null
    const name = readName(reader, mostStreetWords)
    return name.some((word) => isCapital(word.charCodeAt(0))) ? { end: reader.at, isSure: true, country } : null
  })
}

/** A street's name with its kind as the last word: `Elm Street`, `W 42nd St.`. */
function nameThenKind(reader: Reader): Street | null {
  let result: Street | null = null
  let isNamed = false
  for (let count = 0; count < mostStreetWords; count += 1) {
    if (count > 0 && !reader.skip(' ')) break
    const isOrdinal = isDigit(reader.peek()) && reader.digits(3) > 0
    const first = reader.peek()
    const word = reader.word()
    if (word === '' || (!isCapital(first) && !isOrdinal)) break
    const plain = plainWord(word)
    if (measures.has(plain)) return null
    const isSure = surelyStreet.has(plain) || (plain.endsWith('s') && surelyStreet.has(plain.slice(0, -1)))
    if (isNamed && (isSure || perhapsStreet.has(plain) || (plain.endsWith('s') && perhapsStreet.has(plain.slice(0, -1))))) {
      if (reader.peek() === 46 && word.length <= 4) reader.at += 1
      result = { end: reader.at, isSure, country: null }
    } else if (reader.peek() === 46 && word.length <= 2) reader.at += 1
    isNamed = true
  }
  return result
}

const measures = new Set('second seconds minute minutes hour hours day days week weeks month months year years mile miles meter meters metre metres'.split(' '))

/** `Flat 61v, O'Brien Drives`: the postcode must follow. */
function flatFirst(reader: Reader): Street | null {
  return reader.attempt(() => {
    if (!units.has(plainWord(reader.word())) || !reader.skip(' ') || !readNumber(reader) || !reader.skip(',\n')) return null
    reader.skip(' ')
    const street = reader.attempt(() => (isDigit(reader.peek()) ? numberFirst(reader) : nameThenKind(reader)))
    return street === null ? null : { ...street, isSure: false }
  })
}

/** `Via Roma, 12`, `C/ Mayor 5`, `ul. Długa 5/3`, `ул. Ленина, д. 5`. */
function kindFirst(reader: Reader): Street | null {
  return reader.attempt(() => {
    const isTitled = isCapital(reader.peek())
    const written = reader.word()
    const country = streetBefore[plainWord(written)]
    if (country === undefined || (written.length === 1 && reader.peek() !== 47)) return null
    if (!reader.skip('./') && !(written.length > 2)) return null
    reader.skip(' ')
    const name = readName(reader, mostStreetWords)
    if (!name.some((word) => isCapital(word.charCodeAt(0)))) return null
    const hasComma = reader.skip(',')
    reader.skip(' ')
    reader.attempt(() => (/^(?:n|nr|no|num|numero|д|дом|буд)$/.test(plainWord(reader.word())) && (reader.skip('.º°') || true) && (reader.skip(' ') || true)) || null)
    if (!readNumber(reader)) return null
    return { end: reader.at, isSure: (isTitled && hasComma) || (!alsoEnglish.has(plainWord(written)) && (isTitled || hasComma || country === 'PL' || country === 'RU')), country }
  })
}

/** `Hauptstraße 5`, `Lange Gasse 12/3`, `Anna-Achleitner-Ring 5`, `Keizersgracht 101-B`. */
function oneWord(reader: Reader): Street | null {
  return reader.attempt(() => {
    const ending = readCompound(reader)
    if (ending === null || !reader.skip(' ') || !readNumber(reader)) return null
    return { end: reader.at, ...ending }
  })
}

/** The same with its number before it: a postcode must follow. */
function compound(reader: Reader): Street | null {
  const ending = reader.attempt(() => readCompound(reader))
  return ending === null ? null : { end: reader.at, ...ending }
}

/** A street's name that is one word with its kind, or whose last word is its kind. */
function readCompound(reader: Reader): { readonly country: string; readonly isSure: boolean } | null {
  if (!isCapital(reader.peek())) return null
  let ending: { readonly country: string; readonly isSure: boolean } | null = null
  for (let count = 0; count < 4 && ending === null; count += 1) {
    if (count > 0 && !reader.skip(' ')) return null
    const isFirstCapital = isCapital(reader.peek())
    const word = reader.word()
    if (word === '' || (!isFirstCapital && !inCompounds.has(plainWord(word)))) return null
    ending = endingOf(plainWord(word), count > 0)
    if (ending !== null || (word.length <= 3 && reader.peek() === 46)) reader.skip('.')
    // Names of several words are tried where the first of them can begin a street's name.
    else if (count === 0 && !beginsStreet.test(word)) return null
  }
  return ending
}

const inCompounds = new Set('der den dem des die zum zur am im an in auf de het ter ten van von'.split(' '))
const beginsStreet = /(?:er|e|en|es)$|^(?:Am|An|Auf|Im|In|Zum|Zur|Unter|Bei|Sankt|St|Dr|Prof|Op|Aan|Van|Von|Ter|Ten)$/

function endingOf(word: string, isApart: boolean): { readonly country: string; readonly isSure: boolean } | null {
  const fits = ([ending]: readonly [string, string]): boolean => word.endsWith(ending) && (isApart ? word === ending || word.endsWith(`-${ending}`) : word.length > ending.length + 2)
  const sure = streetEndings.find(fits)
  if (sure !== undefined) return { country: sure[1], isSure: true }
  const perhaps = perhapsStreetEndings.find(fits)
  return perhaps === undefined ? null : { country: perhaps[1], isSure: false }
}

/** `P.O. Box 12`, `Postfach 10 20 30`. */
function boxNumber(reader: Reader): Street | null {
  return reader.attempt(() => {
    const rest = reader.text.slice(reader.at, reader.at + boxReach)
    const box = /^(?:P\.? ?O\.? ?Box|Postfach|Postbus|Apartado(?: de Correos)?|Casella Postale|Boîte postale) (?=\d)/i.exec(rest)
    if (box === null && rest.length < boxReach && /^(?:p|post|apartado|casella|boîte)/i.test(rest)) reader.wantsMore = true
    if (box === null) return null
    reader.at += box[0].length
    return readNumber(reader) ? { end: reader.at, isSure: true, country: null } : null
  })
}
const boxReach = 24

/** `, Apt. 59`, ` Piso 3`, `, кв. 3`, ` #12`. */
function readUnit(reader: Reader): boolean {
  return reader.attempt(() => {
    if (!readSeparator(reader)) reader.skip(' ')
    if (isDigit(reader.peek()) && reader.text[reader.at - 1] !== ',' && isOnItsOwnLine(reader)) return true
    if (reader.skip('#')) return readNumber(reader) ? true : null
    if (!units.has(plainWord(reader.word()))) return null
    reader.skip('.')
    reader.skip(' ')
    if (isDigit(reader.peek())) return readNumber(reader) ? true : null
    return isCapital(reader.peek()) && reader.word().length === 1 ? true : null
  }) === true
}

/** A number of a few digits between two line feeds. */
const isOnItsOwnLine = (reader: Reader): boolean => reader.text.slice(reader.at - 2, reader.at).includes('\n') && reader.digits(4) > 0 && reader.peek() === 10

/** What follows a street: a postcode and a town in either order, with a state, a province in brackets. */
function readTail(reader: Reader): Postcode | null {
  return reader.attempt(() => {
    if (!readSeparator(reader)) reader.skip(' ')
    const code = reader.attempt(() => {
      reader.attempt(() => (/^[A-Z]{1,2}$/.test(reader.word()) && reader.skip('-')) || null)
      const first = readPostcode(reader)
      if (first === null) return null
      return (readSeparator(reader) || reader.skip(' ')) && readTown(reader) ? first : null
    }) ?? townThenCode(reader)
    if (code !== null) reader.attempt(() => (reader.skip(' ') && reader.skip('(') && isCapital(reader.peek()) && reader.word().length === 2 && reader.skip(')')) || null)
    return code
  })
}

const readTown = (reader: Reader): boolean => readName(reader, mostTownWords).some((word) => isCapital(word.charCodeAt(0)) || word.startsWith("'"))

/** `Springfield, IL 62704`, `New Sophie, E82 9ZL`, `Segovia, 32285`, `Parkville NSW 2000`. */
function townThenCode(reader: Reader): Postcode | null {
  return reader.attempt(() => {
    for (let parts = 0; parts < 3; parts += 1) {
      if (!readTownBefore(reader)) return null
      const code = readStateAndCode(reader) ?? readPostcode(reader)
      if (code !== null) return code
    }
    return null
  })
}

/** A town, or a part of one, and the separator behind it; words that begin a code are left. */
function readTownBefore(reader: Reader): boolean {
  let isNamed = false
  for (let count = 0; count < mostTownWords; count += 1) {
    if (readName(reader, 1).length === 0) break
    isNamed = true
    if (readSeparator(reader)) return true
    if (!reader.skip(' ')) return false
    const here = reader.at
    const code = readStateAndCode(reader) ?? readPostcode(reader)
    reader.at = here
    if (code !== null) return true
  }
  return isNamed
}

/** A comma, a line feed, or both, with spaces. True when it was more than a space. */
function readSeparator(reader: Reader): boolean {
  return reader.attempt(() => {
    reader.skip(' ')
    const hasComma = reader.skip(',')
    if (hasComma) reader.skip(' ')
    const hasLine = reader.skip('\n')
    if (!hasComma && !hasLine) return null
    reader.skip(' ')
    return true
  }) === true
}

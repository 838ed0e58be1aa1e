import { backwardsFamily, conceptNames, conceptOf, conceptOfWhole, hashStep, rotatedFamily, wordSeed } from './concepts.ts'
import { markerAt } from './markers.ts'

/** Weights are looked up by feature: first concepts, their ordered pairs and markers, then words, then runs of characters. */
export const featureBits = 17
export const featureCount = 1 << featureBits
const concepts = 64
export const evidenceRange = 8192
const pairs = concepts
const markers = pairs + concepts * concepts
const triples = markers + 256
const half = featureCount / 2

/** The most characters of a text that are looked at at once. */
export const sliceLength = 4096

/** What one slice of text holds. Style is counted over the slice; evidence knows the token it stands at. */
export interface Features {
  readonly style: Int32Array
  styleCount: number
  readonly evidence: Int32Array
  readonly evidenceAt: Int32Array
  evidenceCount: number
  /** Where each token begins in the text. */
  readonly starts: Int32Array
  tokens: number
  /** Words in ROT13 or backwards were seen. */
  rotated: boolean
  backwards: boolean
}

/** Room for the features of one slice, to be filled again and again. */
export const createFeatures = (): Features => ({ style: new Int32Array(sliceLength * 5), styleCount: 0, evidence: new Int32Array(sliceLength * 6), evidenceAt: new Int32Array(sliceLength * 6), evidenceCount: 0, starts: new Int32Array(sliceLength + 8), tokens: 0, rotated: false, backwards: false })

const ofWords = (hash: number): number => {
  const slot = Math.imul(hash ^ (hash >>> 13), 0x9e3779b1) >>> (33 - featureBits)
  return slot < evidenceRange ? slot + evidenceRange : slot
}
const ofCharacters = (hash: number): number => half + (Math.imul(hash ^ (hash >>> 13), 0x9e3779b1) >>> (33 - featureBits))
const ofTriple = (first: number, second: number, third: number): number => triples + ((first * 2311 + second * 67 + third) % (evidenceRange - triples))

/** Which family a feature is of: 0 evidence, 1 words, 2 runs of characters. */
export const blockOf = (feature: number): number => (feature < evidenceRange ? 0 : feature < half ? 1 : 2)

/** The feature of an idea, of an ordered pair of ideas, or of a marker; for those who set weights. */
export const ideaFeature = (idea: number): number => idea
export const pairFeature = (first: number, second: number): number => pairs + first * concepts + second
export const markerFeature = (marker: number): number => markers + marker

/** Kinds of characters: 0 separates, 1 is part of a word, 2 stands for itself (scripts without spaces), 3 is punctuation. */
const kinds = new Uint8Array(65_536)
for (let code = 0; code < 65_536; code += 1) {
  const character = String.fromCharCode(code)
  const alone = (code >= 0x0e00 && code <= 0x0eff) || (code >= 0x1000 && code <= 0x109f) || (code >= 0x1780 && code <= 0x17ff) || (code >= 0x3040 && code <= 0x30ff) || (code >= 0x3400 && code <= 0x9fff) || (code >= 0xf900 && code <= 0xfaff)
  kinds[code] = alone ? 2 : /[\p{L}\p{N}\p{M}]/u.test(character) || code === 39 ? 1 : /\s/u.test(character) || code < 32 ? 0 : 3
}

/** How many tokens apart two ideas may stand to make a pair. */
const reach = 8
const memory = 4

/** Remembers the last few ideas and writes them, their pairs and triples down as evidence. */
class Ideas {
  readonly #recent = new Int32Array(memory)
  readonly #at = new Int32Array(memory).fill(-99)

  forget(): void {
    this.#recent.fill(0)
    this.#at.fill(-99)
  }

  add(idea: number, token: number, into: Features): void {
    this.#write(idea, token, into)
    let nearest = 0
    for (let index = 0; index < memory; index += 1) {
      const other = this.#recent[index] ?? 0
      if (other === 0 || token - (this.#at[index] ?? -99) > reach) break
      if (other !== idea) this.#write(pairs + other * concepts + idea, token, into)
      if (nearest > 0 && other !== nearest) this.#write(ofTriple(other, nearest, idea), token, into)
      nearest = nearest === 0 ? other : nearest
    }
    this.#recent.copyWithin(1, 0, memory - 1)
    this.#at.copyWithin(1, 0, memory - 1)
    this.#recent[0] = idea
    this.#at[0] = token
  }

  mark(marker: number, token: number, into: Features): void {
    this.#write(markers + marker, token, into)
  }

  #write(feature: number, token: number, into: Features): void {
    into.evidence[into.evidenceCount] = feature
    into.evidenceAt[into.evidenceCount] = token
    into.evidenceCount += 1
  }
}

const ideas = new Ideas()

/** Fills `into` with what a lower-case text of at most `sliceLength` characters holds. */
export function extract(text: string, into: Features): void {
  const { style, starts } = into
  const length = Math.min(text.length, sliceLength)
  let count = 0
  let tokens = 0
  let gram = 0
  let word = wordSeed
  let inWord = false
  let idea = 0
  let last = 0
  let beforeLast = 0
  let blank = true
  into.evidenceCount = 0
  into.rotated = false
  into.backwards = false
  ideas.forget()
  for (let index = 0; index <= length; index += 1) {
    const code = index < length ? text.charCodeAt(index) : 32
    const kind = kinds[code] ?? 0
    if (inWord && kind !== 1) {
      const whole = conceptOfWhole(word)
      const found = whole > 0 ? whole : idea
      style[count++] = ofWords(word)
      style[count++] = ofWords(Math.imul(last, 31) ^ word ^ 0x5bd1)
      style[count++] = ofWords(Math.imul(beforeLast, 961) ^ Math.imul(last, 31) ^ word ^ 0x1b873)
      if (found === rotatedFamily) into.rotated = true
      else if (found === backwardsFamily) into.backwards = true
      else if (found > 0) ideas.add(found, tokens, into)
      tokens += 1
      beforeLast = last
      last = word
      word = wordSeed
      inWord = false
      idea = 0
    }
    if (kind === 0) {
      if (!blank) gram = (gram << 8) | 32
      blank = true
      continue
    }
    blank = false
    gram = (gram << 8) | ((code ^ (code >>> 7)) & 255)
    style[count++] = ofCharacters(gram)
    if (kind === 3) {
      const marker = markerAt(text, index, code)
      if (marker > 0) ideas.mark(marker, tokens, into)
      continue
    }
    if (kind === 1) {
      if (!inWord) starts[tokens] = index
      inWord = true
      word = hashStep(word, code)
      const stem = conceptOf(word)
      if (stem > 0) idea = stem
      continue
    }
    starts[tokens] = index
    word = hashStep(wordSeed, code)
    style[count++] = ofWords(word)
    style[count++] = ofWords(Math.imul(last, 31) ^ word ^ 0x5bd1)
    const found = conceptWithin(text, index, length)
    if (found > 0) ideas.add(found, tokens, into)
    tokens += 1
    beforeLast = last
    last = word
    word = wordSeed
  }
  starts[tokens] = length
  into.tokens = tokens
  into.styleCount = count
}

/** The longest stem that begins here, in a script without spaces. */
function conceptWithin(text: string, start: number, length: number): number {
  let hash = wordSeed
  let found = 0
  const end = Math.min(length, start + 8)
  for (let index = start; index < end; index += 1) {
    hash = hashStep(hash, text.charCodeAt(index))
    const concept = conceptOf(hash)
    if (concept > 0) found = concept
    const whole = conceptOfWhole(hash)
    if (whole > 0) found = whole
  }
  return found
}

if (conceptNames.length >= concepts) throw new Error('There is room for sixty-three families of concepts.')

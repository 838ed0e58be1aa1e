import { backwardsFamily, conceptNames, conceptOf, conceptOfWhole, hashStep, rotatedFamily, wordSeed } from './concepts.ts'
import { markerAt } from './markers.ts'

/** Weights are looked up by feature: a hash of what was seen. */
export const featureBits = 17
export const featureCount = 1 << featureBits

/** The most characters of a text that are looked at at once. */
export const sliceLength = 4096

/** What one slice of text holds: features, and the token that each of them ends at. */
export interface Features {
  readonly evidence: Int32Array
  readonly evidenceAt: Int32Array
  evidenceCount: number
  /** Where each token begins in the text. */
  readonly starts: Int32Array
  tokens: number
  /** Words in ROT13 or backwards were seen. */
  rotated: boolean
  backwards: boolean
  /** A wording worth a line in the log whatever the model makes of it was seen. */
  wellKnown: boolean
}

const perToken = 9

/** Room for the features of one slice, to be filled again and again. */
export const createFeatures = (): Features => ({ evidence: new Int32Array(sliceLength * perToken), evidenceAt: new Int32Array(sliceLength * perToken), evidenceCount: 0, starts: new Int32Array(sliceLength + 8), tokens: 0, rotated: false, backwards: false, wellKnown: false })

const slotOf = (hash: number): number => Math.imul(hash ^ (hash >>> 15), 0x9e3779b1) >>> (32 - featureBits)
const then = (hash: number, next: number): number => Math.imul(hash, 0x01000193) ^ next

/** The feature of an idea, of an ordered pair of ideas, of a marker. */
const ideaFeature = (idea: number): number => slotOf(then(0x11, idea * 0x2545f491))
const pairFeature = (first: number, second: number): number => slotOf(then(then(0x12, first * 0x2545f491), second * 0x27d4eb2f))
const markerFeature = (marker: number): number => slotOf(then(0x13, marker * 0x2545f491))
const tripleFeature = (first: number, second: number, third: number): number => slotOf(then(then(then(0x14, first * 0x2545f491), second * 0x27d4eb2f), third * 0x165667b1))
const two = (first: number, second: number): number => slotOf(then(then(0x15, first), second))
const three = (first: number, second: number, third: number): number => slotOf(then(then(then(0x16, first), second), third))
const stemFeature = (hash: number): number => slotOf(then(0x17, hash))

/** Kinds of characters: 0 separates, 1 is part of a word, 2 stands for itself (scripts without spaces), 3 is punctuation. */
const kinds = new Uint8Array(65_536)
for (let code = 0; code < 65_536; code += 1) {
  const character = String.fromCharCode(code)
  const alone = (code >= 0x0e00 && code <= 0x0eff) || (code >= 0x1000 && code <= 0x109f) || (code >= 0x1780 && code <= 0x17ff) || (code >= 0x3040 && code <= 0x30ff) || (code >= 0x3400 && code <= 0x9fff) || (code >= 0xf900 && code <= 0xfaff)
  kinds[code] = alone ? 2 : /[\p{L}\p{N}\p{M}]/u.test(character) || code === 39 ? 1 : /\s/u.test(character) || code < 32 ? 0 : 3
}

/** How many tokens apart two ideas may stand to make a pair, and three to make a triple. */
const reach = 8
const longReach = 12
const memory = 4

const ignoring = conceptNames.indexOf('ignore') + 1
const instruction = conceptNames.indexOf('instruction') + 1
const fresh = conceptNames.indexOf('fresh') + 1
const isPair = (first: number, second: number): boolean => second === instruction && (first === ignoring || first === fresh)
/** Orders to disregard instructions, and “new instructions”. */
const isWellKnownPair = (first: number, second: number): boolean => isPair(first, second) || isPair(second, first)
/** Forged speakers and turns. */
const wellKnownMarkers: ReadonlySet<number> = new Set([1, 2, 3, 6])

/** Remembers the last few ideas and tokens and writes down what they make together. */
class Trail {
  readonly #recent = new Int32Array(memory)
  readonly #at = new Int32Array(memory)
  #last = 0
  #beforeLast = 0

  forget(): void {
    this.#recent.fill(0)
    this.#at.fill(-99)
    this.#last = 0
    this.#beforeLast = 0
  }

  /** A token, as its idea when it has one and as itself when it has none. */
  add(idea: number, itself: number, into: Features): void {
    if (idea > 0) this.#idea(idea, into)
    const kind = idea > 0 ? Math.imul(idea, 0x3c6ef35f) : itself
    if (this.#last !== 0) write(two(this.#last, kind), into)
    if (this.#beforeLast !== 0) write(three(this.#beforeLast, this.#last, kind), into)
    this.#beforeLast = this.#last
    this.#last = kind
    into.tokens += 1
  }

  #idea(idea: number, into: Features): void {
    const token = into.tokens
    write(ideaFeature(idea), into)
    for (let index = 0; index < memory; index += 1) {
      const other = this.#recent[index] ?? 0
      if (other === 0 || token - (this.#at[index] ?? 0) > reach) break
      if (other === idea) continue
      write(pairFeature(other, idea), into)
      into.wellKnown ||= isWellKnownPair(other, idea)
    }
    if ((this.#recent[1] ?? 0) !== 0 && token - (this.#at[1] ?? 0) <= longReach) write(tripleFeature(this.#recent[1] ?? 0, this.#recent[0] ?? 0, idea), into)
    this.#recent.copyWithin(1, 0, memory - 1)
    this.#at.copyWithin(1, 0, memory - 1)
    this.#recent[0] = idea
    this.#at[0] = token
  }
}

function write(feature: number, into: Features): void {
  into.evidence[into.evidenceCount] = feature
  into.evidenceAt[into.evidenceCount] = into.tokens
  into.evidenceCount += 1
}

const trail = new Trail()
const stemLength = 5

/** Fills `into` with what a lower-case text of at most `sliceLength` characters holds. */
export function extract(text: string, into: Features): void {
  const { starts } = into
  const length = Math.min(text.length, sliceLength)
  let word = wordSeed
  let stem = 0
  let wordLength = 0
  let idea = 0
  into.tokens = 0
  into.evidenceCount = 0
  into.rotated = false
  into.backwards = false
  into.wellKnown = false
  trail.forget()
  for (let index = 0; index <= length; index += 1) {
    const code = index < length ? text.charCodeAt(index) : 32
    const kind = kinds[code] ?? 0
    if (kind === 1) {
      if (wordLength === 0) starts[into.tokens] = index
      word = hashStep(word, code)
      wordLength += 1
      if (wordLength === stemLength) stem = word
      const found = conceptOf(word)
      if (found > 0) idea = found
      continue
    }
    if (wordLength > 0) {
      const whole = conceptOfWhole(word)
      const found = whole > 0 ? whole : idea
      if (found === rotatedFamily) into.rotated = true
      else if (found === backwardsFamily) into.backwards = true
      if (wordLength > stemLength) write(stemFeature(stem), into)
      trail.add(found === rotatedFamily || found === backwardsFamily ? 0 : found, word, into)
      word = wordSeed
      wordLength = 0
      idea = 0
    }
    if (kind === 0) continue
    starts[into.tokens] = index
    if (kind === 2) {
      index += addUnspaced(text, { index, length }, into) - 1
      continue
    }
    const marker = markerAt(text, index, code)
    if (marker > 0) {
      write(markerFeature(marker), into)
      into.wellKnown ||= wellKnownMarkers.has(marker)
    }
    trail.add(0, hashStep(wordSeed, code), into)
  }
  starts[into.tokens] = length
}

interface Place {
  readonly index: number
  readonly length: number
}

/** The longest stem that was found by `conceptWithin`, in characters. */
let stemFound = 0

/** A token of a script without spaces: the idea that begins here, or a few characters up to the next one, about as many as make a word. Returns its length. */
function addUnspaced(text: string, { index, length }: Place, into: Features): number {
  const idea = conceptWithin(text, index, length)
  if (idea > 0) {
    trail.add(idea, 0, into)
    return stemFound
  }
  const code = text.charCodeAt(index)
  const end = Math.min(length, index + (code < 0x3000 ? 4 : 2))
  let hash = hashStep(wordSeed, code)
  let next = index + 1
  while (next < end && kinds[text.charCodeAt(next)] === 2 && conceptWithin(text, next, length) === 0) hash = hashStep(hash, text.charCodeAt(next++))
  trail.add(0, hash, into)
  return next - index
}

/** The longest stem that begins here, in a script without spaces. */
function conceptWithin(text: string, start: number, length: number): number {
  let hash = wordSeed
  let found = 0
  const end = Math.min(length, start + 8)
  for (let index = start; index < end; index += 1) {
    hash = hashStep(hash, text.charCodeAt(index))
    const whole = conceptOfWhole(hash)
    const concept = whole > 0 ? whole : conceptOf(hash)
    if (concept === 0) continue
    found = concept
    stemFound = index + 1 - start
  }
  return found
}

if (conceptNames.length > 255) throw new Error('There is room for 255 families of concepts.')

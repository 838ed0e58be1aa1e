import { anything, isAlphanumeric } from '../core/characters.ts'
import type { Scan, SpanDetector } from '../core/detector.ts'
import { Mixture } from './mixture.ts'
import { type KeyAlphabet, type KeyFormat, keyFormats } from './key-formats.ts'

const longestBody = 2048

const alphabets: Readonly<Record<KeyAlphabet, Uint8Array>> = {
  word: alphabet('_'),
  dashed: alphabet('_-'),
  dotted: alphabet('_-.=+/~'),
  base64: alphabet('_-+/='),
  hex: alphabet('', 'abcdefABCDEF'),
  upper: alphabet('', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'),
}

function alphabet(marks: string, letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'): Uint8Array {
  const table = new Uint8Array(128)
  for (const character of `0123456789${letters}${marks}`) table[character.charCodeAt(0)] = 1
  return table
}

/** What may follow the beginning of a prefix, and the formats whose prefix ends here. */
interface Branch {
  readonly further: Map<number, Branch>
  readonly formats: KeyFormat[]
}

/** Prefixes by their first two characters, one look-up at the start of each word, and then character by character. */
const branches = new Map<number, Branch>()
const firstCharacters = new Uint8Array(128)
for (const format of keyFormats) {
  const { prefix } = format
  let branch = grow(branches, startKey(prefix, 0))
  for (let index = 2; index < prefix.length; index += 1) branch = grow(branch.further, prefix.charCodeAt(index))
  branch.formats.push(format)
  firstCharacters[prefix.charCodeAt(0)] = 1
}

function grow(from: Map<number, Branch>, key: number): Branch {
  const branch = from.get(key) ?? { further: new Map(), formats: [] }
  from.set(key, branch)
  return branch
}

function startKey(text: string, index: number): number {
  return text.charCodeAt(index) * 128 + text.charCodeAt(index + 1)
}

/** Keys that say whose they are by their first characters. */
export const providerKey = {
  type: 'provider-key',
  placeholder: 'SECRET',
  longest: longestBody + 24,
  triggers: anything,
  scan(scan: Scan): number {
    const { text, final } = scan
    let bodies: Bodies | null = null
    let before = scan.from === 0 ? 32 : text.charCodeAt(scan.from - 1)
    for (let index = scan.from; index < text.length; index += 1) {
      const code = text.charCodeAt(index)
      const starts = code < 128 && firstCharacters[code] === 1 && !isAlphanumeric(before) && before !== 95
      before = code
      if (!starts) continue
      const branch = branches.get(startKey(text, index))
      if (branch === undefined && index + 1 < text.length) continue
      const end = branch === undefined ? -1 : keyEnd(scan, index, { branch, bodies: (bodies ??= new Bodies(text)) })
      if (end < 0 && !final) return index
      if (end <= 0) continue
      index = end - 1
      before = text.charCodeAt(index)
    }
    return text.length
  },
} as const satisfies SpanDetector

interface Beginning {
  readonly branch: Branch
  readonly bodies: Bodies
}

/** The end of the key that was found at `start`; 0 when there is none, -1 when the text must go on to tell. Of several formats the one with the longest prefix counts. */
function keyEnd(scan: Scan, start: number, { branch, bodies }: Beginning): number {
  const { text } = scan
  let best: { readonly end: number; readonly format: KeyFormat } | null = null
  for (let at = start + 2, next: Branch | undefined = branch; next !== undefined; at += 1) {
    for (const format of next.formats) {
      const body = bodies.of(format.alphabet)
      const stop = body.stop(at)
      if (stop === text.length && !scan.final && stop - at < longestBody) return -1
      const end = trimEnd(text, at, stop)
      if (end - at >= format.least && body.isRandom(at, end) && best?.format.prefix !== format.prefix) best = { end, format }
    }
    if (at === text.length && next.further.size > 0 && !scan.final) return -1
    next = next.further.get(text.charCodeAt(at))
  }
  if (best === null) return 0
  scan.found({ start, end: best.end, confidence: 0.995, reason: `${best.format.vendor} key format` })
  return best.end
}

/** The bodies of keys, asked from left to right. Those of keys that were refused lie within one another, and what they share is read once. */
class Bodies {
  readonly #text: string
  readonly #known = new Map<KeyAlphabet, Body>()

  constructor(text: string) {
    this.#text = text
  }

  of(alphabet: KeyAlphabet): Body {
    let body = this.#known.get(alphabet)
    if (body === undefined) this.#known.set(alphabet, (body = new Body(this.#text, alphabets[alphabet])))
    return body
  }
}

/** The bodies in one alphabet. */
class Body {
  readonly #text: string
  readonly #table: Uint8Array
  readonly #mixture: Mixture
  /** What stands between these two places is of the alphabet. */
  #start = 0
  #stop = 0

  constructor(text: string, table: Uint8Array) {
    this.#text = text
    this.#table = table
    this.#mixture = new Mixture(text)
  }

  /** Where the body that begins here ends, or has grown too long. */
  stop(from: number): number {
    const highest = Math.min(this.#text.length, from + longestBody)
    // Another format's prefix, a few characters shorter, brings one back a little.
    const stop = from < this.#start ? this.#read(from, Math.min(this.#start, highest)) : from
    if (stop < this.#start) return stop
    this.#stop = this.#read(Math.max(stop, this.#stop), highest)
    this.#start = from
    return Math.min(this.#stop, highest)
  }

  #read(from: number, highest: number): number {
    let stop = from
    while (stop < highest && this.#table[this.#text.charCodeAt(stop)] === 1) stop += 1
    return stop
  }

  isRandom(start: number, end: number): boolean {
    return this.#mixture.isRandom(start, end)
  }
}

function trimEnd(text: string, from: number, stop: number): number {
  let end = stop
  while (end > from && ('.-~'.includes(text[end - 1] ?? ''))) end -= 1
  return end
}

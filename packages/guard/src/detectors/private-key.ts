import { hyphen } from '../core/characters.ts'
import type { Scan, SpanDetector } from '../core/detector.ts'

const longestKey = 16_384
const longestHeader = 128
const opening = '-----BEGIN'
const header = /^-----BEGIN[ A-Z0-9_-]{0,100}PRIVATE KEY(?: BLOCK)?-----/
const footer = /^-----END[ A-Z0-9_-]{0,100}KEY(?: BLOCK)?-----/
const longToken = /[A-Za-z0-9+/]{24}/g

/** A private key in armour (PEM, OpenSSH, PGP), whole or cut short. */
export const privateKey = {
  type: 'private-key',
  placeholder: 'PRIVATE_KEY',
  longest: longestKey + longestHeader,
  triggers: hyphen,
  scan(scan: Scan): number {
    const { text, final } = scan
    const body = new Body(text)
    let floor = scan.from
    for (let start = text.indexOf(opening, floor); start >= 0; start = text.indexOf(opening, start + 1)) {
      const seen = text.slice(start, start + longestHeader)
      const matched = header.exec(seen)
      if (matched === null) {
        if (!final && seen.length < longestHeader && /^-----BEGIN[ A-Z0-9_-]*$/.test(seen)) return start
        continue
      }
      const stop = body.stopFrom(start + matched[0].length)
      if (stop.open && !final && stop.end - start < longestKey) return start
      if (!body.hasToken(start + matched[0].length, stop.end)) continue
      scan.found({ start, end: stop.end, confidence: 0.999, reason: 'armoured private key' })
      floor = stop.end
      start = floor - 1
    }
    return final ? text.length : tailStart(text, floor)
  },
} as const satisfies SpanDetector

/** The last few characters of a text that goes on may begin an armour. */
function tailStart(text: string, floor: number): number {
  for (let start = Math.max(floor, text.length - opening.length + 1); start < text.length; start += 1) if (opening.startsWith(text.slice(start))) return start
  return text.length
}

/** What stands behind headers, asked from left to right. The bodies of keys that were only begun lie within one another, and each character is read once for all of them. */
class Body {
  readonly #text: string
  /** So far the text was read, beginning in a body, and no body ended. */
  #read = 0
  /** Where a footer ends that begins at `#read`; 0 while none is known to. */
  #footerEnd = 0
  /** The first long token that was found last. */
  #token = -1

  constructor(text: string) {
    this.#text = text
  }

  stopFrom(body: number): { end: number; open: boolean } {
    const highest = Math.min(this.#text.length, body + longestKey)
    if (this.#read < body) {
      this.#read = body
      this.#footerEnd = 0
    }
    for (; this.#read < highest && this.#footerEnd === 0; this.#read += 1) {
      const code = this.#text.charCodeAt(this.#read)
      if (code === 45 && this.#text.startsWith('-----', this.#read)) {
        const matched = footer.exec(this.#text.slice(this.#read, this.#read + longestHeader))
        if (matched !== null) {
          this.#footerEnd = this.#read + matched[0].length
          break
        }
        if (this.#read + longestHeader > this.#text.length) return { end: this.#text.length, open: true }
      }
      if (code > 127 || isBody[code] === 0) return { end: this.#read, open: false }
    }
    return this.#footerEnd > 0 && this.#read < highest ? { end: this.#footerEnd, open: false } : { end: highest, open: true }
  }

  hasToken(start: number, end: number): boolean {
    if (this.#token < start) {
      longToken.lastIndex = start
      this.#token = longToken.exec(this.#text)?.index ?? this.#text.length
    }
    return this.#token + 24 <= end
  }
}

/** Base64, white space, escaped line ends, and what stands in armour headers. */
const isBody = new Uint8Array(128)
for (let code = 0; code < 128; code += 1) if (code <= 32 || (code >= 47 && code <= 58) || /[A-Za-z\\+=,.()"'-]/.test(String.fromCharCode(code))) isBody[code] = 1

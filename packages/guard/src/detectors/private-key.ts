import { hyphen } from '../core/characters.ts'
import type { Scan, SpanDetector } from '../core/detector.ts'

const longestKey = 16_384
const longestHeader = 128
const opening = '-----BEGIN'
const header = /^-----BEGIN[ A-Z0-9_-]{0,100}PRIVATE KEY(?: BLOCK)?-----/
const footer = /^-----END[ A-Z0-9_-]{0,100}KEY(?: BLOCK)?-----/
const longToken = /[A-Za-z0-9+/]{24}/

/** A private key in armour (PEM, OpenSSH, PGP), whole or cut short. */
export const privateKey = {
  type: 'private-key',
  placeholder: 'PRIVATE_KEY',
  longest: longestKey + longestHeader,
  triggers: hyphen,
  scan(scan: Scan): number {
    const { text, final } = scan
    let floor = scan.from
    for (let start = text.indexOf(opening, floor); start >= 0; start = text.indexOf(opening, start + 1)) {
      const seen = text.slice(start, start + longestHeader)
      const matched = header.exec(seen)
      if (matched === null) {
        if (!final && seen.length < longestHeader && /^-----BEGIN[ A-Z0-9_-]*$/.test(seen)) return start
        continue
      }
      const body = start + matched[0].length
      const stop = bodyStop(text, body)
      if (stop.open && !final && stop.end - start < longestKey) return start
      if (!longToken.test(text.slice(body, stop.end))) continue
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

function bodyStop(text: string, body: number): { end: number; open: boolean } {
  const highest = Math.min(text.length, body + longestKey)
  let index = body
  for (; index < highest; index += 1) {
    const code = text.charCodeAt(index)
    if (code === 45 && text.startsWith('-----', index)) {
      const matched = footer.exec(text.slice(index, index + longestHeader))
      if (matched !== null) return { end: index + matched[0].length, open: false }
      if (index + longestHeader > text.length) return { end: text.length, open: true }
    }
    if (!isBody(code)) return { end: index, open: false }
  }
  return { end: index, open: true }
}

/** Base64, white space, escaped line ends, and what stands in armour headers. */
const isBody = (code: number): boolean => (code >= 47 && code <= 58) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 92 || code === 43 || code === 61 || code === 45 || code === 44 || code === 46 || code === 40 || code === 41 || code <= 32 || code === 34 || code === 39

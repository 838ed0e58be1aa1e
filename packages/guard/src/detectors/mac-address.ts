import { digit, isAlphanumeric, letter } from '../core/characters.ts'
import type { Scan, SpanDetector } from '../core/detector.ts'

const longestAddress = 18
const written = /^(?:[0-9a-f]{2}(?::[0-9a-f]{2}){5}|[0-9a-f]{2}(?:-[0-9a-f]{2}){5}|[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4})(?![0-9a-z:.-]*[0-9a-z])/i

/** A hardware address in one of its three spellings. */
export const macAddress = {
  type: 'mac-address',
  placeholder: 'MAC_ADDRESS',
  longest: longestAddress,
  triggers: digit | letter,
  requires: digit,
  scan(scan: Scan): number {
    const { text, final } = scan
    let before = scan.from === 0 ? 32 : text.charCodeAt(scan.from - 1)
    for (let index = scan.from; index < text.length; index += 1) {
      const code = text.charCodeAt(index)
      const starts = isHex(code) && !isAlphanumeric(before) && before !== 58 && before !== 46 && before !== 45
      before = code
      if (!starts) continue
      if (index + longestAddress > text.length && !final && mayBecome(text.slice(index))) return index
      const divider = text.charCodeAt(index + 2)
      if (divider !== 58 && divider !== 45 && text.charCodeAt(index + 4) !== 46) continue
      const matched = written.exec(text.slice(index, index + longestAddress))
      if (matched === null || !/\d/.test(matched[0])) continue
      scan.found({ start: index, end: index + matched[0].length, confidence: 0.95, reason: 'six octets' })
      index += matched[0].length - 1
      before = text.charCodeAt(index)
    }
    return text.length
  },
} as const satisfies SpanDetector

const isHex = (code: number): boolean => (code >= 48 && code <= 57) || (code >= 97 && code <= 102) || (code >= 65 && code <= 70)
const mayBecome = (tail: string): boolean => /^(?:[0-9a-f]{1,2}(?:[:-][0-9a-f]{1,2})*[:-]?|[0-9a-f]{3,4}(?:\.[0-9a-f]{0,4})*)$/i.test(tail)

import { colon, digit, isAlphanumeric, isDigit, letter } from '../core/characters.ts'
import { type Scan, type SpanDetector, charactersBefore } from '../core/detector.ts'
import { trimEnd } from '../core/trim-end.ts'

const longestAddress = 48
const versionWords = /(?:version|revision|release|build|upgrade|chapter|section|oid|kernel|firmware|v\.?)[ :=]{0,2}(?:[\w.-]{1,20} to )?v?$/

/** An IPv4 or IPv6 address. Four numbers after a word for versions are a version. */
export const ipAddress = {
  type: 'ip-address',
  placeholder: 'IP_ADDRESS',
  longest: longestAddress,
  triggers: digit | colon | letter,
  requires: digit,
  scan(scan: Scan): number {
    const { text, final } = scan
    for (let index = scan.from; index < text.length; index += 1) {
      const code = text.charCodeAt(index)
      if (!isDigit(code) && code !== 58) continue
      const start = code === 58 ? hexStart(text, index, scan.from) : index
      if (start > 0 && isGlued(text.charCodeAt(start - 1))) {
        index = skip(text, index)
        continue
      }
      const stop = addressStop(text, start)
      if (stop === text.length && stop - start < longestAddress && !final) return start
      const end = hasMarks(text, start, stop) ? addressEnd(text, start, stop) : 0
      if (end > 0) scan.found({ start, end, confidence: 0.95, reason: 'well-formed address' })
      index = Math.max(index, stop - 1)
    }
    return final ? text.length : hexStart(text, text.length, scan.from)
  },
} as const satisfies SpanDetector

const isHex = (code: number): boolean => isDigit(code) || (code >= 97 && code <= 102) || (code >= 65 && code <= 70)
const isGlued = (code: number): boolean => isAlphanumeric(code) || code === 95 || code === 46 || code === 58

function hexStart(text: string, at: number, floor: number): number {
  let start = at
  while (start > floor && at - start < 4 && isHex(text.charCodeAt(start - 1))) start -= 1
  return start
}

function skip(text: string, index: number): number {
  let at = index
  while (at + 1 < text.length && isDigit(text.charCodeAt(at + 1))) at += 1
  return at
}

function addressStop(text: string, start: number): number {
  const highest = Math.min(text.length, start + longestAddress)
  let stop = start
  while (stop < highest && (isHex(text.charCodeAt(stop)) || text.charCodeAt(stop) === 46 || text.charCodeAt(stop) === 58)) stop += 1
  return stop
}

/** Three full stops or two colons: what every address has, and hardly a number. */
function hasMarks(text: string, start: number, stop: number): boolean {
  let stops = 0
  let colons = 0
  for (let index = start; index < stop; index += 1) {
    const code = text.charCodeAt(index)
    if (code === 46) stops += 1
    else if (code === 58) colons += 1
  }
  return stops > 2 || colons > 1
}

function addressEnd(text: string, start: number, stop: number): number {
  if (stop < text.length && (isAlphanumeric(text.charCodeAt(stop)) || text.charCodeAt(stop) === 95)) return 0
  const whole = text.slice(start, stop)
  const bare = trimEnd(whole, '.:')
  const written = whole.startsWith('::', bare.length) ? `${bare}::` : bare
  const port = /^(\d{1,3}(?:\.\d{1,3}){3}):\d{1,5}$/.exec(written)
  const address = port?.[1] ?? written
  if (isVersion4(address)) return versionWords.test(charactersBefore(text, start, 40)) ? 0 : start + address.length
  return isVersion6(address) ? start + address.length : 0
}

function isVersion4(address: string): boolean {
  const parts = address.split('.')
  return parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256) && address !== '0.0.0.0'
}

function isVersion6(address: string): boolean {
  const halves = address.split('::')
  if (halves.length > 2 || !address.includes(':')) return false
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')))
  const last = groups.at(-1) ?? ''
  const embedded = last.includes('.')
  if (embedded && !isVersion4(last)) return false
  const count = groups.length + (embedded ? 1 : 0)
  if (!groups.slice(0, embedded ? -1 : undefined).every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return false
  return halves.length === 2 ? count >= 2 && count < 8 && /\d/.test(address) : count === 8
}

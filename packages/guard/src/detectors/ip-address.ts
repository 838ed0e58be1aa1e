import { colon, digit, isAlphanumeric, isDigit, letter } from '../core/characters.ts'
import { type Scan, type SpanDetector, charactersBefore } from '../core/detector.ts'
import { trimEnd } from '../core/trim-end.ts'

const longestAddress = 48
const reach = 40
const withPort = /^(\d{1,3}(?:\.\d{1,3}){3}):\d{1,5}$/
const versionWords = /(?:version|revision|release|build|upgrade|chapter|section|oid|kernel|firmware|v\.?)[ :=]{0,2}(?:[\w.-]{1,20} to )?v?$/

/** An IPv4 or IPv6 address. Four numbers after a word for versions are a version. */
export const ipAddress = {
  type: 'ip-address',
  placeholder: 'IP_ADDRESS',
  longest: longestAddress,
  triggers: digit | colon | letter,
  requires: digit,
  scan(scan: Scan): number {
    const { text, final, figures } = scan
    let run = 0
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
      run = figures.next(index, run)
      const hasWord = (figures.words[run] ?? -1) >= Math.max(0, start - reach)
      const end = hasMarks(text, start, stop) ? addressEnd(text, { start, stop, hasWord }) : 0
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

interface Written {
  readonly start: number
  readonly stop: number
  /** A word stands near before it. */
  readonly hasWord: boolean
}

function addressEnd(text: string, { start, stop, hasWord }: Written): number {
  if (stop < text.length && (isAlphanumeric(text.charCodeAt(stop)) || text.charCodeAt(stop) === 95)) return 0
  const whole = text.slice(start, stop)
  const bare = trimEnd(whole, '.:')
  const written = whole.startsWith('::', bare.length) ? `${bare}::` : bare
  const address = (written.includes('.') ? withPort.exec(written)?.[1] : undefined) ?? written
  if (isVersion4(address)) return hasWord && versionWords.test(charactersBefore(text, start, reach)) ? 0 : start + address.length
  return isVersion6(address) ? start + address.length : 0
}

/** Four numbers up to 255 without zeros before them, and not all nothing. */
function isVersion4(address: string): boolean {
  let parts = 0
  let value = -1
  let any = 0
  for (let index = 0; index <= address.length; index += 1) {
    const code = index < address.length ? address.charCodeAt(index) : 46
    if (isDigit(code)) {
      if (value === 0) return false
      value = value < 0 ? code - 48 : value * 10 + code - 48
      any |= value
      if (value > 255) return false
    } else {
      if (code !== 46 || value < 0) return false
      parts += 1
      value = -1
    }
  }
  return parts === 4 && any > 0
}

/** Eight groups of one to four hexadecimal digits, or two to seven and `::` once; the last two may be written as a version 4 address. */
function isVersion6(address: string): boolean {
  let groups = 0
  let length = 0
  let gaps = 0
  let digits = 0
  let index = 0
  for (; index < address.length; index += 1) {
    const code = address.charCodeAt(index)
    if (code === 46) break
    if (code !== 58) {
      if (!isHex(code)) return false
      length += 1
      if (isDigit(code)) digits += 1
      continue
    }
    const isGap = address.charCodeAt(index + 1) === 58
    if (length > 4 || (length === 0 && !isGap)) return false
    if (length > 0) groups += 1
    length = 0
    if (!isGap) continue
    gaps += 1
    index += 1
  }
  if (index < address.length) {
    if (!isVersion4(address.slice(address.lastIndexOf(':') + 1)) || !address.includes(':')) return false
    groups += 2
    digits += 1
  } else {
    if (length > 4 || (length === 0 && !address.endsWith('::'))) return false
    if (length > 0) groups += 1
  }
  return gaps === 0 ? groups === 8 : gaps === 1 && groups > 1 && groups < 8 && digits > 0
}

import { isAlphanumeric, letter, slash } from '../core/characters.ts'
import type { Scan, SpanDetector } from '../core/detector.ts'

const longestScheme = 24
const longestUserInfo = 256
const placeholder = /^(?:<[^>]*>|\$?\{.*|\[.*|%s|x+|\*+|\.+|password|passwd|pass|pwd|secret|your[-_]?\w*|changeme|port|\d{1,5})$/i

/** The password in `scheme://name:password@host`. */
export const urlPassword = {
  type: 'url-password',
  placeholder: 'SECRET',
  longest: longestUserInfo + longestScheme,
  triggers: slash | letter,
  scan(scan: Scan): number {
    const { text, final } = scan
    for (let at = text.indexOf('://', scan.from); at >= 0; at = text.indexOf('://', at + 3)) {
      const start = at + 3
      const stop = userInfoStop(text, start, final)
      if (stop === text.length && stop - start < longestUserInfo && !final) return Math.max(scan.from, at)
      const host = stop + 1 < text.length ? text.charCodeAt(stop + 1) : 32
      if (stop + 1 >= text.length && !final) return Math.max(scan.from, at)
      const divider = text.indexOf(':', start)
      if (text.charCodeAt(stop) !== 64 || divider < 0 || divider + 2 >= stop || !(isAlphanumeric(host) || host === 91 || host > 127) || at === 0 || !isAlphanumeric(text.charCodeAt(at - 1))) continue
      const value = text.slice(divider + 1, stop)
      if (placeholder.test(value) && !(value === 'password' && text.slice(start, divider) === 'username')) continue
      scan.found({ start: divider + 1, end: stop, confidence: 0.996, reason: 'password in an address' })
      at = stop - 3
    }
    return final ? text.length : Math.max(scan.from, text.endsWith(':/') ? text.length - 2 : text.endsWith(':') ? text.length - 1 : text.length)
  },
} as const satisfies SpanDetector

/** The last @ before the host's end, or the end of what can be user information. */
function userInfoStop(text: string, start: number, final: boolean): number {
  const highest = Math.min(text.length, start + longestUserInfo)
  let at = -1
  let index = start
  for (; index < highest; index += 1) {
    const code = text.charCodeAt(index)
    if (code === 64) at = index
    else if (code <= 32 || code === 47 || code === 63 || code === 34 || code === 39 || code === 60 || code === 62 || code === 96) break
  }
  return index === text.length && index - start < longestUserInfo && !final ? index : at >= 0 ? at : index
}

import { anything, isAlphanumeric } from '../core/characters.ts'
import type { Scan, SpanDetector } from '../core/detector.ts'
import { trimEnd } from '../core/trim-end.ts'

const longestLocal = 64
const longestDomain = 253
/** Endings that look like a top-level domain and are a file's extension: `icon@2x.png`, `lib@next.js`. */
const fileEndings = new Set('png jpg jpeg gif svg webp ico css scss less js jsx mjs cjs ts tsx mts cts json jsonc yml yaml toml xml html htm md mdx txt csv pdf zip gz tgz tar lock log map exe dll bin so'.split(' '))

/** An address as in RFC 5321, its domain with at least one dot and an ending of letters; `[…]` after the @ is left to the address detectors. */
export const email = {
  type: 'email',
  placeholder: 'EMAIL',
  longest: longestLocal + 1 + longestDomain,
  triggers: anything,
  scan(scan: Scan): number {
    const { text, final } = scan
    let floor = scan.from
    for (let at = text.indexOf('@', floor); at >= 0; at = text.indexOf('@', floor)) {
      const start = localStart(text, at, floor)
      const stop = domainStop(text, at + 1)
      if (stop === text.length && !final && stop - at <= longestDomain) return start
      const end = domainEnd(text, at + 1, stop)
      if (start < at && end > 0 && !userInfo.test(text.slice(Math.max(0, start - 80), start))) {
        scan.found({ start, end, confidence: 0.99, reason: 'address with a domain' })
        floor = end
      } else {
        floor = at + 1
      }
    }
    return final ? text.length : localStart(text, text.length, floor)
  },
} as const satisfies SpanDetector

/** What stands before the password's end in `scheme://name:password@host`: no address. */
const userInfo = /:\/\/[^\s/@]{0,77}$/

const isLocal = (code: number): boolean => isAlphanumeric(code) || code === 46 || code === 95 || code === 45 || code === 43 || code === 37 || code === 39 || code > 0xbf

function localStart(text: string, at: number, floor: number): number {
  let start = at
  const lowest = Math.max(floor, at - longestLocal)
  while (start > lowest && isLocal(text.charCodeAt(start - 1))) start -= 1
  while (start < at && !isAlphanumeric(text.charCodeAt(start)) && text.charCodeAt(start) !== 95 && text.charCodeAt(start) < 128) start += 1
  return start
}

function domainStop(text: string, from: number): number {
  let stop = from
  const highest = Math.min(text.length, from + longestDomain)
  for (; stop < highest; stop += 1) {
    const code = text.charCodeAt(stop)
    if (!isAlphanumeric(code) && code !== 46 && code !== 45 && code <= 0xbf) break
  }
  return stop
}

/** The end of the longest well-formed domain in `from` to `stop`, or 0. */
function domainEnd(text: string, from: number, stop: number): number {
  const labels = text.slice(from, stop).split('.')
  let position = from
  let end = 0
  let ended = 0
  for (let index = 0; index < labels.length; index += 1) {
    const label = labels[index] ?? ''
    const body = label.startsWith('-') ? '' : trimEnd(label, '-')
    if (body === '') break
    const letters = index > 0 && body.includes('-') ? (/^[a-z\u00c0-\uffff]{2,24}(?=-)/i.exec(body)?.[0] ?? '') : ''
    if (index > 0 && isTopLevel(body)) end = position + body.length
    // Perhaps the end, before a dash of the sentence: unless the domain goes on behind this label.
    else if (index > 0 && isTopLevel(letters)) ended = position + letters.length
    if (body !== label) break
    position += label.length + 1
  }
  return Math.max(end, ended)
}

const isTopLevel = (label: string): boolean => /^(?:xn--[a-z0-9-]{2,59}|[a-z\u00c0-\uffff]{2,24})$/i.test(label) && !fileEndings.has(label.toLowerCase())

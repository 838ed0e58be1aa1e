import { anything, digit } from '../core/characters.ts'
import { type Scan, type SpanDetector, wordsBefore, charactersBefore } from '../core/detector.ts'
import { tokensWith } from '../core/tokens.ts'
import { trimEnd } from '../core/trim-end.ts'
import { isMachineMade, isPlaceholder } from './credential-values.ts'

const longestToken = 128
const shortest = 16

/** Sentences in which people paste keys: “here is my key”, “I leaked this token”. */
const announced = /\b(?:key|keys|token|secret|secrets|credentials?|api ?key|password|passphrase|pasted|leaked|exposed|rotate|revoke)\b/
const otherwise = /\b(?:commit|sha\d*|hash|digest|checksum|integrity|uuid|guid|version|request|trace|order|tracking|file|image|package|public key|fingerprint|placeholder|example|schema|uses|https?)\b|[/#@]$/

/** A value that a machine made, standing in a sentence about keys. The least sure of the detectors of secrets. */
export const looseSecret = {
  type: 'loose-secret',
  placeholder: 'SECRET',
  longest: longestToken,
  triggers: anything,
  requires: digit,
  scan(scan: Scan): number {
    const { text, final } = scan
    for (let start = tokens.next(text, scan.from); start < text.length;) {
      const stop = tokens.stop(text, start, longestToken)
      if (stop === text.length && stop - start < longestToken && !final) return start
      if (stop - start >= shortest && stop - start < longestToken) report(scan, start, stop)
      start = tokens.next(text, stop)
    }
    return text.length
  },
} as const satisfies SpanDetector

const tokens = tokensWith('_-.=+/~!')

function report(scan: Scan, start: number, stop: number): void {
  const token = scan.text.slice(start, stop)
  const lead = token.length - token.replace(/^[^A-Za-z0-9]+/, '').length
  const value = trimEnd(token.slice(lead), '.!~=-')
  const digits = value.replace(/\D/g, '').length
  if (value.length < shortest || digits < 3 || digits > value.length * 0.8 || value.split('/').length > 3 || isPlaceholder(value) || !isMachineMade(value) || /^[0-9a-f]{8}-[0-9a-f]{4}-/.test(value) || /^v?\d+\.\d+/.test(value)) return
  const before = wordsBefore(scan.text, start + lead, 80)
  if (!announced.test(before) || otherwise.test(charactersBefore(scan.text, start + lead, 80))) return
  const turns = value.match(/\d+|[a-z]+|[A-Z]+/g)?.length ?? 0
  if (turns < value.length / 5) return
  scan.found({ start: start + lead, end: start + lead + value.length, confidence: 0.6, reason: 'random value in a sentence about keys' })
}

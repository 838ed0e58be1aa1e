import { digit, letter } from '../core/characters.ts'
import { type Scan, type SpanDetector, wordsBefore, charactersBefore } from '../core/detector.ts'
import { compactOf, plantShapes, visitWrittenNumbers } from '../core/written-numbers.ts'

const announced = /\b(?:ssn|ss#|social|soc\.? ?sec|itin|tax ?(?:payer)? ?id)/
const otherwise = /\b(?:order|invoice|ticket|tracking|part|sku|isbn|invalid|version|serial)\b[^.]{0,24}$/

const tree = plantShapes(['999-99-9999', '999 99 9999', '999.99.9999', '999999999'])

/** A United States social security or taxpayer number: never-issued areas, groups and serials are left alone (SSA POMS RM 10201.035). */
export const usSsn = {
  type: 'us-ssn',
  placeholder: 'SSN',
  longest: tree.longest + 1,
  requires: digit,
  triggers: digit | letter,
  scan: (scan: Scan): number =>
    visitWrittenNumbers(scan, tree, (number) => {
      const { start, end, shape } = number
      const separated = shape === '999-99-9999' || shape === '999 99 9999' || shape === '999.99.9999'
      if ((!separated && shape !== '999999999') || !isIssued(compactOf(scan.text, number))) return false
      const before = wordsBefore(scan.text, start)
      const named = announced.test(before)
      if (!named && (!separated || otherwise.test(charactersBefore(scan.text, start)) || shape === '999.99.9999')) return false
      scan.found({ start, end, confidence: named ? 0.97 : shape === '999-99-9999' ? 0.9 : 0.7, reason: named ? 'issued range, announced' : 'issued range and form' })
      return true
    }),
} as const satisfies SpanDetector

function isIssued(digits: string): boolean {
  const area = Number(digits.slice(0, 3))
  const group = Number(digits.slice(3, 5))
  const serial = Number(digits.slice(5))
  if (area === 0 || area === 666 || group === 0 || serial === 0) return false
  if (area >= 900) return (group >= 50 && group <= 65) || (group >= 70 && group <= 88) || (group >= 90 && group <= 92) || (group >= 94 && group <= 99)
  return digits !== '123456789' && digits !== '078051120'
}

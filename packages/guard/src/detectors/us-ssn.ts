import { charactersBefore, wordsBefore } from '../core/detector.ts'
import { compactOf, numberDetector } from '../core/written-numbers.ts'

const announced = /\b(?:ssn|ss#|social|soc\.? ?sec|itin|tax ?(?:payer)? ?id)/
const otherwise = /\b(?:order|invoice|ticket|tracking|part|sku|isbn|invalid|version|serial)\b[^.]{0,24}$/

/** The number unseparated is told by words alone, with dots too. */
const separated = new Set(['999-99-9999', '999 99 9999', '999.99.9999'])

const reach = 64

/** A United States social security or taxpayer number: never-issued areas, groups and serials are left alone (SSA POMS RM 10201.035). */
export const usSsn = numberDetector({
  type: 'us-ssn',
  placeholder: 'SSN',
  shapes: [...separated, '999999999'],
  judge(text, number) {
    const { start, shape, word } = number
    const hasWord = word >= 0 && word >= start - reach
    if ((!hasWord && !separated.has(shape)) || !isIssued(compactOf(text, number))) return null
    if (hasWord && announced.test(wordsBefore(text, start, reach))) return { confidence: 0.97, reason: 'issued range, announced' }
    if (!separated.has(shape) || shape === '999.99.9999' || (hasWord && otherwise.test(charactersBefore(text, start, reach)))) return null
    return { confidence: shape === '999-99-9999' ? 0.9 : 0.7, reason: 'issued range and form' }
  },
})

function isIssued(digits: string): boolean {
  const area = Number(digits.slice(0, 3))
  const group = Number(digits.slice(3, 5))
  const serial = Number(digits.slice(5))
  if (area === 0 || area === 666 || group === 0 || serial === 0) return false
  if (area >= 900) return (group >= 50 && group <= 65) || (group >= 70 && group <= 88) || (group >= 90 && group <= 92) || (group >= 94 && group <= 99)
  return digits !== '123456789' && digits !== '078051120'
}

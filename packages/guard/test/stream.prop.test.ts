import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Action, createStreamGuard, type Finding, inspect, redact, spanTypes } from '../src/index.ts'
import { cutAt, pieces, textArbitrary } from './texts.ts'

const canary = 'CANARY-7f3a9c5e1b'
const maskAll = (): Action => 'mask'

function streamed(chunks: readonly string[], actionOf: (finding: Finding) => Action = maskAll): { text: string; found: string[] } {
  const found: string[] = []
  const guard = createStreamGuard({
    canary, types: new Set(spanTypes),
    actionOf: (finding) => {
      found.push(`${finding.type}@${finding.start}-${finding.end}`)
      return actionOf(finding)
    },
  })
  return { text: chunks.map((chunk) => guard.push(chunk)).join('') + guard.end(), found }
}

const whole = (text: string): { text: string; found: string[] } => {
  const findings = inspect(text, { canary, types: new Set(spanTypes) })
  return { text: redact(text, findings, maskAll).text, found: findings.map((finding) => `${finding.type}@${finding.start}-${finding.end}`) }
}

describe('a stream guard', () => {
  test('gives the same text and spans as the whole, however the text is cut', () => {
    fc.assert(
      fc.property(textArbitrary, fc.array(fc.nat(400), { maxLength: 12 }), (text, places) => {
        expect(streamed(cutAt(text, places))).toEqual(whole(text))
      }),
      { numRuns: 3000 },
    )
  })

  test('gives the same text and spans when every character comes alone', () => {
    fc.assert(
      fc.property(textArbitrary, (text) => {
        expect(streamed(text.split(''))).toEqual(whole(text))
      }),
      { numRuns: 1500 },
    )
  })

  test('gives the same for each piece cut at each place', () => {
    for (const piece of pieces) {
      for (const text of [piece, `before ${piece} after`, `${piece}${piece}`]) {
        const expected = whole(text)
        for (let place = 0; place <= text.length; place += 1) expect(streamed([text.slice(0, place), text.slice(place)])).toEqual(expected)
      }
    }
  })
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createStreamGuard, detectorTypes, inspect, redact, spanTypes } from '../src/index.ts'
import { cutAt, spacedTextArbitrary, textArbitrary } from './texts.ts'

describe('findings', () => {
  test('lie inside the text, in order, and spans of values do not overlap', () => {
    fc.assert(fc.property(textArbitrary, (text) => {
      let reached = 0
      for (const { start, end, type, confidence } of inspect(text)) {
        expect(start).toBeGreaterThanOrEqual(0)
        expect(end).toBeGreaterThan(start)
        expect(end).toBeLessThanOrEqual(text.length)
        expect(confidence).toBeGreaterThanOrEqual(0)
        expect(confidence).toBeLessThanOrEqual(1)
        expect(detectorTypes).toContain(type)
        if (!spanTypes.some((spanType) => spanType === type)) continue
        expect(start).toBeGreaterThanOrEqual(reached)
        reached = end
      }
    }), { numRuns: 2000 })
  })
})

describe('redaction', () => {
  test('does nothing to a text that it has masked', () => {
    fc.assert(fc.property(spacedTextArbitrary, (text) => {
      const types = new Set(spanTypes)
      const once = redact(text, inspect(text, { types }), () => 'mask').text
      expect(redact(once, inspect(once, { types }), () => 'mask').text).toBe(once)
    }), { numRuns: 2000 })
  })

  test('leaves a text alone where everything is allowed', () => {
    fc.assert(fc.property(textArbitrary, (text) => {
      expect(redact(text, inspect(text), () => 'allow').text).toBe(text)
    }), { numRuns: 500 })
  })
})

describe('a stream that is blocked', () => {
  test('gives no character of or after the finding, and names its type', () => {
    fc.assert(fc.property(fc.array(fc.nat(200), { maxLength: 8 }), (places) => {
      const text = 'The key is AKIAQ3EGRZ5XJH7LN2PW and more follows.'
      const guard = createStreamGuard({ actionOf: ({ type }) => (type === 'provider-key' ? 'block' : 'allow') })
      const cleared = cutAt(text, places).map((chunk) => guard.push(chunk)).join('') + guard.end()
      expect('The key is ').toContain(cleared)
      expect(guard.blocked).toBe('provider-key')
      expect(guard.push('again')).toBe('')
    }))
  })

  test('holds plain prose back no longer than 64 characters', () => {
    const prose = 'The garden was quiet in the early morning, and Maria talked about the weather for a while before she went on to the market. '.repeat(8)
    const guard = createStreamGuard({ canary: 'CANARY-7f3a9c5e1b', actionOf: () => 'mask' })
    let cleared = 0
    for (let index = 0; index < prose.length; index += 1) {
      cleared += guard.push(prose[index] ?? '').length
      expect(index + 1 - cleared).toBeLessThanOrEqual(64)
    }
  })
})

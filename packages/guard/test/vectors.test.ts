import { describe, expect, test } from 'vitest'
import { createStreamGuard, inspect, redact, spanTypes } from '../src/index.ts'
import attacks from '../src/vectors/attacks.json' with { type: 'json' }
import personal from '../src/vectors/personal.json' with { type: 'json' }
import secrets from '../src/vectors/keys-and-tokens.json' with { type: 'json' }

interface Vector {
  readonly rule: string
  readonly text: string
  readonly finds: readonly (readonly string[])[]
  readonly canary?: string
}

const vectors: readonly Vector[] = [...personal, ...secrets, ...attacks]

describe('every vector', () => {
  for (const { rule, text, finds, canary } of vectors) {
    const options = canary === undefined ? {} : { canary }
    test(rule, () => {
      expect(inspect(text, options).map(({ type, start, end }) => [type, type.startsWith('injection') ? '' : text.slice(start, end)])).toEqual(finds)
      const spans = { ...options, types: new Set(spanTypes) }
      const guard = createStreamGuard({ ...spans, actionOf: () => 'mask' })
      expect(text.split('').map((character) => guard.push(character)).join('') + guard.end()).toBe(redact(text, inspect(text, spans), () => 'mask').text)
    })
  }
})

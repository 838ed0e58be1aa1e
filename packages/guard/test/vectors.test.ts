import { describe, expect, test } from 'vitest'
import { createStreamGuard, inspect, recognisers, redact, spanTypes, usualTypes } from '../src/index.ts'
import attacks from '../src/vectors/attacks.json' with { type: 'json' }
import named from '../src/vectors/names-and-addresses.json' with { type: 'json' }
import personal from '../src/vectors/personal.json' with { type: 'json' }
import secrets from '../src/vectors/keys-and-tokens.json' with { type: 'json' }

interface Vector {
  readonly rule: string
  readonly text: string
  readonly finds: readonly (readonly string[])[]
  readonly canary?: string
  readonly recognise?: readonly string[]
}

const vectors: readonly Vector[] = [...personal, ...secrets, ...attacks, ...named]

describe('every vector', () => {
  for (const { rule, text, finds, canary, recognise = [] } of vectors) {
    const types = new Set([...usualTypes, ...recognisers.filter((type) => recognise.includes(type))])
    const options = { types, ...(canary !== undefined && { canary }) }
    test(rule, () => {
      expect(inspect(text, options).map(({ type, start, end }) => [type, type.startsWith('injection') ? '' : text.slice(start, end)])).toEqual(finds)
      const spans = { ...options, types: new Set(spanTypes.filter((type) => types.has(type))) }
      const guard = createStreamGuard({ ...spans, actionOf: () => 'mask' })
      expect(text.split('').map((character) => guard.push(character)).join('') + guard.end()).toBe(redact(text, inspect(text, spans), () => 'mask').text)
    })
  }
})

test('names and addresses are looked for only where that is asked for', () => {
  for (const { text, finds } of named) expect(inspect(text).map(({ type }) => type), text).toEqual(finds.map(([type]) => type).filter((type) => type !== 'person' && type !== 'postal-address'))
})

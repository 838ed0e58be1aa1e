import { inspect, restore, type Action } from '@sallyport/guard'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rewrite } from './rewrite.ts'

const actions = (email: Action, rest: Action) => ({ type }: { readonly type: string }): Action => (type === 'email' ? email : rest)

test('stand-ins and masks side by side each take their own place', () => {
  const text = 'a@example.org, 4111 1111 1111 1111, b@example.org and again a@example.org'
  const { text: written, map } = rewrite(text, inspect(text), { actionOf: actions('pseudonymise', 'mask'), map: [] })
  expect(written).not.toContain('4111')
  expect(written).not.toMatch(/[ab]@example\.org/)
  expect(restore(written, map)).toBe('a@example.org, [CARD], b@example.org and again a@example.org')
})

test('whatever stands around them, restoring gives back all but what was masked', () => {
  const word = fc.constantFrom('x@example.org', 'yy.zz@example.net', '4111 1111 1111 1111', 'plain', 'words', ',', '\n', 'ü')
  fc.assert(fc.property(fc.array(word, { maxLength: 12 }), (words) => {
    const text = words.join(' ')
    const findings = inspect(text)
    const { text: written, map } = rewrite(text, findings, { actionOf: actions('pseudonymise', 'mask'), map: [] })
    const masked = rewrite(text, findings, { actionOf: actions('allow', 'mask'), map: [] }).text
    expect(restore(written, map)).toBe(masked)
  }), { numRuns: 300 })
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createRestorer, inspect, type PseudonymMap, pseudonymise, restore, spanTypes } from '../src/index.ts'
import { cutAt, textArbitrary } from './texts.ts'

const spansOf = (text: string): ReturnType<typeof inspect> => inspect(text, { types: new Set(spanTypes) })

describe('pseudonyms', () => {
  test('are undone exactly', () => {
    fc.assert(fc.property(textArbitrary, textArbitrary, (first, second) => {
      const one = pseudonymise(first, spansOf(first))
      const two = pseudonymise(second, spansOf(second), one.map)
      expect(restore(one.text, one.map)).toBe(first)
      expect(restore(two.text, two.map)).toBe(second)
    }), { numRuns: 1500 })
  })

  test('are restored alike however the answer is cut', () => {
    fc.assert(fc.property(textArbitrary, fc.array(fc.nat(300), { maxLength: 10 }), (text, places) => {
      const { text: written, map } = pseudonymise(text, spansOf(text))
      const restorer = createRestorer(map)
      expect(cutAt(written, places).map((chunk) => restorer.push(chunk)).join('') + restorer.end()).toBe(text)
    }), { numRuns: 1500 })
  })

  test('keep one stand-in for one value throughout a conversation', () => {
    const first = 'Write to nora.lind@example.org'
    const one = pseudonymise(first, spansOf(first))
    const two = pseudonymise(first, spansOf(first), one.map)
    expect(two.text).toBe(one.text)
    expect(one.text).not.toContain('nora')
  })

  test('are escaped when they are restored inside JSON', () => {
    const map: PseudonymMap = [{ type: 'credential', original: 'a"b\\c', standIn: 'CREDENTIAL_00000' }]
    expect(JSON.parse(restore('{"key":"CREDENTIAL_00000"}', map, { json: true }))).toEqual({ key: 'a"b\\c' })
  })
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createEscapeReader } from './plain-escapes.ts'

const whole = (text: string) => { const reader = createEscapeReader(); return reader.push(text) + reader.end() }
const escaped = (text: string) => [...text].map((character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')

test('an escaped value is read as what it means', () => {
  expect(whole(`{"key":"${escaped('sk-proj')}"}`)).toBe('{"key":"sk-proj"}')
})
test.each([['a quote', '"'], ['a backslash', '\\'], ['a control character', '\u0001'], ['another script', 'ж']])('the escape of %s stays as it is', (_name, character) => {
  expect(whole(`"${escaped(character)}"`)).toBe(`"${escaped(character)}"`)
})
test('an escaped backslash before a u is no escape of a character', () => {
  expect(whole('"\\\\u0073k"')).toBe('"\\\\u0073k"')
})
test('the value of any JSON is the same, and no cut changes the text', () => {
  fc.assert(fc.property(fc.json(), fc.array(fc.nat(40), { maxLength: 8 }), (json, cuts) => {
    const hidden = json.replaceAll(/(?<=[a-z])[a-z](?=[a-z])/g, (character) => escaped(character))
    const source = (() => { try { JSON.parse(hidden); return hidden } catch { return json } })()
    expect(JSON.parse(whole(source))).toEqual(JSON.parse(source))
    const reader = createEscapeReader()
    let rest = source
    let text = ''
    for (const cut of cuts) { text += reader.push(rest.slice(0, cut)); rest = rest.slice(cut) }
    expect(text + reader.push(rest) + reader.end()).toBe(whole(source))
  }), { numRuns: 500 })
})

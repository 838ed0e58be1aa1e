import { idOf, idPrefixes, type IdKind } from '@sallyport/contract'
import { describe, expect, test } from 'vitest'
import { newId } from './ids.ts'
import { Recent } from './recent.ts'

describe('an id', () => {
  test('has the form that the contract asks for, of every kind', () => {
    for (const kind of Object.keys(idPrefixes) as IdKind[]) expect(idOf(kind).safeParse(newId(kind, Date.now())).success).toBe(true)
  })

  test('is a UUIDv7: version and variant are in their places, and the time is at its head', () => {
    const at = Date.UTC(2030, 0, 1)
    const digits = newId('turn', at).slice(4)
    expect(Number.parseInt(digits.slice(0, 12), 16)).toBe(at)
    expect(digits[12]).toBe('7')
    expect('89ab').toContain(digits[16])
  })

  test('ids sort in the order in which they were made, also when the clock goes back or stands still, and none comes twice', () => {
    const start = Date.UTC(2031, 0, 1)
    const made = Array.from({ length: 20_000 }, (_, index) => newId('message', index % 1_000 === 0 ? start - index : start + (index % 7)))
    expect(made).toEqual(made.toSorted())
    expect(new Set(made).size).toBe(made.length)
  })
})

describe('what is remembered for a while', () => {
  test('keeps so many, and lets the one go that was set longest ago', () => {
    const recent = new Recent<number>(3)
    for (const [index, key] of ['a', 'b', 'c', 'a', 'd'].entries()) recent.set(key, index)
    expect(['a', 'b', 'c', 'd'].map((key) => recent.get(key))).toEqual([3, undefined, 2, 4])
  })

  test('what was read before something was forgotten is not remembered after it', () => {
    const recent = new Recent<string>(3)
    recent.set('a', 'stale')
    const { generation } = recent
    recent.forget((value) => value === 'stale')
    recent.set('a', 'stale', generation)
    expect(recent.get('a')).toBeUndefined()
    recent.set('a', 'fresh', recent.generation)
    expect(recent.get('a')).toBe('fresh')
  })
})

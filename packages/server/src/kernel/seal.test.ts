import { randomBytes, type KeyObject } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createSealer, keyedHash, ROOT_VERSION, rootOf, rootVersionOf, SealBroken } from './seal.ts'

const key = randomBytes(32)
const place = { table: 'message', rowId: 'msg_1', column: 'text_sealed' }
const sealer = createSealer('acc_1', new Map([[1, key]]))

describe('a sealed value', () => {
  test('opens to what was sealed, whatever it is, and is never the same twice', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => {
      const whole = text.toWellFormed()
      const one = sealer.seal(place, whole)
      expect(sealer.open(place, one)).toBe(whole)
      expect(Buffer.from(one).equals(Buffer.from(sealer.seal(place, whole)))).toBe(false)
    }))
  })

  test('opens for its owner, in its table, row and column alone', () => {
    const sealed = sealer.seal(place, 'secret')
    for (const other of [{ ...place, table: 'conversation' }, { ...place, rowId: 'msg_2' }, { ...place, column: 'comment_sealed' }]) expect(() => sealer.open(other, sealed)).toThrow(SealBroken)
    expect(() => createSealer('acc_2', new Map([[1, key]])).open(place, sealed)).toThrow(SealBroken)
    expect(() => createSealer('acc_1', new Map([[1, randomBytes(32)]])).open(place, sealed)).toThrow(SealBroken)
  })

  test('cannot be given to a place whose parts only run together to the same text', () => {
    const sealed = sealer.seal({ table: 'a', rowId: 'bc', column: 'd' }, 'secret')
    expect(() => sealer.open({ table: 'ab', rowId: 'c', column: 'd' }, sealed)).toThrow(SealBroken)
  })

  test('does not open with any bit flipped, cut or added', () => {
    const sealed = sealer.seal(place, 'secret')
    for (let bit = 0; bit < sealed.byteLength * 8; bit += 1) {
      const changed = Uint8Array.from(sealed)
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(() => sealer.open(place, changed)).toThrow(SealBroken)
    }
    for (let length = 0; length < sealed.byteLength; length += 1) expect(() => sealer.open(place, sealed.slice(0, length))).toThrow(SealBroken)
    expect(() => sealer.open(place, Buffer.concat([sealed, Buffer.from([0])]))).toThrow(SealBroken)
  })

  test('says nothing of its text or key when it breaks', () => {
    const sealed = sealer.seal(place, 'a very secret text')
    try {
      createSealer('acc_1', new Map([[1, randomBytes(32)]])).open(place, sealed)
      expect.unreachable()
    } catch (error) {
      expect(JSON.stringify([String(error), error])).not.toMatch(/secret text/)
      expect(String(error)).not.toContain(key.toString('hex').slice(0, 8))
    }
  })
})

describe('key versions', () => {
  test('the newest seals, the older ones still open, and one that is gone is named', () => {
    const second = randomBytes(32)
    const rotated = createSealer('acc_1', new Map([[1, key], [2, second]]))
    const old = sealer.seal(place, 'old')
    const fresh = rotated.seal(place, 'new')
    expect([rotated.open(place, old), rotated.open(place, fresh)]).toEqual(['old', 'new'])
    expect(() => sealer.open(place, fresh)).toThrow('version 2 of acc_1 is gone')
  })

  test('derived keys differ by purpose and owner, and outlive a rotation', () => {
    const rotated = createSealer('acc_1', new Map([[2, randomBytes(32)], [1, key]]))
    const hash = (of: typeof sealer, purpose: string) => keyedHash(of.derive(purpose), 'word').toString('hex')
    expect(hash(rotated, 'words')).toBe(hash(sealer, 'words'))
    expect(hash(sealer, 'words')).not.toBe(hash(sealer, 'addresses'))
    expect(hash(sealer, 'words')).not.toBe(hash(createSealer('acc_2', new Map([[1, key]])), 'words'))
  })

  test('keys by version differ by version, purpose and owner; the newest marks, and those of a version that is gone stay while its root does', () => {
    const second = randomBytes(32)
    const hash = (found: KeyObject | null) => (found === null ? null : keyedHash(found, 'manifest').toString('hex'))
    const before = sealer.versionsFor('marks')
    const rotated = createSealer('acc_1', new Map([[1, key], [2, second]])).versionsFor('marks')
    const later = createSealer('acc_1', new Map([[ROOT_VERSION, rootOf('acc_1', key)], [rootVersionOf(2), rootOf('acc_1', second)], [3, randomBytes(32)]])).versionsFor('marks')
    expect([before.current().version, rotated.current().version, later.current().version]).toEqual([1, 2, 3])
    expect([hash(rotated.of(1)), hash(later.of(1))]).toEqual([hash(before.of(1)), hash(before.of(1))])
    expect(hash(later.of(2))).toBe(hash(rotated.of(2)))
    expect(hash(rotated.current().key)).toBe(hash(rotated.of(2)))
    expect(new Set([hash(later.of(1)), hash(later.of(2)), hash(later.of(3)), hash(sealer.versionsFor('other').of(1)), hash(createSealer('acc_2', new Map([[1, key]])).versionsFor('marks').of(1))]).size).toBe(5)
    expect([before.of(2), later.of(4), later.of(0), later.of(-2)]).toEqual([null, null, null, null])
    expect(hash(before.of(1)), 'what never changes follows from the first').toBe(hash(sealer.derive('marks')))
  })

  test('roots open and seal nothing', () => {
    expect(() => createSealer('acc_1', new Map([[ROOT_VERSION, rootOf('acc_1', key)], [-2, randomBytes(32)]]))).toThrow(SealBroken)
  })

  test('an owner without a key has no sealer', () => {
    expect(() => createSealer('acc_1', new Map())).toThrow(SealBroken)
  })
})

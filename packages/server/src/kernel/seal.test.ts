import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createSealer, keyedHash, SealBroken } from './seal.ts'

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

  test('an owner without a key has no sealer', () => {
    expect(() => createSealer('acc_1', new Map())).toThrow(SealBroken)
  })
})

import { createSecretKey, randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createWordHasher } from '../../kernel/words/index.ts'
import { createCounter, packPostings, unpackPostings } from './postings.ts'
import { createMeasure } from './rank.ts'

const body = { passages: 100, words: 10_000 }
const rare = { passages: 2, weight: 1 }
const common = { passages: 80, weight: 1 }

describe('ranking', () => {
  test('a rare word counts more than a common one', () => {
    const measure = createMeasure([rare, common], body)
    expect(measure([1, 0], 100).rank).toBeGreaterThan(measure([0, 1], 100).rank * 5)
  })
  test('repeats count less and less, and a long passage needs more of them', () => {
    const rank = (count: number, length: number) => createMeasure([rare], body)([count], length).rank
    expect(rank(2, 100)).toBeGreaterThan(rank(1, 100))
    expect(rank(20, 100) - rank(10, 100)).toBeLessThan(rank(2, 100) - rank(1, 100))
    expect(rank(1, 300)).toBeLessThan(rank(1, 100))
  })
  test('it is BM25: the values of a worked example', () => {
    // ln(1 + (100 - 2 + 0.5) / (2 + 0.5)) = 3.69883; 3 of them in a passage of half the usual length: x 3 * 2.2 / (3 + 1.2 * (0.25 + 0.75 * 0.5)) = 1.76
    expect(createMeasure([rare], body)([3], 50).rank).toBeCloseTo(Math.log(40.4) * 1.76, 10)
  })
  test('the share is that of the words held, however often, and a word that is nowhere takes most of it away', () => {
    const measure = createMeasure([rare, common], body)
    expect(measure([1, 1], 100).share).toBe(1)
    expect(measure([9, 0], 1_000).share).toBe(measure([1, 0], 100).share)
    expect(createMeasure([rare, { passages: 0, weight: 1 }], body)([1, 0], 100).share).toBeLessThan(0.5)
  })
  test('no words and no passages give nothing, and never a wrong number', () => {
    expect(createMeasure([], body)([], 100)).toEqual({ rank: 0, share: 0 })
    expect(createMeasure([rare], { passages: 0, words: 0 })([0], 0)).toEqual({ rank: 0, share: 0 })
    expect(createMeasure([{ passages: 9, weight: 1 }], { passages: 3, words: 30 })([1], 10).rank).toBeGreaterThan(0)
  })
})

describe('postings', () => {
  const hash = createWordHasher(createSecretKey(randomBytes(32)))
  test('give back what was packed, and nothing of what was not', () => {
    const counts = new Map(Array.from({ length: 300 }, (_, at) => [hash(`word${at}`), 1 + (at % 300)] as const))
    const packed = packPostings(counts)
    const count = createCounter(packed)
    for (const [word, times] of counts) expect(count(Buffer.from(word, 'hex'))).toBe(Math.min(times, 255))
    expect(count(Buffer.from(hash('other'), 'hex'))).toBe(0)
    expect(createCounter(packPostings(new Map()))(Buffer.from(hash('other'), 'hex'))).toBe(0)
    expect(new Map(unpackPostings(packed)).size).toBe(300)
  })
  test('two keys give one word two hashes', () => {
    const other = createWordHasher(createSecretKey(randomBytes(32)))
    expect(hash('secret')).toMatch(/^[0-9a-f]{16}$/)
    expect(hash('secret')).toBe(hash('secret'))
    expect(other('secret')).not.toBe(hash('secret'))
  })
})

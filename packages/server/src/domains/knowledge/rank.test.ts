import { createSecretKey, randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createCounter, createWordHasher, packPostings, unpackPostings } from './postings.ts'
import { createScorer } from './rank.ts'

const body = { passages: 100, words: 10_000 }
const rare = { passages: 2, weight: 1 }
const common = { passages: 80, weight: 1 }

describe('ranking', () => {
  test('each word once in a passage of usual length is the whole question', () => {
    expect(createScorer([rare, common], body)([1, 1], 100)).toBeCloseTo(1)
  })
  test('a rare word counts more than a common one', () => {
    const score = createScorer([rare, common], body)
    expect(score([1, 0], 100)).toBeGreaterThan(score([0, 1], 100) * 5)
  })
  test('repeats count less and less, and a long passage needs more of them', () => {
    const score = createScorer([rare], body)
    expect(score([2], 100)).toBeGreaterThan(score([1], 100))
    expect(score([20], 100) - score([10], 100)).toBeLessThan(score([2], 100) - score([1], 100))
    expect(score([1], 300)).toBeLessThan(score([1], 100))
  })
  test('a word that is nowhere takes its share away', () => {
    expect(createScorer([rare, { passages: 0, weight: 1 }], body)([1, 0], 100)).toBeLessThan(0.5)
  })
  test('no words and no passages give nothing, and never a wrong number', () => {
    expect(createScorer([], body)([], 100)).toBe(0)
    expect(createScorer([rare], { passages: 0, words: 0 })([0], 0)).toBe(0)
    expect(createScorer([{ passages: 9, weight: 1 }], { passages: 3, words: 30 })([1], 10)).toBeGreaterThan(0)
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

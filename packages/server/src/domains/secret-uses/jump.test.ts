import { expect, test } from 'vitest'
import { secretJump } from '../../policy/secret-uses.ts'
import { jumpOf, usualOf } from './jump.ts'

const used = (reads: number, tokens = reads * 10) => ({ reads, tokens })
const hours = (count: number, reads: number) => Array.from({ length: count }, () => used(reads))

test('usual is what busier intervals have: quiet nights do not lower it, and one wild hour does not raise it', () => {
  expect(usualOf([...hours(100, 1), ...hours(40, 50)], 'reads')).toBe(50)
  expect(usualOf([...hours(140, 50), used(100_000)], 'reads')).toBe(50)
})

test('far above the usual is a jump, in reads or in tokens alone; what is only busier is none', () => {
  const earlier = hours(40, 100)
  expect(jumpOf(used(501), earlier)).toEqual({ measure: 'reads', count: 501, usual: 100 })
  expect(jumpOf(used(500), earlier)).toBeNull()
  expect(jumpOf(used(100, 250_000), earlier)).toEqual({ measure: 'tokens', count: 250_000, usual: 1_000 })
})

test('below the floor nothing is a jump, however little is usual', () => {
  expect(jumpOf(used(secretJump.floor.reads), hours(40, 1))).toBeNull()
  expect(jumpOf(used(secretJump.floor.reads + 1, 1), hours(40, 1))).toMatchObject({ measure: 'reads', usual: 1 })
})

test('the first hours of a secret are no jump, unless they are beyond what any secret begins with', () => {
  expect(jumpOf(used(secretJump.withoutUsual.reads), [])).toBeNull()
  expect(jumpOf(used(secretJump.withoutUsual.reads, 1), hours(secretJump.leastIntervals - 1, 1))).toBeNull()
  expect(jumpOf(used(secretJump.withoutUsual.reads + 1, 1), [])).toEqual({ measure: 'reads', count: secretJump.withoutUsual.reads + 1, usual: null })
})

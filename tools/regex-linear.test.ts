import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { expressionsIn, slowest, slowExpressions } from './regex-linear.ts'

const folder = fileURLToPath(new URL('../packages/guard/src', import.meta.url))

describe("the guard's regular expressions", () => {
  test('are found', () => {
    expect(expressionsIn(folder).length).toBeGreaterThan(60)
  })

  test('run in linear time over hostile texts', () => {
    expect(slowExpressions(folder)).toEqual([])
  }, 60_000)

  test('would be caught if one did not', () => {
    expect(slowest(/a*b/)).not.toBeNull()
  }, 60_000)
})

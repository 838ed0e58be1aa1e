import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { expressionsIn, slowest, slowExpressions } from './regex-linear.ts'

const folderOf = (name: string): string => fileURLToPath(new URL(`../packages/${name}/src`, import.meta.url))

describe('the regular expressions', () => {
  test.each([['guard', 60], ['server', 60], ['contract', 10], ['web', 10], ['cli', 1]] as const)('of %s are found', (name, least) => {
    expect(expressionsIn(folderOf(name)).length).toBeGreaterThan(least)
  })

  test.each(['guard', 'server', 'contract', 'web', 'cli'])('of %s run in linear time over hostile texts', (name) => {
    expect(slowExpressions(folderOf(name))).toEqual([])
  }, 60_000)

  test('would be caught if one did not', () => {
    expect(slowest(/a*b/)).not.toBeNull()
  }, 60_000)
})

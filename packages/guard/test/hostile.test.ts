import { describe, expect, test } from 'vitest'
import { inspect } from '../src/index.ts'

const prose = 'The garden was quiet in the early morning, and the two neighbours talked about the weather for a while. '

/** Texts in which candidates lie within one another, so that reading each by itself would take the square of the length, or hundreds of times as long. */
const pieces: Readonly<Record<string, string>> = {
  'keys in armour that are only begun': '-----BEGIN PRIVATE KEY-----\nMIIabc',
  'names of passwords without a space': 'pass:',
  'a name and a row of colons': 'pass:::::::::',
  'names and equals signs in a row': 'key=key=',
  'keys in a row': 'key=aB3dE5fG7hI9jK1 ',
  'tokens in a sentence without an end': 'token aB3dE5fG7hI9jK1mN ',
  'prefixes of keys without a key': 'xoxb-',
  'prefixes of keys that lie within one another': 'sk-ant-sk-or-v1-',
  'dates, names and keys that are only begun': '1.1.2000key=keyя.dxoxb-11.1.2000y=55 25key=',
  'a bracket before many tokens': ']aB3dE5fG7hI9jK1mN',
}

const ofLength = (piece: string, length: number): string => piece.repeat(Math.ceil(length / piece.length)).slice(0, length)

/** The least time of several inspections, taken in turn, so that a busy machine slows all of them down alike. */
function leastTimes(texts: readonly string[], rounds: number): number[] {
  const best = texts.map(() => Number.POSITIVE_INFINITY)
  for (let round = 0; round < rounds; round += 1) {
    texts.forEach((text, place) => {
      const start = process.hrtime.bigint()
      inspect(text)
      best[place] = Math.min(best[place] ?? Number.POSITIVE_INFINITY, Number(process.hrtime.bigint() - start))
    })
  }
  return best
}

describe('a hostile text takes not many times as long as prose of the same length', () => {
  test.each(Object.entries(pieces))('%s', (_name, piece) => {
    const [hostile = 0, ordinary = 1] = leastTimes([ofLength(piece, 131_072), ofLength(prose, 131_072)], 10)
    expect(hostile / ordinary).toBeLessThan(12)
  }, 30_000)
})

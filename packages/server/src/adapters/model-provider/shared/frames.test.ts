import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ProviderFailure } from '../../../ports/model-provider.ts'
import { createEventFrames, createLineFrames, type Frames } from './frames.ts'

const read = (frames: Frames, chunks: readonly Uint8Array[]) => {
  const ended: string[] = []
  for (const chunk of chunks) frames.feed(chunk, ended)
  frames.end(ended)
  return ended
}

test.each([
  ['events end at an empty line, whatever the line ends are', createEventFrames, 'data: 1\n\ndata: 2\r\n\r\ndata: 3\r\rdata:4\n\n', ['1', '2', '3', '4']],
  ['lines of one event are joined', createEventFrames, 'data: a\ndata: b\n\n', ['a\nb']],
  ['what is no data is dropped', createEventFrames, ': hello\nevent: x\nid: 1\nretry: 9\nfoo: bar\ndata: 1\n\nevent: y\n\n', ['1']],
  ['a byte order mark is dropped', createEventFrames, '\uFEFFdata: 1\n\n', ['1']],
  ['an event that does not end is none', createEventFrames, 'data: 1\n\ndata: 2\n', ['1']],
  ['lines end at a break, and the last without', createLineFrames, '{"a":1}\n\n  \n{"b":2}\r\n{"c":3}', ['{"a":1}', '{"b":2}', '{"c":3}']],
])('%s', (...[, create, text, expected]) => {
  expect(read(create(), [Buffer.from(text)])).toEqual(expected)
})

test('where the bytes are cut does not matter', () => {
  const text = fc.array(fc.oneof(fc.constantFrom('data: ', '\n', '\r\n', '\r', ':', '{"x":"世👋🏽"}', 'event: y'), fc.string({ unit: 'grapheme', maxLength: 5 })), { maxLength: 20 }).map((parts) => parts.join(''))
  for (const create of [createEventFrames, createLineFrames]) {
    fc.assert(fc.property(text, fc.array(fc.nat(200), { maxLength: 8 }), (whole, cuts) => {
      const bytes = Buffer.from(whole)
      const at = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length]
      expect(read(create(), at.slice(1).map((to, index) => bytes.subarray(at[index], to)))).toEqual(read(create(), [bytes]))
    }), { seed: 7, numRuns: 300 })
  }
})

describe.each([['events', createEventFrames, 'data: 1\n\n', 'data: '], ['lines', createLineFrames, '1\n', '']] as const)('%s', (...[, create, good, start]) => {
  test('that are longer than a million characters are too large, and what came before them is kept', () => {
    const frames = create()
    const ended: string[] = []
    expect(() => {
      frames.feed(Buffer.from(good + start), ended)
      for (let fed = 0; fed < 40; fed += 1) frames.feed(Buffer.alloc(65_536, 'x'), ended)
    }).toThrow(ProviderFailure)
    expect(ended).toEqual(['1'])
  })

  test('may be many, as long as each is short', () => {
    const frames = create()
    const ended: string[] = []
    for (let fed = 0; fed < 3_000; fed += 1) frames.feed(Buffer.from(start + 'x'.repeat(1_000) + '\n\n'), ended)
    expect(ended).toHaveLength(3_000)
  })
})

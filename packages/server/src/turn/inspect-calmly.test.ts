import { inspect } from '@sallyport/guard'
import { describe, expect, test } from 'vitest'
import { charactersInOneGo, createCalmInspection } from './inspect-calmly.ts'

const signal = new AbortController().signal

/** Counts the turns that the event loop gets while `work` runs. */
async function turnsDuring(work: Promise<unknown>): Promise<number> {
  let turns = 0
  let running = true
  const count = () => {
    if (!running) return
    turns += 1
    setImmediate(count)
  }
  setImmediate(count)
  await work
  running = false
  return turns
}

describe('a calm inspection', () => {
  test('finds what inspect finds, in a short text and in a long one', async () => {
    for (const text of ['Write to nora.lind@example.org.', `${'4111 1111 1111 1112 '.repeat(2500)} nora.lind@example.org`]) {
      expect(await createCalmInspection(signal)(text)).toEqual(inspect(text))
    }
  })

  test('gives the event loop a turn for every few thousand characters of a hostile text', async () => {
    const hostile = '4111 1111 1111 1112 '.repeat(52_429).slice(0, 1_048_576)
    expect(await turnsDuring(createCalmInspection(signal)(hostile))).toBeGreaterThanOrEqual(hostile.length / charactersInOneGo * 4)
  }, 30_000)

  test('gives it none for a short text', async () => {
    expect(await turnsDuring(createCalmInspection(signal)('plain words '.repeat(1000)))).toBe(0)
  })

  test('gives it turns between many short texts', async () => {
    const inspection = createCalmInspection(signal)
    const all = async () => {
      for (let count = 0; count < 20; count += 1) await inspection('plain words '.repeat(1000))
    }
    expect(await turnsDuring(all())).toBeGreaterThanOrEqual(10)
  })

  test('ends when its turn is stopped', async () => {
    const stop = new AbortController()
    const inspecting = createCalmInspection(stop.signal)('plain words '.repeat(20_000))
    stop.abort(new Error('stopped'))
    await expect(inspecting).rejects.toThrow('stopped')
  })
})

import { createHash } from 'node:crypto'
import { describe, expect, test, vi } from 'vitest'
import { patterns, patternSubjects, type PatternName } from '../../policy/patterns.ts'
import type { PenaltySubject, Violation } from '../../policy/penalties.ts'
import { describeEachEngine, idLike, openTestStore, type TestStore } from '../../testing/server-database.ts'
import { DistinctWindow } from './distinct-window.ts'
import { createPatterns } from './index.ts'

const hashOf = (number: number) => createHash('sha256').update(String(number)).digest().readUInt32LE()

describe('different things in a sliding window', () => {
  test.each([1, 8, 10, 50, 400])('%i of them are told apart, and the same one again is none more', (number) => {
    const window = new DistinctWindow(600)
    let count = 0
    for (let time = 0; time < 3; time += 1) for (let thing = 0; thing < number; thing += 1) count = window.add(hashOf(thing), 1_000_000)
    expect(Math.abs(count - number)).toBeLessThanOrEqual(Math.max(1, number * 0.06))
  })

  test('what is older than the window is forgotten, bit by bit', () => {
    const window = new DistinctWindow(400)
    for (let thing = 0; thing < 10; thing += 1) window.add(hashOf(thing), 1_000_000)
    for (let thing = 10; thing < 20; thing += 1) window.add(hashOf(thing), 1_200_000)
    expect(window.add(hashOf(10), 1_300_000)).toBe(20)
    expect(window.add(hashOf(10), 1_400_000)).toBe(10)
    expect(window.add(hashOf(99), 9_000_000)).toBe(1)
    // A clock that was set back a little, and one that jumped.
    expect(window.add(hashOf(97), 8_999_000)).toBe(2)
    expect(window.add(hashOf(97), 8_899_000)).toBe(2)
    expect(window.add(hashOf(98), 1_000_000)).toBe(1)
  })
})

function openPatterns({ database }: Pick<TestStore, 'database'>) {
  let at = 1_800_000_000_000
  const punished: (readonly [PenaltySubject, Violation])[] = []
  const noted = createPatterns({ database, clock: { now: () => at, monotonic: () => at }, penalties: { note: (subject, violation) => { punished.push([subject, violation]) } }, onFailure: (error) => { throw error } })
  const events = async () => (await database.read.selectFrom('security_event').select(['type', 'account_id', 'detail']).orderBy('id').execute()).map(({ type, account_id, detail }) => ({ type, accountId: account_id, detail: JSON.parse(detail) as Readonly<Record<string, unknown>> }))
  return { note: noted.note, punished, events, advance: (seconds: number) => { at += seconds * 1_000 } }
}

describeEachEngine('patterns', (dialect) => {
  test('each row shows at its number, once, as an event and with its points; one fewer shows nothing', async () => {
    await using store = await openTestStore(dialect)
    const { note, punished, events } = openPatterns(store)
    const names = Object.keys(patterns) as PatternName[]
    for (const name of names) {
      const { by, count } = patterns[name]
      const id = by === 'address' ? '192.0.2.7' : idLike(by === 'key' ? 'key' : 'acc', 1)
      // Counting by bits may be one off, or a few in a hundred.
      const before = punished.length
      for (let thing = 0; thing < Math.floor(count * 0.93) - 1; thing += 1) note(name, [{ kind: by, id }], `${name} ${thing}`)
      expect([punished.length, (await events()).filter(({ type }) => type === name)]).toEqual([before, []])
      for (let thing = Math.floor(count * 0.93); thing < Math.ceil(count * 1.07) + 1; thing += 1) note(name, [{ kind: by, id }], `${name} ${thing}`)
    }
    await vi.waitFor(async () => { expect((await events()).map(({ type }) => type).toSorted()).toEqual(names.toSorted()) }, { timeout: 10_000 })
    expect(punished.map(([, violation]) => violation)).toEqual(names.map((name) => patterns[name].violation).filter((violation) => violation !== null))
    expect((await events()).find(({ type }) => type === 'enumeration')).toMatchObject({ accountId: idLike('acc', 1), detail: { of: 'things that are not there', kind: 'account' } })
  })

  test('slowly enough, over more than a window, it is no pattern', async () => {
    await using store = await openTestStore(dialect)
    const { note, punished, advance, events } = openPatterns(store)
    for (let thing = 0; thing < 60; thing += 1) {
      note('credential-stuffing', [{ kind: 'address', id: '192.0.2.7' }], String(thing))
      advance(120)
    }
    expect([punished, await events()]).toEqual([[], []])
  })
})

test('those whose doings are remembered are bounded: who has done nothing for longest is forgotten', async () => {
  await using store = await openTestStore('sqlite')
  const { note, punished } = openPatterns(store)
  const stuff = (address: string, from: number) => { for (let thing = from; thing < from + 6; thing += 1) note('credential-stuffing', [{ kind: 'address', id: address }], String(thing)) }
  stuff('early', 0)
  stuff('busy', 0)
  for (let index = 0; index < patternSubjects; index += 1) {
    note('credential-stuffing', [{ kind: 'address', id: `address ${index}` }], 'one')
    if (index % 500 === 0) note('credential-stuffing', [{ kind: 'address', id: 'busy' }], '0')
  }
  stuff('early', 6)
  expect(punished).toEqual([])
  stuff('busy', 6)
  expect(punished.map(([{ id }]) => id)).toEqual(['busy'])
})

test('a key shows before its account, and what many keys do together shows of the account', async () => {
  await using store = await openTestStore('sqlite')
  const { note, punished } = openPatterns(store)
  const account = { kind: 'account', id: idLike('acc', 1) } as const
  const probe = (key: number, from: number, to: number) => { for (let thing = from; thing < to; thing += 1) note('prompt-probing', [{ kind: 'key', id: idLike('key', key), accountId: account.id }, account], String(thing)) }
  probe(1, 0, patterns['prompt-probing'].count)
  expect(punished.map(([{ kind }]) => kind)).toEqual(['key'])
  punished.length = 0
  for (let key = 2; key < 12; key += 1) probe(key, key * 100, key * 100 + 2)
  expect(punished.map(([{ kind, id }]) => [kind, id])).toContainEqual(['account', account.id])
  expect(punished.filter(([{ kind }]) => kind === 'key')).toEqual([])
})

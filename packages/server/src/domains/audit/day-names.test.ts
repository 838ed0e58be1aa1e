import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { withoutEmails } from '../../kernel/day-names.ts'
import { callerLike } from '../../testing/caller.ts'
import { describeEachEngine, idLike, openTestStore, type TestStore } from '../../testing/server-database.ts'
import { createDayNames } from './index.ts'

const DAY = 86_400_000
const START = 20_000 * DAY + 7
const DAYS = 30
const [ann, bob] = [idLike('acc', 1), idLike('acc', 2)]
const administrator = callerLike(idLike('acc', 9), 'administrator')

async function begin(store: TestStore) {
  const time = { now: START }
  for (const id of [ann, bob]) await store.addAccount(id)
  const process = async () => {
    const names = createDayNames({ database: store.database, clock: { now: () => time.now, monotonic: () => time.now }, days: DAYS })
    await names.load(await store.keyRing.ensure('server'))
    return names
  }
  return { process, names: await process(), at: (day: number) => { time.now = START + day * DAY } }
}
type Names = Awaited<ReturnType<typeof begin>>['names']
const nameOf = (names: Names, id: string, day = 0) => String(names.hide(id, START + day * DAY))
const resolved = (names: Names, name: string) => names.resolve(administrator, name).then(({ accountId }) => accountId, () => 'nobody')
const keptRow = ({ database }: TestStore) => database.read.selectFrom('day_name_key').selectAll().executeTakeFirstOrThrow()

describeEachEngine('names of the day', (dialect) => {
  test('are one for each id and day, in every process over the store and after a restart', async () => {
    await using store = await openTestStore(dialect)
    const { process, names } = await begin(store)
    const others = await Promise.all([process(), process()])
    for (const other of others) expect(nameOf(other, ann, 3)).toBe(nameOf(names, ann, 3))
    const all = [ann, bob].flatMap((id) => [-40, 0, 1, 2, 31].map((day) => nameOf(names, id, day)))
    expect(new Set(all.map((name) => name.slice(-16))).size).toBe(all.length)
    expect(nameOf(names, ann)).toMatch(/^acc-20241004-[0-9a-f]{16}$/)
  })

  test('stand wherever an id that belongs to somebody stood, and nowhere else', async () => {
    await using store = await openTestStore(dialect)
    const { names } = await begin(store)
    const [session, event] = [idLike('ses', 1), idLike('evt', 1)]
    const hidden = JSON.stringify(names.hide({ actor: ann, credential: `session:${session}`, detail: { eventId: event, of: [ann, { inner: `no key of ${bob}.` }], count: 7, none: null, hash: '0'.repeat(64) } }, START))
    for (const id of [ann, bob, session]) expect(hidden).not.toContain(id)
    for (const kept of [event, '"count":7', '"none":null', '0'.repeat(64), 'no key of acc-']) expect(hidden).toContain(kept)
    expect(hidden.match(new RegExp(nameOf(names, ann), 'g'))).toHaveLength(2)
  })

  test('are resolved while their key is kept; then it is destroyed, also in the store, and the audit log goes on under other names', async () => {
    await using store = await openTestStore(dialect)
    const { names, process, at } = await begin(store)
    const [first, second] = [nameOf(names, ann), nameOf(names, ann, 1)]
    expect([await resolved(names, first), await resolved(names, second)]).toEqual([ann, 'nobody'])
    at(1)
    expect(await resolved(names, second)).toBe(ann)
    const before = await keptRow(store)
    at(DAYS + 1)
    await names.refresh()
    const after = await keptRow(store)
    expect(after.day).toBe(before.day + 1)
    for (const each of [names, await process()]) {
      expect(await resolved(each, first)).toBe('nobody')
      expect(await resolved(each, second), 'the last day that is kept').toBe(ann)
      // The audit log of that day can still be read, and says who it was to whoever may ask.
      expect(nameOf(each, ann)).not.toBe(first)
      expect(await resolved(each, nameOf(each, ann))).toBe(ann)
    }
  })

  test('of one destroyed day come from one process of many, and all agree afterwards', async () => {
    await using store = await openTestStore(dialect)
    const { process, names, at } = await begin(store)
    const all = [names, await process(), await process()]
    at(DAYS + 10)
    await Promise.all(all.map((each) => each.refresh()))
    await Promise.all(all.map((each) => each.refresh()))
    expect(new Set(all.map((each) => nameOf(each, ann, DAYS + 10))).size).toBe(1)
    expect((await keptRow(store)).day).toBe(20_000 + 10)
  })

  test('of erased accounts are nobody\'s, and each question leaves an entry that joins nothing', async () => {
    await using store = await openTestStore(dialect)
    const { names } = await begin(store)
    const name = nameOf(names, ann)
    await resolved(names, name)
    await store.database.write([{ query: store.database.read.deleteFrom('account').where('id', '=', ann).compile() }])
    expect(await resolved(names, name)).toBe('nobody')
    const entries = await store.database.read.selectFrom('audit_entry').select(['action', 'outcome', 'detail']).orderBy('sequence').execute()
    expect(entries).toEqual([{ action: 'day-name-resolved', outcome: 'allowed', detail: JSON.stringify({ account: ann }) }, { action: 'day-name-resolved', outcome: 'refused', detail: '{}' }])
  })

  test('before the store\'s key is read, an id is hidden all the same', async () => {
    await using store = await openTestStore(dialect)
    const names = createDayNames({ database: store.database, clock: { now: () => START, monotonic: () => START }, days: DAYS })
    expect(JSON.stringify(names.forLog({ message: `Data key version 1 of ${ann} is gone.` }))).not.toContain(ann)
  })
})

test('e-mail addresses go out of a text, and nothing that looks a little like one', () => {
  expect(withoutEmails('550 <ann.o\'hara+x@mail.example.org>: unknown; bcc jürgen@müller.example')).toBe('550 <[address]>: unknown; bcc [address]')
  for (const text of ['at file:///srv/node_modules/@fastify/cookie/plugin.js:3:1', 'age1@', '@ 3 p.m.', 'left-pad@1.3.0', randomUUID()]) expect(withoutEmails(text)).toBe(text)
})

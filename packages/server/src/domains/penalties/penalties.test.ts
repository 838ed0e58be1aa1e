import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Database } from '../../database/database.ts'
import { openPostgres } from '../../database/postgres/open.ts'
import { banPoints, loweredSteps, penaltyRules, violations } from '../../policy/penalties.ts'
import { callerLike } from '../../testing/caller.ts'
import { describeWith } from '../../testing/needs.ts'
import { createPostgresDatabase } from '../../testing/postgres.ts'
import { testServerSealer } from '../../testing/sealer.ts'
import { describeEachEngine, idLike, openTestStore } from '../../testing/server-database.ts'
import { createSharedRevocations } from '../revocations/index.ts'
import { createPenalties, type Penalties } from './index.ts'
import { createLedger } from './ledger.ts'
import { heldAt, MILLI, pointsAt } from './points.ts'

const START = 1_800_000_000_000
const address = { kind: 'address', id: '192.0.2.7' } as const
const operator = callerLike(idLike('acc', 1), 'operator')
const opened: (() => Promise<void> | void)[] = []
const closeAll = async () => { for (const close of opened.splice(0).toReversed()) await close() }
afterEach(closeAll)

function openPenalties(database: Database, clock: { now: () => number; monotonic: () => number }) {
  const fail = (error: unknown) => { throw error }
  const revocations = createSharedRevocations({ database, clock: { ...clock, monotonic: () => performance.now() }, onFailure: fail })
  const penalties = createPenalties({ database, clock, revocations, serverSealer: testServerSealer, namesOf: () => Promise.resolve(new Map([['key_1', 'laptop']])), banPoints: banPoints.default, onFailure: fail })
  opened.push(() => { revocations.close() }, () => penalties.close())
  return { penalties, revocations }
}
const testClock = () => {
  let at = START
  return { now: () => at, monotonic: () => at, advance: (milliseconds: number) => { at += milliseconds } }
}
const offend = (penalties: Penalties, times: number) => { for (let time = 0; time < times; time += 1) penalties.note(address, 'limit-reached') }
const banned = async (penalties: Penalties) => vi.waitFor(() => {
  const ban = penalties.banOf([address])
  if (ban === null) throw new Error('Nobody is banned yet.')
  return ban
}, { timeout: 5_000, interval: 5 })

describeEachEngine('penalties', (dialect) => {
  test('violations lower limits step by step, then ban; each is told, and all of it ends by itself', async () => {
    await using store = await openTestStore(dialect)
    const clock = testClock()
    const { penalties } = openPenalties(store.database, clock)
    expect(penalties.allowanceOf('address', address.id)).toBe(1)
    offend(penalties, banPoints.default * 0.25)
    expect(penalties.allowanceOf('address', address.id)).toBe(0.5)
    offend(penalties, banPoints.default * 0.25)
    expect(penalties.allowanceOf('address', address.id)).toBe(0.2)
    expect(await penalties.list()).toMatchObject([{ kind: 'address', subject: address.id, step: 'challenged', allowance: 0.2, why: violations['limit-reached'].why, bans: 0 }])
    offend(penalties, banPoints.default * 0.5)
    const ban = await banned(penalties)
    expect(ban.until - clock.now()).toBe(60_000)
    expect(await store.database.read.selectFrom('security_event').select('type').execute()).toEqual([{ type: 'ban-begun' }])
    // An address is in no log that is kept for long.
    const audit = await store.database.read.selectFrom('audit_entry').select(['action', 'detail']).execute()
    expect([audit.map(({ action }) => action), JSON.stringify(audit).includes(address.id)]).toEqual([['ban-begun'], false])
    clock.advance(60_001)
    expect([penalties.banOf([address]), penalties.allowanceOf('address', address.id)]).toEqual([null, 0.2])
    clock.advance(banPoints.default / penaltyRules.forgivenPerMinute * 60_000)
    expect([penalties.allowanceOf('address', address.id), await penalties.list()]).toEqual([1, []])
  })

  test('each ban is longer than the one before, and a week without one begins anew', async () => {
    await using store = await openTestStore(dialect)
    const clock = testClock()
    const { penalties } = openPenalties(store.database, clock)
    const lengths: number[] = []
    for (let round = 0; round < 4; round += 1) {
      if (round === 3) clock.advance(penaltyRules.forgottenAfterSeconds * 1_000)
      offend(penalties, banPoints.default)
      const { until } = await banned(penalties)
      lengths.push((until - clock.now()) / 1_000)
      clock.advance(until - clock.now() + 1)
    }
    expect(lengths).toEqual([...penaltyRules.banSeconds.slice(0, 3), penaltyRules.banSeconds[0]])
  })

  test('a ban outlives the process, and lifting it acts at once and is in the audit', async () => {
    await using store = await openTestStore(dialect)
    const clock = testClock()
    const first = openPenalties(store.database, clock).penalties
    offend(first, banPoints.default)
    await banned(first)
    await first.close()
    const { penalties } = openPenalties(store.database, clock)
    expect(penalties.banOf([address])).toBeNull()
    await penalties.load()
    const ban = penalties.banOf([address])
    expect(ban).toMatchObject({ kind: 'address', step: 'banned' })
    await penalties.lift(operator, ban?.banId ?? '')
    expect([penalties.banOf([address]), penalties.allowanceOf('address', address.id), await penalties.list()]).toEqual([null, 1, []])
    expect(await store.database.read.selectFrom('audit_entry').select(['action', 'actor']).orderBy('sequence', 'desc').limit(1).execute()).toEqual([{ action: 'ban-lifted', actor: operator.scope?.accountId }])
    await expect(penalties.lift(operator, ban?.banId ?? '')).rejects.toMatchObject({ code: 'not-found' })
  })

  test('what was forgiven is removed, and what is held is not', async () => {
    await using store = await openTestStore(dialect)
    const clock = testClock()
    const { penalties } = openPenalties(store.database, clock)
    offend(penalties, banPoints.default)
    await banned(penalties)
    penalties.note({ kind: 'account', id: idLike('acc', 2) }, 'limit-reached')
    await penalties.list()
    const kept = async () => (await store.database.read.selectFrom('penalty').select('kind').orderBy('kind').execute()).map(({ kind }) => kind)
    await penalties.forget()
    expect(await kept()).toEqual(['account', 'address'])
    clock.advance(3_600_000)
    await penalties.forget()
    // The length of the next ban depends on this one.
    expect(await kept()).toEqual(['address'])
    clock.advance(penaltyRules.forgottenAfterSeconds * 1_000)
    await penalties.forget()
    expect(await kept()).toEqual([])
  })

  test('what is held against an account and its keys goes with the account', async () => {
    await using store = await openTestStore(dialect)
    const clock = testClock()
    const { penalties } = openPenalties(store.database, clock)
    const [mine, other] = [idLike('acc', 2), idLike('acc', 3)]
    for (const id of [mine, other]) penalties.note({ kind: 'account', id }, 'wrong-proof')
    await penalties.list()
    await store.database.write([...penalties.eraseSteps(mine)])
    expect(await store.database.read.selectFrom('penalty').select('subject').execute()).toEqual([{ subject: other }])
  })
})

describeWith('postgres', 'penalties in several processes', () => {
  test('points add up over processes, a ban is heard by all within a second, and so is its end', async () => {
    await using database = await createPostgresDatabase()
    const [one, other] = [await openPostgres({ url: database.url }), await openPostgres({ url: database.url })]
    opened.push(async () => { await Promise.all([one.close(), other.close()]) })
    const clock = { now: () => Date.now(), monotonic: () => performance.now() }
    const [here, there] = [openPenalties(one, clock), openPenalties(other, clock)]
    await there.revocations.listen()
    await here.revocations.listen()
    offend(there.penalties, banPoints.default * 0.5 - 1)
    await there.penalties.list()
    // Alone this would not be enough.
    offend(here.penalties, banPoints.default * 0.75)
    await banned(here.penalties)
    const began = performance.now()
    const { banId } = await banned(there.penalties)
    expect(performance.now() - began).toBeLessThan(1_000)
    await here.penalties.lift(operator, banId)
    await vi.waitFor(() => { expect(there.penalties.banOf([address])).toBeNull() }, { timeout: 1_000, interval: 10 })
    await closeAll()
  })
})

describe('points', () => {
  const row = (points: number) => ({ points: points * MILLI, points_at: START, banned_until: null })

  test('they decay evenly, and a clock that goes back forgives nothing', () => {
    expect([0, 60_000, 600_000, -600_000].map((later) => pointsAt(row(50), START + later) / MILLI)).toEqual([50, 50 - penaltyRules.forgivenPerMinute, 0, 50])
  })

  test('a lowered limit says when it is whole again, and then it is', () => {
    const held = heldAt(row(60), 120, START)
    expect(held).toMatchObject({ step: 'challenged', allowance: loweredSteps[0].allowance })
    expect([heldAt(row(60), 120, (held?.until ?? 0) - 1)?.step, heldAt(row(60), 120, (held?.until ?? 0) + 1)]).toEqual(['lowered', null])
  })
})

test('the memory for those who have points is bounded, and who is banned stays in it', () => {
  const ledger = createLedger()
  const take = (subject: string, points: number, bannedUntil: number | null) =>
    ledger.take({ id: subject, kind: 'address', subject, points: points * MILLI, points_at: START, why: 'limit-reached', bans: 0, banned_at: null, banned_until: bannedUntil }, START)
  take('banned', 60, START + 60_000)
  for (let index = 0; index < 30_000; index += 1) take(`address ${index}`, 5, null)
  const kept = ['banned', 'address 0', 'address 29999'].map((id) => ledger.find({ kind: 'address', id }) !== null)
  expect(kept).toEqual([true, false, true])
})

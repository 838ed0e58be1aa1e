import { createSecretKey } from 'node:crypto'
import { afterEach, expect, test, vi } from 'vitest'
import { humanChecks as descriptors } from '../../adapters/human-check/index.ts'
import { createMemoryLimiter } from '../../adapters/rate-limiter/index.ts'
import type { Database } from '../../database/database.ts'
import { openPostgres } from '../../database/postgres/open.ts'
import { systemClock } from '../../kernel/clock.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { humanCheckRules } from '../../policy/human-check.ts'
import type { HumanCheckOffer } from '@sallyport/contract'
import { callerLike } from '../../testing/caller.ts'
import { solve, toHeader } from '../../testing/human-check.ts'
import { describeWith } from '../../testing/needs.ts'
import { createPostgresDatabase } from '../../testing/postgres.ts'
import { testServerSealer, testSubjects } from '../../testing/sealer.ts'
import { describeEachEngine, idLike, openTestStore } from '../../testing/server-database.ts'
import { createKeptLimiter, createStoreLimiter } from '../limits/index.ts'
import { createPenalties } from '../penalties/index.ts'
import { createPenaltyStore } from '../penalties/store.ts'
import { createSharedRevocations } from '../revocations/index.ts'
import { createHumanChecks } from './index.ts'

const BAN_POINTS = 100
const caller = { ...callerLike(idLike('acc', 1), 'member'), scope: null, credential: { kind: 'none', id: '' }, restriction: null, address: '192.0.2.7' } as const
const address = { kind: 'address', id: caller.address } as const
const opened: (() => Promise<void> | void)[] = []
const closeAll = async () => { for (const close of opened.splice(0).toReversed()) await close() }
afterEach(closeAll)

/** One process, as the server puts it together. */
async function openProcess(database: Database, own: { readonly signUpAlways?: boolean } = {}) {
  // What is heard while a test ends finds the store closed.
  const onFailure = () => undefined
  const revocations = createSharedRevocations({ database, clock: systemClock, onFailure })
  const penalties = createPenalties({ database, clock: systemClock, revocations, serverSealer: testServerSealer, namesOf: () => Promise.resolve(new Map()), banPoints: BAN_POINTS, onFailure })
  opened.push(() => { revocations.close() }, () => penalties.close())
  await revocations.listen()
  const used = database.dialect === 'sqlite' ? createKeptLimiter({ database, subjects: testSubjects, clock: systemClock, local: createMemoryLimiter({ monotonic: systemClock.now }) }) : createStoreLimiter({ database, subjects: testSubjects, clock: systemClock })
  const check = descriptors[0]?.create({}, { fetchConfigured: () => Promise.reject(new Error('Nobody is asked.')), deriveKey: (name) => name.padEnd(64, '0'), now: systemClock.now, lifeSeconds: humanCheckRules.lifeSeconds })
  if (check === undefined) throw new Error('There is one.')
  const checks = createHumanChecks({ check, penalties, used, key: createSecretKey(Buffer.alloc(32, 7)), counters: 50, signUpAlways: own.signUpAlways ?? false })
  const signIn = (answer: string | null = null) => checks.require({ operationId: 'signIn', caller, answer })
  return { penalties, checks, signIn, suspect: (points = BAN_POINTS * 0.6) => { for (let point = 0; point < points; point += 1) penalties.note(address, 'limit-reached') } }
}
const offerOf = async (asked: Promise<boolean>): Promise<HumanCheckOffer> => {
  const error: unknown = await asked.then(() => null, (reason: unknown) => reason)
  if (!(error instanceof ProblemError) || error.code !== 'human-check-needed') throw new Error(`It was not asked for: ${String(error)}`)
  return error.members['humanCheck'] as HumanCheckOffer
}
const outcomes = async (asked: readonly Promise<boolean>[]) => (await Promise.allSettled(asked)).map((result) => (result.status === 'fulfilled' ? result.value : (result.reason as ProblemError).code))

describeEachEngine('human checks', (dialect) => {
  test('one solution fifty times at once is good once, and takes points back once', async () => {
    await using store = await openTestStore(dialect)
    const { signIn, suspect, penalties } = await openProcess(store.database)
    suspect()
    const answer = toHeader(await solve(await offerOf(signIn())))
    const before = penalties.suspicionOf(address).share
    const came = await outcomes(Array.from({ length: 50 }, () => signIn(answer)))
    expect(came.filter((outcome) => outcome === true)).toHaveLength(1)
    expect(came.filter((outcome) => outcome !== true && outcome !== 'human-check-needed')).toEqual([])
    await penalties.list()
    // 49 replays at five points each: all but one of them, and the relief.
    expect(before).toBeLessThan(0.61)
    expect((await createPenaltyStore(store.database, testServerSealer).newest(9)).map(({ subject }) => subject)).toEqual([address.id])
    await closeAll()
  })

  test('points that are taken back stay so in the store, and never become a credit', async () => {
    await using store = await openTestStore(dialect)
    const { suspect, penalties } = await openProcess(store.database)
    suspect()
    await penalties.relieve(address, 0.25)
    expect(penalties.suspicionOf(address)).toMatchObject({ isChallenged: false })
    expect(penalties.suspicionOf(address).share).toBeCloseTo(0.35, 1)
    for (let time = 0; time < 5; time += 1) await penalties.relieve(address, 0.25)
    expect((await store.database.read.selectFrom('penalty').select('points').execute())).toEqual([{ points: 0 }])
    penalties.note(address, 'wrong-password')
    await penalties.list()
    expect(Math.round(penalties.suspicionOf(address).share * BAN_POINTS)).toBe(5)
    await closeAll()
  })

  test('nobody is asked for a new account but the suspicious, unless everybody is', async () => {
    await using store = await openTestStore(dialect)
    const [calm, strict] = [await openProcess(store.database), await openProcess(store.database, { signUpAlways: true })]
    expect(await calm.checks.require({ operationId: 'signUp', caller, answer: null })).toBe(false)
    const offer = await offerOf(strict.checks.require({ operationId: 'signUp', caller, answer: null }))
    expect(await strict.checks.require({ operationId: 'signUp', caller, answer: toHeader(await solve(offer)) })).toBe(true)
    expect(await strict.signIn()).toBe(false)
    await closeAll()
  })
})

describeWith('postgres', 'human checks in several processes', () => {
  test('one solution, sent to two processes at once, is good in one of them; points that it took back are gone in both', async () => {
    await using database = await createPostgresDatabase()
    const stores = [await openPostgres({ url: database.url }), await openPostgres({ url: database.url })] as const
    opened.push(async () => { await Promise.all(stores.map((store) => store.close())) })
    const [here, there] = [await openProcess(stores[0]), await openProcess(stores[1])]
    here.suspect()
    await here.penalties.list()
    await vi.waitFor(() => { expect(there.penalties.suspicionOf(address).isChallenged).toBe(true) }, { timeout: 2_000, interval: 10 })
    const answer = toHeader(await solve(await offerOf(there.signIn())))
    const came = await outcomes(Array.from({ length: 10 }, (_, index) => (index % 2 === 0 ? here : there).signIn(answer)))
    expect(came.filter((outcome) => outcome === true)).toHaveLength(1)
    await closeAll()
  })

  test('relief is heard by the other process within a second', async () => {
    await using database = await createPostgresDatabase()
    const stores = [await openPostgres({ url: database.url }), await openPostgres({ url: database.url })] as const
    opened.push(async () => { await Promise.all(stores.map((store) => store.close())) })
    const [here, there] = [await openProcess(stores[0]), await openProcess(stores[1])]
    here.suspect()
    await here.penalties.list()
    await vi.waitFor(() => { expect(there.penalties.suspicionOf(address).isChallenged).toBe(true) }, { timeout: 2_000, interval: 10 })
    await here.penalties.relieve(address, 0.25)
    await vi.waitFor(() => { expect(there.penalties.suspicionOf(address).isChallenged).toBe(false) }, { timeout: 1_000, interval: 10 })
    // What lowers limits anew after that is told again.
    here.suspect(BAN_POINTS * 0.3)
    await here.penalties.list()
    await vi.waitFor(() => { expect(there.penalties.suspicionOf(address).isChallenged).toBe(true) }, { timeout: 1_000, interval: 10 })
    await closeAll()
  })
})

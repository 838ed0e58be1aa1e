import { afterEach, expect, test, vi } from 'vitest'
import { operationIds } from '@sallyport/contract'
import { ProblemError } from '../../kernel/problem.ts'
import { loadRules, shedWith, sheddingOrder, type Shed } from '../../policy/load.ts'
import { operationPolicy } from '../../policy/operations.ts'
import { createFairQueue, createLoad } from './index.ts'

afterEach(() => { vi.useRealTimers() })
const refuse = () => new ProblemError('overloaded')
const never = new AbortController().signal

function openLoad() {
  const measured = { delay: 0, memory: 0, waiting: 0 }
  const clock = { at: 0, monotonic: () => clock.at }
  const events: string[] = []
  const log = { info: (_: unknown, event: string) => { events.push(event) }, warn: (_: unknown, event: string) => { events.push(event) }, error: () => undefined }
  const load = createLoad({
    gauge: { delayMilliseconds: () => measured.delay, memoryShare: () => measured.memory, close: () => undefined }, queue: { waitingShare: () => measured.waiting }, clock, log, delayMilliseconds: 100,
  })
  return { measured, clock, load, events, look: () => { load.look(); return load.shed() } }
}

test.each([
  { by: 'delay', values: [49, 50, 75, 100] }, { by: 'memory', values: [0.79, 0.8, 0.85, 0.92] }, { by: 'waiting', values: [0.49, 0.5, 0.75, 1] },
] as const)('by $by, the anonymous go first, then jobs, then new turns', ({ by, values }) => {
  const { measured, look } = openLoad()
  const shed = values.map((value) => { measured[by] = value; return look() })
  expect(shed).toEqual([[], ['anonymous'], ['anonymous', 'background'], ['anonymous', 'background', 'turn']])
})

test('a step stays given up for a while, ends by itself, and each change is told once', () => {
  const { measured, clock, look, events } = openLoad()
  measured.delay = 500
  expect(look()).toHaveLength(3)
  measured.delay = 0
  clock.at = loadRules.staysMilliseconds - 1
  expect(look()).toHaveLength(3)
  clock.at = loadRules.staysMilliseconds
  expect(look()).toEqual([])
  look()
  expect(events).toEqual(['load-shed', 'load-taken-up'])
})

test('health, files and whatever signing in needs are never given up, and turns come last', () => {
  const steps = operationIds.flatMap((id) => [true, false].map((isAnonymous) => ({ id, isAnonymous, step: shedWith(id, operationPolicy[id].budget, isAnonymous) })))
  const of = (step: Shed | null, isAnonymous: boolean) => steps.filter((one) => one.step === step && one.isAnonymous === isAnonymous).map(({ id }) => id)
  expect(of(null, true)).toEqual(expect.arrayContaining(['getPage', 'getHealth', 'getReadiness', 'signIn', 'completeSignIn', 'passkeySignIn', 'getSession', 'issueToken', 'finishFederatedSignIn']))
  expect(of('anonymous', true)).toEqual(expect.arrayContaining(['verifyEmail', 'checkPasswordStrength', 'listConversations', 'createTurn', 'gatewayChat']))
  expect(of('turn', false).toSorted()).toEqual(['createChat', 'createTurn', 'gatewayChat'])
  // Who is signed in reads, stops and resumes in any case.
  expect(of('anonymous', false)).toEqual([])
  expect(of('background', true)).toEqual([])
  expect(shedWith(null, null, true)).toBe('anonymous')
  expect(sheddingOrder).toEqual(['anonymous', 'background', 'turn'])
})

const asked = (accountId: string, provider = 'one') => ({ accountId, provider })

test('a place that becomes free goes to the account that has the fewest, and nobody to whom it is due is passed over', async () => {
  const queue = createFairQueue({ places: 4, accountShare: 1, providerShare: 1, waiting: 100, waitSeconds: 60, refuse })
  const heavy = await Promise.all(Array.from({ length: 4 }, () => queue.enter(asked('heavy'), never)))
  const order: string[] = []
  const wait = (account: string) => { void queue.enter(asked(account), never).then(() => { order.push(account) }) }
  for (let index = 0; index < 50; index += 1) wait('heavy')
  for (const account of ['one', 'two', 'three']) wait(account)
  for (const place of heavy) { place[Symbol.dispose](); await Promise.resolve(); await Promise.resolve() }
  await vi.waitFor(() => { expect(order).toEqual(['one', 'two', 'three', 'heavy']) })
})

test('one account has no more than its share, so that others find a place at once', async () => {
  const queue = createFairQueue({ places: 10, accountShare: 0.4, providerShare: 1, waiting: 100, waitSeconds: 60, refuse })
  let begun = 0
  for (let index = 0; index < 20; index += 1) void queue.enter(asked('heavy'), never).then(() => { begun += 1 })
  for (const account of ['one', 'two', 'three', 'four', 'five', 'six']) await queue.enter(asked(account), never)
  expect(begun).toBe(4)
  expect(queue.waitingShare()).toBe(0.16)
})

test('however many providers hang, one that answers finds a place at once', async () => {
  const queue = createFairQueue({ places: 20, accountShare: 1, providerShare: 0.8, waiting: 100, waitSeconds: 60, refuse })
  const hung: Disposable[] = []
  const hang = (provider: string) => { for (let index = 0; index < 200; index += 1) queue.enter(asked(`account ${index}`, provider), never).then((place) => { hung.push(place) }, () => undefined) }
  for (const [provider, places] of [['first', 16], ['second', 3]] as const) {
    const before = hung.length
    hang(provider)
    await vi.waitFor(() => { expect(hung.length - before).toBe(places) })
  }
  const place = await queue.enter(asked('another', 'third'), never)
  // Those who wait for it do not take all the places to wait, either: the server sheds nobody for their sake.
  expect(queue.waitingShare()).toBeLessThanOrEqual(1)
  place[Symbol.dispose]()
  expect(hung).toHaveLength(19)
  // When one that hung answers again, those who waited for it go on, and nobody else.
  hung[0]?.[Symbol.dispose]()
  await vi.waitFor(() => { expect(hung).toHaveLength(20) })
})

test('who leaves, or waits too long, is out of the queue; beyond its length nobody waits', async () => {
  vi.useFakeTimers()
  const queue = createFairQueue({ places: 1, accountShare: 1, providerShare: 1, waiting: 2, waitSeconds: 10, refuse })
  const first = await queue.enter(asked('a'), never)
  const stop = new AbortController()
  const left = queue.enter(asked('b'), stop.signal)
  const late = queue.enter(asked('c'), never)
  await expect(queue.enter(asked('d'), never)).rejects.toMatchObject({ code: 'overloaded' })
  stop.abort(new Error('gone'))
  await expect(left).rejects.toThrow('gone')
  const refused = expect(late).rejects.toMatchObject({ code: 'overloaded' })
  await vi.advanceTimersByTimeAsync(10_000)
  await refused
  expect(queue.waitingShare()).toBe(0)
  first[Symbol.dispose]()
  first[Symbol.dispose]()
  // Freed twice counts once: there is one place, and not two.
  const again = await queue.enter(asked('a'), never)
  const second = queue.enter(asked('b'), never)
  expect(queue.waitingShare()).toBe(0.5)
  again[Symbol.dispose]()
  await second
})

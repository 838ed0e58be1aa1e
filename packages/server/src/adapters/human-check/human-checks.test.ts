import { describe, expect, test } from 'vitest'
import { createEgress } from '../../kernel/egress.ts'
import { systemClock } from '../../kernel/clock.ts'
import { Secret } from '../../kernel/secret.ts'
import { defaultEgressRules } from '../../policy/egress.ts'
import type { HumanCheckDeps } from '../../ports/human-check.ts'
import { humanCheckSuite, type HumanCheckRig } from '../../testing/human-check.suite.ts'
import { solve, startSiteverify, toHeader } from '../../testing/human-check.ts'
import { createTestClock } from '../../testing/test-clock.ts'
import { humanChecks } from './index.ts'
import { proofOfWork } from './proof-of-work/index.ts'
import { turnstile } from './turnstile/index.ts'

const purpose = { action: 'signIn', bound: 'a'.repeat(43) }
const SECRET = 'the secret key of a site'
const deps = (own: Partial<HumanCheckDeps> = {}): HumanCheckDeps => ({
  fetchConfigured: () => Promise.reject(new Error('Nobody is asked.')), deriveKey: (name) => Buffer.from(name.padEnd(32, '.')).toString('hex'), now: systemClock.now, lifeSeconds: 300, ...own,
})

const work = (own?: Partial<HumanCheckDeps>): HumanCheckRig => ({
  check: proofOfWork.create({}, deps(own)), solve: async (offer) => toHeader(await solve(offer)), [Symbol.asyncDispose]: () => Promise.resolve(),
})
async function widget() {
  const service = await startSiteverify(SECRET)
  const egress = createEgress({ clock: systemClock, rules: defaultEgressRules })
  egress.list('check', { origin: new URL(service.url), allowPrivateAddress: true })
  const check = turnstile.create(turnstile.config.parse({ baseUrl: service.url, siteKey: '1x00', credential: new Secret(SECRET) }), deps({ fetchConfigured: egress.fetchConfigured }))
  return {
    service, check,
    solve: (_offer: unknown, { action, bound }: typeof purpose) => Promise.resolve(service.mint({ action, cdata: bound })),
    async [Symbol.asyncDispose]() { await egress.close(); await service[Symbol.asyncDispose]() },
  }
}
const rigs: Readonly<Record<string, () => Promise<HumanCheckRig>>> = { 'proof-of-work': () => Promise.resolve(work()), turnstile: widget }

test('every kind of check goes through the suite', () => { expect(Object.keys(rigs)).toEqual(humanChecks.map(({ id }) => id)) })
describe.each(Object.entries(rigs))('the human check %s', (_id, start) => { humanCheckSuite(start) })

describe('proof of work', () => {
  test('a key of another server, or another purpose of the key, signs nothing here', async () => {
    const other = work({ deriveKey: (name) => Buffer.from(name.padEnd(32, '!')).toString('hex') })
    const answer = await other.solve(await other.check.offer(purpose, 20), purpose)
    expect(await work().check.judge(answer, purpose)).toEqual({ outcome: 'robot' })
  })

  test('it is stale when its time is over, by our clock, and not before', async () => {
    const clock = createTestClock()
    const rig = work({ now: clock.now })
    const answer = await rig.solve(await rig.check.offer(purpose, 20), purpose)
    clock.advance(299_000)
    expect(await rig.check.judge(answer, purpose)).toMatchObject({ outcome: 'human' })
    clock.advance(3_000)
    expect(await rig.check.judge(answer, purpose)).toEqual({ outcome: 'stale' })
  })

  test('it takes as many tries as it was made for at most, and the tries are spread over them', async () => {
    const rig = work()
    const counters = await Promise.all(Array.from({ length: 60 }, async () => (await solve(await rig.check.offer(purpose, 60))).solution.counter))
    expect([Math.min(...counters) >= 1, Math.max(...counters) <= 60, new Set(counters).size > 20]).toEqual([true, true, true])
  })
})

describe('turnstile', () => {
  test('the service is told the secret and the token, and nothing of the caller', async () => {
    await using rig = await widget()
    await rig.check.judge(rig.service.mint({ action: purpose.action, cdata: purpose.bound }), purpose)
    expect(rig.service.seen).toEqual([{ secret: SECRET, response: '0.token-1' }])
  })

  test('a token that was used is stale', async () => {
    await using rig = await widget()
    const token = rig.service.mint({ action: purpose.action, cdata: purpose.bound })
    expect([(await rig.check.judge(token, purpose)).outcome, (await rig.check.judge(token, purpose)).outcome]).toEqual(['human', 'stale'])
  })

  test.each(['wrong-secret', 'down', 'garbled', 'endless', 'internal-error'] as const)('when the service is %s nobody knows, and the secret is in no message', async (mood) => {
    await using rig = await widget()
    rig.service.mood = mood
    const verdict = await rig.check.judge(rig.service.mint({ action: purpose.action, cdata: purpose.bound }), purpose)
    expect(verdict.outcome).toBe('unavailable')
    expect(String('cause' in verdict ? verdict.cause : '')).not.toContain(SECRET)
  })

  test('a service that is not there leaves it open', async () => {
    const rig = await widget()
    await rig.service[Symbol.asyncDispose]()
    expect((await rig.check.judge('0.token', purpose)).outcome).toBe('unavailable')
    await rig[Symbol.asyncDispose]().catch(() => undefined)
  })
})

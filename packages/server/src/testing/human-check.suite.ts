import { expect, test } from 'vitest'
import { HumanCheckOffer } from '@sallyport/contract'
import type { HumanCheck, HumanCheckPurpose } from '../ports/human-check.ts'

/** One kind of check, with somebody who can do what it asks for. */
export interface HumanCheckRig extends AsyncDisposable {
  readonly check: HumanCheck
  /** Does what is asked, and gives what goes into the header. */
  solve(offer: HumanCheckOffer, purpose: HumanCheckPurpose): Promise<string>
}

const purpose: HumanCheckPurpose = { action: 'signIn', bound: 'a'.repeat(43) }
const COUNTERS = 20

/** What every kind of human check promises. */
export function humanCheckSuite(start: () => Promise<HumanCheckRig>): void {
  test('what it asks for is what the contract describes, and whoever does it is human, by a name of its own', async () => {
    await using rig = await start()
    const offers = [await rig.check.offer(purpose, COUNTERS), await rig.check.offer(purpose, COUNTERS)]
    for (const offer of offers) expect(HumanCheckOffer.safeParse(JSON.parse(JSON.stringify(offer))).success).toBe(true)
    const verdicts = await Promise.all(offers.map(async (offer) => rig.check.judge(await rig.solve(offer, purpose), purpose)))
    const ids = verdicts.map((verdict) => (verdict.outcome === 'human' ? verdict.id : verdict.outcome))
    expect(new Set(ids).size).toBe(2)
    for (const id of ids) expect(id).toMatch(/^[\w-]{43}$/)
  })

  test.each([
    { of: 'another operation', other: { ...purpose, action: 'signUp', bound: 'b'.repeat(43) } },
    { of: 'somebody else', other: { ...purpose, bound: 'c'.repeat(43) } },
    { of: 'nobody', other: { ...purpose, bound: '' } },
  ])('what was solved for $of is no solution', async ({ other }) => {
    await using rig = await start()
    const answer = await rig.solve(await rig.check.offer(other, COUNTERS), other)
    expect(await rig.check.judge(answer, purpose)).toEqual({ outcome: 'robot' })
  })

  test.each(['', ' ', '0', 'null', 'e30=', 'W10=', '{}', '\u0000', 'x'.repeat(4_096), Buffer.from('{"challenge":{},"solution":{}}').toString('base64'), '__proto__'])('%j is no solution, and breaks nothing', async (answer) => {
    await using rig = await start()
    expect(await rig.check.judge(answer, purpose)).toEqual({ outcome: 'robot' })
  })
}

import { expect, test } from 'vitest'
import { openTestFactors } from '../../src/testing/open-factors.ts'
import { describeEachEngine } from '../../src/testing/server-database.ts'

const RACERS = 200
/** A few rounds here; the full hundred is `npm run faults -- races`. */
const ROUNDS = 3

/** Scoreboard S10. Two services stand over the store, as two processes do. */
describeEachEngine('of 200 at once', (dialect) => {
  test.each(['one challenge', 'a challenge each'])('exactly one is let in by a code of the app, with %s', async (how) => {
    await using open = await openTestFactors(dialect)
    const { seed } = await open.enrolApp(await open.addAccount('acc_1'))
    const processes = [open.factors, open.another()]
    for (let round = 0; round < ROUNDS; round += 1) {
      const shared = await open.challenge('acc_1')
      const challenges = await Promise.all(Array.from({ length: RACERS }, async () => (how === 'one challenge' ? shared : open.challenge('acc_1'))))
      const code = open.code(seed)
      const outcomes = await Promise.all(challenges.map((challenge, index) => open.complete(challenge, { code }, processes[index % 2])))
      expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(1)
      // Far enough on that whoever lost may try again.
      open.clock.advance(86_400_000)
    }
  }, 60_000)

  test('exactly one is let in by a recovery code', async () => {
    await using open = await openTestFactors(dialect)
    const caller = await open.addAccount('acc_1')
    const { recoveryCodes } = await open.enrolApp(caller)
    for (const recoveryCode of recoveryCodes.slice(0, ROUNDS)) {
      const challenges = await Promise.all(Array.from({ length: RACERS }, () => open.challenge('acc_1')))
      const outcomes = await Promise.all(challenges.map((challenge, index) => open.complete(challenge, { recoveryCode }, [open.factors, open.another()][index % 2])))
      expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(1)
      open.clock.advance(86_400_000)
    }
    expect((await open.factors.list(caller)).recoveryCodesLeft).toBe(10 - ROUNDS)
  }, 60_000)
})

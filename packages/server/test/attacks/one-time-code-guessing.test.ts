import { expect, test } from 'vitest'
import { openTestFactors } from '../../src/testing/open-factors.ts'
import { describeEachEngine } from '../../src/testing/server-database.ts'
import { factorTries } from '../../src/policy/limits.ts'

const HOUR = 3_600_000
const codeLike = (number: number) => String(number).padStart(6, '0')
const heard = (outcomes: readonly string[]) => outcomes.filter((outcome) => outcome === 'wrong-second-factor' || outcome === 'ok').length

/** Abuse case 47: whoever has the password guesses codes, by many sign-ins at once, over several processes, through restarts. */
describeEachEngine('guessing codes', (dialect) => {
  test('of 10,000 at once as many are looked at as are free, and the right one among the rest opens nothing', async () => {
    await using open = await openTestFactors(dialect)
    const { seed } = await open.enrolApp(await open.addAccount('acc_1'))
    const right = open.code(seed)
    const challenges = await Promise.all(Array.from({ length: 500 }, () => open.challenge('acc_1')))
    const processes = [open.factors, open.another(), open.another()]
    const outcomes: string[] = []
    for (let guess = 0; guess < 10_000; guess += 500) {
      // Many codes that are not the right one; behind the first 500 the right one stands among them.
      outcomes.push(...await Promise.all(challenges.map((challenge, index) => {
        const code = guess > 0 && index === 250 ? right : codeLike((Number(right) + 1 + guess + index) % 1_000_000)
        return open.complete(challenge, { code }, processes[index % processes.length])
      })))
    }
    expect(heard(outcomes)).toBe(factorTries.free)
    expect(outcomes).not.toContain('ok')
    // Control: the code was right, and is heard once the wait is over; its step is then another one.
    open.clock.advance(factorTries.delaySeconds[0] * 1_000)
    expect(await open.complete(await open.challenge('acc_1'), { code: open.code(seed) })).toBe('ok')
  }, 120_000)

  test('within any hour no more than ten are heard, and in the long run one a day; a restart changes nothing', async () => {
    await using open = await openTestFactors(dialect)
    const { seed } = await open.enrolApp(await open.addAccount('acc_1'))
    const heardAt: number[] = []
    for (let minute = 0; minute < 60 * 72; minute += minute < 180 ? 1 : 30) {
      for (let guess = 0; guess < (minute < 180 ? 2 : 1); guess += 1) {
        const code = codeLike((Number(open.code(seed)) + 7 + guess) % 1_000_000)
        if (await open.complete(await open.challenge('acc_1'), { code }, open.another()) === 'wrong-second-factor') heardAt.push(minute)
      }
      open.clock.advance((minute < 180 ? 1 : 30) * 60_000)
    }
    for (const from of heardAt) expect(heardAt.filter((minute) => minute >= from && minute < from + HOUR / 60_000).length).toBeLessThanOrEqual(10)
    expect(heardAt.filter((minute) => minute >= 60 * 36).length).toBeLessThanOrEqual(2)
    const events = await open.store.database.read.selectFrom('security_event').select('severity').where('type', '=', 'second-factor-refused').execute()
    expect(events).toHaveLength(heardAt.length)
    expect(events.filter(({ severity }) => severity === 'high').length).toBe(heardAt.length - 4)
  }, 120_000)

  test('who is kept waiting is told how long, and a recovery code or a passkey still opens', async () => {
    await using open = await openTestFactors(dialect)
    const caller = await open.addAccount('acc_1')
    const { seed, recoveryCodes: [recoveryCode = ''] } = await open.enrolApp(caller)
    const { passkey } = await open.enrolPasskey(caller)
    const exhaust = async () => { for (let guess = 0; guess < factorTries.free; guess += 1) await open.complete(await open.challenge('acc_1'), { code: codeLike((Number(open.code(seed)) + 7) % 1_000_000) }) }
    const withCode = async () => open.complete(await open.challenge('acc_1'), { code: open.code(seed) })
    await exhaust()
    await expect(open.factors.prove(caller, { accountId: 'acc_1', proof: { code: open.code(seed) }, host: 'localhost:8080' })).rejects.toMatchObject({ code: 'too-many-requests', members: { retryAfterSeconds: factorTries.delaySeconds[0] } })
    expect(await withCode()).toBe('too-many-requests')
    expect(await open.complete(await open.challenge('acc_1'), { recoveryCode })).toBe('ok')
    expect(await withCode()).toBe('ok')
    open.clock.advance(30_000)
    await exhaust()
    expect(await withCode()).toBe('too-many-requests')
    const challenge = await open.challenge('acc_1')
    expect(await open.complete(challenge, { assertion: await open.assertion(passkey, challenge) })).toBe('ok')
    expect(await withCode()).toBe('ok')
  })

  test('one account\'s wrong codes keep nobody else waiting', async () => {
    await using open = await openTestFactors(dialect)
    const mine = await open.enrolApp(await open.addAccount('acc_1'))
    const theirs = await open.enrolApp(await open.addAccount('acc_2'))
    for (let guess = 0; guess < 10; guess += 1) await open.complete(await open.challenge('acc_1'), { code: codeLike((Number(open.code(mine.seed)) + 7) % 1_000_000) })
    expect(await open.complete(await open.challenge('acc_2'), { code: open.code(theirs.seed) })).toBe('ok')
  })
})

import { expect, test } from 'vitest'
import { describeEachEngine } from '../../testing/server-database.ts'
import { fromBase32, HOST, openTestFactors, outcomeOf } from '../../testing/open-factors.ts'
import { createFactorStore } from './store.ts'

const countOf = (outcomes: readonly string[], outcome: string) => outcomes.filter((one) => one === outcome).length

describeEachEngine('setting up an authenticator app', (dialect) => {
  test('takes a code of it, and gives ten recovery codes with the first factor alone', async () => {
    await using open = await openTestFactors(dialect)
    const caller = await open.addAccount('acc_1')
    expect(await open.factors.list(caller)).toEqual({ items: [], recoveryCodesLeft: 0, isRequired: false })
    const begun = await open.factors.beginTotp(caller, { name: 'Phone' })
    // Not before it was confirmed: else a mistake would lock its owner out.
    expect(await outcomeOf(open.factors.demand('acc_1', 'sign-in'))).toBe('ok')
    expect(await outcomeOf(open.factors.confirmTotp(caller, { factorId: begun.factorId, code: '000000' }))).toBe('wrong-second-factor')
    const { recoveryCodes, factorId } = await open.enrolApp(caller)
    expect(factorId).not.toBe(begun.factorId)
    expect(new Set(recoveryCodes).size).toBe(10)
    expect(await open.factors.list(caller)).toMatchObject({ items: [{ id: factorId, kind: 'totp', name: 'App', domain: null, suspendedAt: null }], recoveryCodesLeft: 10 })
    expect(await outcomeOf(open.factors.confirmTotp(caller, { factorId: begun.factorId, code: '000000' }))).toBe('not-found')
    expect(await outcomeOf(open.factors.confirmTotp(caller, { factorId, code: '000000' }))).toBe('not-found')
    expect((await open.enrolApp(caller)).recoveryCodes).toEqual([])
    expect(open.told).toEqual(['acc_1', 'acc_1'])
  })

  test('ends after a quarter of an hour, is one\'s own, and says so when the clock of the app is wrong', async () => {
    await using open = await openTestFactors(dialect)
    const [caller, stranger] = [await open.addAccount('acc_1'), await open.addAccount('acc_2')]
    const { factorId, secret } = await open.factors.beginTotp(caller, { name: 'Phone' })
    const seed = fromBase32(secret)
    expect(await outcomeOf(open.factors.confirmTotp(stranger, { factorId, code: open.code(seed) }))).toBe('not-found')
    await expect(open.factors.confirmTotp(caller, { factorId, code: open.code(seed, 6) })).rejects.toThrow('about 3 minutes ahead of')
    await expect(open.factors.confirmTotp(caller, { factorId, code: open.code(seed, -4) })).rejects.toThrow('about 2 minutes behind')
    open.clock.advance(15 * 60_000)
    expect(await outcomeOf(open.factors.confirmTotp(caller, { factorId, code: open.code(seed) }))).toBe('not-found')
  })

  test('of 40 confirmations at once one goes through', async () => {
    await using open = await openTestFactors(dialect)
    const caller = await open.addAccount('acc_1')
    const { factorId, secret } = await open.factors.beginTotp(caller, { name: 'Phone' })
    const code = open.code(fromBase32(secret))
    const outcomes = await Promise.all(Array.from({ length: 40 }, () => outcomeOf(open.factors.confirmTotp(caller, { factorId, code }))))
    expect(countOf(outcomes, 'ok')).toBe(1)
    expect(await open.factors.list(caller)).toMatchObject({ recoveryCodesLeft: 10 })
  })
})

describeEachEngine('a sign-in in two steps', (dialect) => {
  test('asks nothing of an account without a factor, and names what the other one has', async () => {
    await using open = await openTestFactors(dialect)
    await open.addAccount('acc_1')
    const caller = await open.addAccount('acc_2')
    await open.enrolApp(caller)
    await expect(open.factors.demand('acc_1', 'sign-in')).resolves.toBeUndefined()
    await expect(open.factors.demand('acc_2', 'sign-in')).rejects.toMatchObject({ code: 'second-factor-needed', members: { factors: ['totp', 'recovery-code'], challenge: expect.stringMatching(/^[\w-]{43}$/) } })
    await open.enrolPasskey(caller)
    await expect(open.factors.demand('acc_2', 'sign-in')).rejects.toMatchObject({ members: { factors: ['totp', 'passkey', 'recovery-code'] } })
  })

  test('a code counts once, in the step before, the present one and the next, and never again for an earlier step', async () => {
    await using open = await openTestFactors(dialect)
    const { seed } = await open.enrolApp(await open.addAccount('acc_1'))
    const attempt = async (code: string) => open.complete(await open.challenge('acc_1'), { code })
    const now = open.code(seed)
    expect(await attempt(now)).toBe('ok')
    expect(await attempt(now)).toBe('wrong-second-factor')
    // The step before is gone with the one that was used (RFC 6238, section 5.2).
    expect(await attempt(open.code(seed, -1))).toBe('wrong-second-factor')
    expect(await attempt(open.code(seed, 1))).toBe('ok')
    open.clock.advance(60_000)
    expect(await attempt(open.code(seed, -1))).toBe('wrong-second-factor')
    expect(await attempt(open.code(seed, 2))).toBe('wrong-second-factor')
    expect(await attempt(open.code(seed, 0))).toBe('ok')
  })

  test('a challenge is for one account, one purpose, five minutes, five tries and one success', async () => {
    await using open = await openTestFactors(dialect)
    const one = await open.enrolApp(await open.addAccount('acc_1'))
    const two = await open.enrolApp(await open.addAccount('acc_2'))
    const first = await open.challenge('acc_1')
    expect(await open.complete(first, { code: open.code(two.seed) })).toBe('wrong-second-factor')
    expect(await open.complete(`A${first.slice(1)}`, { code: open.code(one.seed) })).toBe('sign-in-expired')
    expect(await open.complete(await open.challenge('acc_1', 'token'), { code: open.code(one.seed) })).toBe('sign-in-expired')
    expect(await open.complete(first, { code: open.code(one.seed) })).toBe('ok')
    open.clock.advance(30_000)
    expect(await open.complete(first, { code: open.code(one.seed) })).toBe('sign-in-expired')
    const late = await open.challenge('acc_1')
    open.clock.advance(300_000)
    expect(await open.complete(late, { code: open.code(one.seed) })).toBe('sign-in-expired')
    const tried = await open.challenge('acc_1')
    for (let time = 0; time < 5; time += 1) expect(await open.complete(tried, { recoveryCode: '0000000000000000' })).toBe('wrong-second-factor')
    expect(await open.complete(tried, { code: open.code(one.seed) })).toBe('sign-in-expired')
    // Control: the code itself was right.
    expect(await open.complete(await open.challenge('acc_1'), { code: open.code(one.seed) })).toBe('ok')
  })

  test('ends with the credentials that it was begun with', async () => {
    await using open = await openTestFactors(dialect)
    const { seed } = await open.enrolApp(await open.addAccount('acc_1'))
    const challenge = await open.challenge('acc_1')
    await open.store.database.write([createFactorStore(open.store.database).dropChallenges('acc_1')])
    expect(await open.complete(challenge, { code: open.code(seed) })).toBe('sign-in-expired')
  })

  test('a recovery code counts once, however it is written; new ones end the old ones', async () => {
    await using open = await openTestFactors(dialect)
    const caller = await open.addAccount('acc_1')
    const { recoveryCodes: [first = '', second = '', third = ''] } = await open.enrolApp(caller)
    const attempt = async (recoveryCode: string) => open.complete(await open.challenge('acc_1'), { recoveryCode })
    expect(await attempt(first)).toBe('ok')
    expect(await attempt(first)).toBe('wrong-second-factor')
    expect(await attempt(second.toLowerCase().replaceAll('-', ' '))).toBe('ok')
    expect((await open.factors.list(caller)).recoveryCodesLeft).toBe(8)
    const { recoveryCodes: [fresh = ''] } = await open.factors.renewRecoveryCodes(caller)
    expect(await attempt(third)).toBe('wrong-second-factor')
    expect(await attempt(fresh)).toBe('ok')
    expect((await open.factors.list(caller)).recoveryCodesLeft).toBe(9)
    const rows = await open.store.database.read.selectFrom('audit_entry').select('action').where('action', '=', 'recovery-code-used').execute()
    expect(rows).toHaveLength(3)
  })

  test('no row holds a seed, a code or a challenge', async () => {
    await using open = await openTestFactors(dialect)
    const caller = await open.addAccount('acc_1')
    const { seed, recoveryCodes } = await open.enrolApp(caller)
    const challenge = await open.challenge('acc_1')
    const { read } = open.store.database
    const rows = JSON.stringify([await read.selectFrom('factor').selectAll().execute(), await read.selectFrom('recovery_code').selectAll().execute(), await read.selectFrom('factor_challenge').selectAll().execute()],
      (_, value: unknown) => (typeof value === 'object' && value !== null && 'data' in value ? Buffer.from(value.data as number[]).toString('latin1') : value))
    for (const secret of [seed.toString('base64'), seed.toString('latin1'), challenge, ...recoveryCodes, ...recoveryCodes.map((code) => code.replaceAll('-', ''))]) expect(rows.includes(JSON.stringify(secret).slice(1, -1))).toBe(false)
  })

  test('a seed that is moved to somebody else\'s row opens nothing', async () => {
    await using open = await openTestFactors(dialect)
    const mine = await open.enrolApp(await open.addAccount('acc_1'))
    const theirs = await open.enrolApp(await open.addAccount('acc_2'))
    const { read } = open.store.database
    const { secret_sealed } = await read.selectFrom('factor').select('secret_sealed').where('id', '=', mine.factorId).executeTakeFirstOrThrow()
    await open.store.database.write([{ query: read.updateTable('factor').set({ secret_sealed }).where('id', '=', theirs.factorId).compile() }])
    await expect(open.complete(await open.challenge('acc_2'), { code: open.code(mine.seed) })).rejects.toMatchObject({ name: 'SealBroken' })
  })
})

describeEachEngine('letting go of factors', (dialect) => {
  test('recovery codes go with the last one, and the account asks for nothing any more', async () => {
    await using open = await openTestFactors(dialect)
    const [caller, stranger] = [await open.addAccount('acc_1'), await open.addAccount('acc_2')]
    const app = await open.enrolApp(caller)
    const key = await open.enrolPasskey(caller)
    expect(await outcomeOf(open.factors.remove(stranger, app.factorId))).toBe('not-found')
    await open.factors.remove(caller, app.factorId)
    expect(await open.factors.list(caller)).toMatchObject({ items: [{ id: key.factorId }], recoveryCodesLeft: 10 })
    await open.factors.remove(caller, key.factorId)
    expect(await open.factors.list(caller)).toEqual({ items: [], recoveryCodesLeft: 0, isRequired: false })
    expect(await outcomeOf(open.factors.demand('acc_1', 'sign-in'))).toBe('ok')
    expect(await outcomeOf(open.factors.remove(caller, key.factorId))).toBe('not-found')
    expect(await outcomeOf(open.factors.renewRecoveryCodes(caller))).toBe('conflict')
  })

  test('the last one stays where the role demands one, also when the last two are removed at once', async () => {
    await using open = await openTestFactors(dialect, ['administrator'])
    const caller = await open.addAccount('acc_1', 'administrator')
    for (let round = 0; round < 10; round += 1) {
      const held = (await open.factors.list(caller)).items
      const kept = held[0]?.id ?? (await open.enrolPasskey(caller)).factorId
      const other = (await open.enrolPasskey(caller)).factorId
      const outcomes = await Promise.all([kept, other].map((id) => outcomeOf(open.factors.remove(caller, id))))
      expect(outcomes.toSorted()).toEqual(['conflict', 'ok'])
      expect(await open.factors.list(caller)).toMatchObject({ items: [expect.anything()], isRequired: true, recoveryCodesLeft: 10 })
    }
    // Control: a role that demands none lets go of the last one.
    const member = await open.addAccount('acc_2')
    const { factorId } = await open.enrolPasskey(member)
    expect(await outcomeOf(open.factors.remove(member, factorId))).toBe('ok')
  })

  test('a reset takes everything, and is for those who manage the role', async () => {
    await using open = await openTestFactors(dialect)
    const [owner, administrator, member] = [await open.addAccount('acc_1', 'owner'), await open.addAccount('acc_2', 'administrator'), await open.addAccount('acc_3')]
    for (const caller of [owner, administrator, member]) await open.enrolApp(caller)
    const challenge = await open.challenge('acc_3')
    expect(await outcomeOf(open.factors.reset(administrator, 'acc_1'))).toBe('not-allowed')
    expect(await outcomeOf(open.factors.reset(administrator, 'acc_2'))).toBe('not-allowed')
    expect(await outcomeOf(open.factors.reset(member, 'acc_3'))).toBe('not-allowed')
    expect(await outcomeOf(open.factors.reset(owner, 'acc_1'))).toBe('not-allowed')
    expect(await outcomeOf(open.factors.reset(owner, 'acc_9'))).toBe('not-found')
    expect(await open.factors.reset(administrator, 'acc_3')).toEqual({ removed: 1 })
    expect(await open.factors.reset(owner, 'acc_2')).toEqual({ removed: 1 })
    expect(await open.factors.reset({ ...owner, credential: { kind: 'local', id: 'socket' } }, 'acc_1')).toEqual({ removed: 1 })
    expect(await open.factors.list(member)).toMatchObject({ items: [], recoveryCodesLeft: 0 })
    expect(await open.complete(challenge, { code: '000000' })).toBe('sign-in-expired')
    const rows = await open.store.database.read.selectFrom('audit_entry').select('actor').where('action', '=', 'factors-reset').execute()
    expect(rows.map(({ actor }) => actor)).toEqual(['acc_2', 'acc_1', 'acc_1'])
  })

  test('a name may be changed, of one\'s own alone; and there is an end to how many there are', async () => {
    await using open = await openTestFactors(dialect)
    const [caller, stranger] = [await open.addAccount('acc_1'), await open.addAccount('acc_2')]
    const { factorId } = await open.enrolApp(caller)
    expect(await open.factors.rename(caller, factorId, 'Old phone')).toMatchObject({ name: 'Old phone' })
    expect(await outcomeOf(open.factors.rename(stranger, factorId, 'Mine'))).toBe('not-found')
    for (let more = 0; more < 2; more += 1) await open.enrolApp(caller)
    expect(await outcomeOf(open.factors.beginTotp(caller, { name: 'Fourth' }))).toBe('conflict')
    expect(await outcomeOf(open.factors.beginPasskey(caller, '127.0.0.1:8080'))).toBe('conflict')
    expect(await outcomeOf(open.factors.beginPasskey(caller, HOST))).toBe('ok')
  })
})

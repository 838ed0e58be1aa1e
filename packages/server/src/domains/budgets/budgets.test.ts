import { expect, test } from 'vitest'
import type { Caller } from '../../kernel/handler.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { callerLike } from '../../testing/caller.ts'
import { describeEachEngine, idLike, openTestStore } from '../../testing/server-database.ts'
import { createBudgets, type Budgets } from './index.ts'

const DAY = 86_400_000
const NOON = Date.UTC(2026, 10, 21, 12)
const MODEL = 'openai/model-a'
const ACCOUNT = idLike('acc', 1)
const OTHER = idLike('acc', 2)
const isSubject = () => Promise.resolve(true)

describeEachEngine('budgets', (dialect) => {
  const open = async () => {
    const store = await openTestStore(dialect)
    await store.addAccount(ACCOUNT)
    await store.addAccount(OTHER)
    let at = NOON
    const clock = { now: () => at, monotonic: () => at }
    const budgets = createBudgets({ database: store.database, clock, isSubject, namesOf: () => Promise.resolve(new Map()) })
    const caller = callerLike(ACCOUNT, 'member')
    const tokens = (amount: number | null, more: Partial<Parameters<Budgets['set']>[1]> = {}) => budgets.set(caller, { scope: 'account', subject: ACCOUNT, period: 'day', unit: 'tokens', amount, ...more })
    const usedOf = async () => Object.fromEntries((await budgets.list()).map(({ scope, unit, used }) => [`${scope} ${unit}`, used]))
    return { ...store, budgets, caller, tokens, usedOf, move: (milliseconds: number) => { at += milliseconds }, another: () => createBudgets({ database: store.database, clock, isSubject, namesOf: () => Promise.resolve(new Map()) }), [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() }
  }
  const wanted = { model: MODEL, inputTokens: 20, outputTokens: 80 }
  const outcome = async (hold: Promise<unknown>) => hold.then(() => 'held', (error: unknown) => (error instanceof ProblemError ? error.code : error))

  test('of 200 at once against a budget for ten, from two processes, exactly ten are held', async () => {
    await using at = await open()
    await at.tokens(1_000)
    const processes = [at.budgets, at.another()]
    const outcomes = await Promise.all(Array.from({ length: 200 }, (_, index) => outcome((processes[index % 2] ?? at.budgets).hold(at.caller, wanted))))
    expect(outcomes.filter((one) => one === 'held')).toHaveLength(10)
    expect(outcomes.filter((one) => one === 'budget-spent')).toHaveLength(190)
    expect(await at.usedOf()).toEqual({ 'account tokens': 1_000 })
  })

  test('what was used takes the place of what was held, and what never began is given back', async () => {
    await using at = await open()
    await at.tokens(1_000)
    const [used, dropped, crashed] = [await at.budgets.hold(at.caller, wanted), await at.budgets.hold(at.caller, wanted), await at.budgets.hold(at.caller, wanted)]
    await at.database.write(used?.settle(30, 7) ?? [])
    used?.release()
    dropped?.release()
    await at.database.write([])
    await expect.poll(at.usedOf).toEqual({ 'account tokens': 37 + 100 })
    expect(crashed).not.toBeNull()
  })

  test('the tightest of all that pay for a caller holds, and it takes from all or from none', async () => {
    await using at = await open()
    const group = idLike('grp', 1)
    await at.database.write([
      { query: at.database.read.insertInto('account_group').values({ id: group, name_sealed: Buffer.from('Bees'), name_lookup: 'Bees', role: null, created_at: 1 }).compile() },
      { query: at.database.read.insertInto('account_group_member').values({ group_id: group, account_id: ACCOUNT, source: 'hand', added_at: 1 }).compile() },
    ])
    const byKey: Caller = { ...at.caller, credential: { kind: 'api-key', id: idLike('key', 1) }, keyId: idLike('key', 1) }
    await at.tokens(500)
    await at.tokens(10_000, { scope: 'all', subject: '' })
    await at.tokens(9_000, { scope: 'role', subject: 'member' })
    await at.tokens(8_000, { scope: 'group', subject: group })
    await at.tokens(100, { scope: 'key', subject: idLike('key', 1) })
    await at.tokens(5_000, { scope: 'role', subject: 'owner' })
    expect((await at.budgets.of(at.caller)).map(({ scope }) => scope).toSorted()).toEqual(['account', 'all', 'group', 'role'])
    await at.budgets.hold(byKey, wanted)
    expect(await outcome(at.budgets.hold(byKey, wanted))).toBe('budget-spent')
    // The refused one has used nothing of the others.
    expect((await at.budgets.list()).filter(({ used }) => used > 0).map(({ scope, used }) => [scope, used]).toSorted()).toEqual([['account', 100], ['all', 100], ['group', 100], ['key', 100], ['role', 100]])
    expect(await at.budgets.hold(callerLike(OTHER, 'guest'), wanted)).not.toBeNull()
    expect((await at.budgets.list()).find(({ scope }) => scope === 'all')?.used).toBe(200)
  })

  test('an answer gets what is left, is refused when that is next to nothing, and grows only while there is room', async () => {
    await using at = await open()
    await at.tokens(150)
    const first = await at.budgets.hold(at.caller, wanted)
    const second = await at.budgets.hold(at.caller, wanted)
    expect([first?.outputTokens, second?.outputTokens]).toEqual([80, 30])
    expect([await second?.extend(0, 1), await outcome(at.budgets.hold(at.caller, { ...wanted, inputTokens: 1 }))]).toEqual([false, 'budget-spent'])
    await at.database.write(first?.settle(20, 10) ?? [])
    expect([await second?.extend(0, 60), await second?.extend(0, 20)]).toEqual([true, false])
    await at.database.write(second?.settle(20, 90) ?? [])
    expect(await at.usedOf()).toEqual({ 'account tokens': 140 })
  })

  test('money follows the price of the day, a model\'s own before its provider\'s', async () => {
    await using at = await open()
    await at.budgets.setPrice(at.caller, { model: MODEL, from: '2026-11-01', inputPerMillion: 1_000, outputPerMillion: 10_000 })
    await at.budgets.setPrice(at.caller, { model: MODEL, from: '2026-11-22', inputPerMillion: 2_000, outputPerMillion: 20_000 })
    await at.budgets.setPrice(at.caller, { model: 'openai/*', from: '2026-01-01', inputPerMillion: 1, outputPerMillion: 1 })
    await at.tokens(null)
    await at.tokens(100, { scope: 'all', subject: '', unit: 'money', period: 'month' })
    const spend = async (model: string) => {
      const hold = await at.budgets.hold(at.caller, { model, inputTokens: 1_000, outputTokens: 1_000 })
      await at.database.write(hold?.settle(1_000, 100) ?? [])
      return (await at.usedOf())['all money']
    }
    expect([await spend(MODEL), await spend('openai/other'), await spend('house/free')]).toEqual([2, 2.0011, 2.0011])
    at.move(DAY)
    expect(await spend(MODEL)).toBeCloseTo(6.0011, 6)
  })

  test('a day begins anew at midnight and a month on its first, in UTC', async () => {
    await using at = await open()
    await at.tokens(100)
    await at.tokens(250, { period: 'month' })
    const ask = () => outcome(at.budgets.hold(at.caller, wanted))
    expect([await ask(), await ask()]).toEqual(['held', 'budget-spent'])
    at.move(DAY / 2 - 1)
    expect(await ask()).toBe('budget-spent')
    at.move(1)
    expect([await ask(), await ask()]).toEqual(['held', 'budget-spent'])
    at.move(DAY)
    // Of the month fifty are left: the answer is as long as they let it be.
    expect((await at.budgets.hold(at.caller, wanted))?.outputTokens).toBe(30)
    at.move(DAY * 8)
    expect([await ask(), await ask()]).toEqual(['held', 'budget-spent'])
  })

  test('at four fifths everybody concerned is told, and the security log once', async () => {
    await using at = await open()
    await at.tokens(1_000)
    const notices = []
    for (let turn = 0; turn < 10; turn += 1) notices.push((await at.budgets.hold(at.caller, wanted))?.notices.length)
    expect(notices).toEqual([0, 0, 0, 0, 0, 0, 0, 1, 1, 1])
    expect(await at.database.read.selectFrom('security_event').select(['type', 'account_id']).execute()).toEqual([{ type: 'budget-nearly-spent', account_id: ACCOUNT }])
  })

  test('one\'s own cap can be tighter than the budget of others, and never wider', async () => {
    await using at = await open()
    await at.tokens(100)
    await at.budgets.setOwn(at.caller, { period: 'day', unit: 'tokens', amount: 1_000 })
    await at.budgets.hold(at.caller, wanted)
    expect(await outcome(at.budgets.hold(at.caller, wanted))).toBe('budget-spent')
    await at.tokens(null)
    await at.budgets.setOwn(at.caller, { period: 'day', unit: 'tokens', amount: 50 })
    expect(await outcome(at.budgets.hold(at.caller, wanted))).toBe('budget-spent')
    await at.budgets.setOwn(at.caller, { period: 'day', unit: 'tokens', amount: null })
    expect(await at.budgets.hold(at.caller, wanted)).toBeNull()
  })

  const [HERE, THERE, KEY] = [{ provider: 'here', credentialId: idLike('pvc', 1) }, { provider: 'there', credentialId: null }, { provider: 'here', credentialId: idLike('pvc', 2) }]
  const ofProvider = (subject: string) => ({ scope: 'provider', subject }) as const

  test('what goes to a provider, or with one version of its key, is limited whoever asks', async () => {
    await using at = await open()
    await at.tokens(300, ofProvider('here'))
    await at.tokens(200, { scope: 'credential', subject: HERE.credentialId })
    const ask = (payer: typeof HERE | typeof THERE, caller = at.caller) => outcome(at.budgets.hold(caller, { ...wanted, payer }))
    expect([await ask(HERE), await ask(HERE, callerLike(OTHER, 'member')), await ask(HERE)]).toEqual(['held', 'held', 'budget-spent'])
    // Another key of it has room, until the provider has none.
    expect([await ask(KEY), await ask(KEY), await ask(THERE)]).toEqual(['held', 'budget-spent', 'held'])
    expect(await at.usedOf()).toEqual({ 'provider tokens': 300, 'credential tokens': 200 })
    expect(await at.budgets.of(at.caller), 'it is no reader\'s business').toEqual([])
    expect((await at.database.read.selectFrom('security_event').select('type').execute()).map(({ type }) => type)).toEqual(['budget-nearly-spent', 'budget-nearly-spent'])
  })

  test('of 200 at once for one provider, by two accounts and from two processes, exactly ten are held', async () => {
    await using at = await open()
    await at.tokens(1_000, ofProvider('here'))
    const processes = [at.budgets, at.another()]
    const outcomes = await Promise.all(Array.from({ length: 200 }, (_, index) => outcome((processes[index % 2] ?? at.budgets).hold(index % 3 === 0 ? callerLike(OTHER, 'member') : at.caller, { ...wanted, payer: HERE }))))
    expect(outcomes.filter((one) => one === 'held')).toHaveLength(10)
    expect(await at.usedOf()).toEqual({ 'provider tokens': 1_000 })
  })

  test('a model that takes over is paid from its own provider\'s budget, all of it or nothing', async () => {
    await using at = await open()
    await at.tokens(1_000)
    await at.tokens(1_000, ofProvider('here'))
    await at.tokens(150, ofProvider('there'))
    const byProvider = async () => Object.fromEntries((await at.budgets.list()).map(({ scope, subject, used }) => [scope === 'provider' ? subject : scope, used]))
    const ask = { ...wanted, payer: HERE, others: [{ id: 'there/model-b', payer: THERE }] }
    const [one, other] = [await at.budgets.hold(at.caller, ask), await at.budgets.hold(at.caller, ask)]
    expect(await one?.moveTo(THERE)).toBe(true)
    expect(await byProvider()).toEqual({ account: 200, here: 100, there: 100 })
    expect(await other?.moveTo(THERE)).toBe(false)
    expect(await byProvider()).toEqual({ account: 200, here: 100, there: 100 })
    expect([await one?.extend(0, 60), await one?.extend(0, 10)]).toEqual([false, true])
    await at.database.write([...one?.settle(20, 5, 'there/model-b') ?? [], ...other?.settle(20, 7) ?? []])
    expect(await byProvider()).toEqual({ account: 52, here: 27, there: 25 })
  })

  test('a budget of a provider that only takes over holds too, where no other does', async () => {
    await using at = await open()
    await at.tokens(150, ofProvider('there'))
    const ask = () => at.budgets.hold(at.caller, { ...wanted, payer: HERE, others: [{ id: 'there/model-b', payer: THERE }] })
    const [one, other] = [await ask(), await ask()]
    expect([one?.outputTokens, await one?.moveTo(THERE), await other?.moveTo(THERE)]).toEqual([80, true, false])
    await at.database.write([...one?.settle(20, 5) ?? [], ...other?.settle(20, 5) ?? []])
    expect(await at.usedOf()).toEqual({ 'provider tokens': 25 })
    expect(await at.budgets.hold(at.caller, { ...wanted, payer: HERE })).toBeNull()
  })
})

import { expect, test } from 'vitest'
import { WriteConflict, type WriteStep } from '../../database/database.ts'
import { describeEachEngine, openTestStore, type TestStore } from '../../testing/server-database.ts'
import { createFactorStore } from './store.ts'
import type { FactorTable } from './tables.ts'

const row = (id: string, account_id: string, fields: Partial<FactorTable> = {}): FactorTable => ({
  id, account_id, kind: 'totp', name_sealed: Buffer.from(id), secret_sealed: Buffer.from(id), counter: 5, credential_digest: null, domain: null, is_synced: 0, created_at: 1, confirmed_at: 1, last_used_at: null, suspended_at: null, ...fields,
})
const hash = (text: string) => Buffer.from(text.padEnd(32, '.'))
/** Two accounts with one of each: what is done for one must leave the other as it is. */
const rows = [
  row('fac_1', 'acc_1'), row('fac_2', 'acc_1', { kind: 'passkey', credential_digest: hash('two') }), row('fac_3', 'acc_1', { confirmed_at: null }),
  row('fac_7', 'acc_2'), row('fac_8', 'acc_2', { kind: 'passkey', credential_digest: hash('eight'), confirmed_at: null }), row('fac_9', 'acc_2', { confirmed_at: null }),
]

async function withFactors(store: TestStore) {
  for (const id of ['acc_1', 'acc_2']) await store.addAccount(id)
  const factors = createFactorStore(store.database)
  const write = async (...steps: readonly (WriteStep | readonly WriteStep[])[]) => { await store.database.write(steps.flat()) }
  await write(rows.map(factors.insert), ...['acc_1', 'acc_2'].map((id) => factors.putRecoveryCodes(id, [hash(`${id} a`), hash(`${id} b`)], 1)))
  return {
    factors, write,
    refused: async (step: WriteStep) => { await expect(write(step)).rejects.toBeInstanceOf(WriteConflict) },
    /** What was changed, as ids and what is left of the row. */
    left: async () => (await store.database.read.selectFrom('factor').select(['id', 'name_sealed', 'confirmed_at', 'counter']).orderBy('id').execute()).map(({ id, name_sealed: name, confirmed_at, counter }) => `${id} ${name.toString()} ${String(confirmed_at)} ${String(counter)}`),
    codesLeft: async () => [await factors.recoveryCodesLeft('acc_1'), await factors.recoveryCodesLeft('acc_2')],
  }
}
const untouched = rows.map(({ id, name_sealed: name, confirmed_at, counter }) => `${id} ${name.toString()} ${String(confirmed_at)} ${String(counter)}`)
const without = (...ids: readonly string[]) => untouched.filter((line) => !ids.includes(line.slice(0, 5)))

describeEachEngine('the store of factors', (dialect) => {
  test('finds an account\'s own, and those alone that prove something', async () => {
    await using store = await openTestStore(dialect)
    const { factors } = await withFactors(store)
    expect((await factors.ofAccount('acc_1')).map(({ id }) => id)).toEqual(['fac_1', 'fac_2'])
    expect((await factors.byId('acc_1', 'fac_3'))?.id).toBe('fac_3')
    expect(await factors.byId('acc_2', 'fac_1')).toBeUndefined()
    expect((await factors.byCredential(hash('two')))?.id).toBe('fac_2')
    expect(await factors.byCredential(hash('eight'))).toBeUndefined()
  })

  test('changes no other account\'s, and nothing twice', async () => {
    await using store = await openTestStore(dialect)
    const { factors, write, refused, left } = await withFactors(store)
    const used = { at: 9, counter: 9 }
    for (const step of [
      factors.confirm('acc_2', 'fac_3', used), factors.confirm('acc_1', 'fac_1', used), factors.advance('fac_3', used), factors.advance('fac_1', { at: 9, counter: 5 }),
      factors.rename('acc_2', 'fac_1', Buffer.from('Mine now')), factors.remove('acc_2', 'fac_1'),
    ]) await refused(step)
    expect(await left()).toEqual(untouched)
    await write(factors.confirm('acc_1', 'fac_3', used))
    expect(await left()).toEqual(untouched.map((line) => (line.startsWith('fac_3') ? 'fac_3 fac_3 9 9' : line)))
    await write(factors.suspend('fac_3', 9))
    await refused(factors.advance('fac_3', { at: 10, counter: 10 }))
    await refused(factors.suspend('fac_3', 10))
  })

  test('removes what it was asked to, of the account alone', async () => {
    await using store = await openTestStore(dialect)
    const { factors, write, left } = await withFactors(store)
    await write(factors.removeUnconfirmed('acc_1'))
    expect(await left()).toEqual(without('fac_3'))
    await write(factors.remove('acc_1', 'fac_2'))
    expect(await left()).toEqual(without('fac_2', 'fac_3'))
    await write(factors.removeAll('acc_1'))
    expect(await left()).toEqual(without('fac_1', 'fac_2', 'fac_3'))
  })

  test('lets one go where another one works: of the account, confirmed, and no copy', async () => {
    await using store = await openTestStore(dialect)
    const { factors, write, refused } = await withFactors(store)
    await write(factors.requireAnother('acc_1', 'fac_1'))
    await refused(factors.requireAnother('acc_2', 'fac_1'))
    // The others of the second account were never confirmed, and what the first one has is not theirs.
    await refused(factors.requireAnother('acc_2', 'fac_7'))
    await write(factors.suspend('fac_2', 9))
    await refused(factors.requireAnother('acc_1', 'fac_1'))
  })

  test('counts, takes and drops recovery codes of one account', async () => {
    await using store = await openTestStore(dialect)
    const { factors, write, refused, codesLeft } = await withFactors(store)
    expect([await factors.hasRecoveryCode('acc_1', hash('acc_1 a')), await factors.hasRecoveryCode('acc_2', hash('acc_1 a')), await factors.hasRecoveryCode('acc_1', hash('other'))]).toEqual([true, false, false])
    await refused(factors.takeRecoveryCode('acc_2', hash('acc_1 a')))
    await write(factors.takeRecoveryCode('acc_1', hash('acc_1 a')))
    await refused(factors.takeRecoveryCode('acc_1', hash('acc_1 a')))
    expect(await codesLeft()).toEqual([1, 2])
    // While there is a factor of its own that was confirmed, they are needed.
    await write(factors.dropNeedlessRecoveryCodes('acc_1'))
    expect(await codesLeft()).toEqual([1, 2])
    await write(factors.remove('acc_1', 'fac_1'), factors.remove('acc_1', 'fac_2'), factors.dropNeedlessRecoveryCodes('acc_1'))
    expect(await codesLeft()).toEqual([0, 2])
    await write(factors.putRecoveryCodes('acc_1', [hash('new')], 2), factors.dropRecoveryCodes('acc_1'))
    expect(await codesLeft()).toEqual([0, 2])
  })

  test('counts tries by account and kind, and forgives those of one account', async () => {
    await using store = await openTestStore(dialect)
    const { factors, write } = await withFactors(store)
    const failures = async () => Promise.all((['acc_1', 'acc_2'] as const).flatMap((id) => (['totp', 'recovery-code'] as const).map(async (kind) => (await factors.guardOf(id, kind))?.failures ?? null)))
    await write(factors.takeTry('acc_1', 'totp', 1))
    expect(await failures()).toEqual([1, null, null, null])
    await write(factors.takeTry('acc_1', 'recovery-code', 1), factors.takeTry('acc_2', 'totp', 1), factors.takeTry('acc_1', 'totp', 1))
    expect(await failures()).toEqual([2, 1, 1, null])
    await write(factors.forgiveTries('acc_1'))
    expect(await failures()).toEqual([null, null, 1, null])
  })

  test('takes tries from one challenge until it ends, and uses it up for its purpose', async () => {
    await using store = await openTestStore(dialect)
    const { factors, write, refused } = await withFactors(store)
    const challenge = (name: string, account_id: string) => ({ digest: hash(name), account_id, purpose: 'sign-in' as const, parent_digest: null, tries_left: 5, created_at: 1, expires_at: 10 })
    await write(factors.putChallenge(challenge('one', 'acc_1')), factors.putChallenge(challenge('two', 'acc_2')), factors.putChallenge(challenge('three', 'acc_2')))
    const tries = async () => Promise.all(['one', 'two', 'three'].map(async (name) => (await factors.challenge(hash(name)))?.tries_left ?? null))
    expect(await factors.challenge(hash('none'))).toBeUndefined()
    await write(factors.tryChallenge(hash('one'), 9))
    expect(await tries()).toEqual([4, 5, 5])
    for (const step of [factors.tryChallenge(hash('one'), 10), factors.takeChallenge(hash('one'), 'sign-in', 10), factors.takeChallenge(hash('one'), 'token', 9), factors.takeChallenge(hash('none'), 'sign-in', 9)]) await refused(step)
    await write(factors.takeChallenge(hash('two'), 'sign-in', 9))
    expect(await tries()).toEqual([4, null, 5])
    await write(factors.dropChallenges('acc_1'))
    expect(await tries()).toEqual([null, null, 5])
  })
})

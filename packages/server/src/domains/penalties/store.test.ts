import { expect, test } from 'vitest'
import type { PenaltyKind } from '../../policy/penalties.ts'
import { testServerSealer } from '../../testing/sealer.ts'
import { describeEachEngine, openTestStore, type TestStore } from '../../testing/server-database.ts'
import { createPenaltyStore } from './store.ts'

/** Two accounts with a key each, all of whom have something against them; and an address that is called like an account. */
async function withSome(store: TestStore) {
  const penalties = createPenaltyStore(store.database, testServerSealer)
  const held = (kind: PenaltyKind, subject: string) => penalties.add({ id: `${kind} ${subject}`, kind, subject, points: 1, points_at: 1, why: 'limit-reached', bans: 0, banned_at: null, banned_until: null })
  for (const [index, id] of ['acc_1', 'acc_2'].entries()) {
    await store.addAccount(id)
    await store.database.write([
      { query: store.database.read.insertInto('api_key').values({ id: `key_${id}`, account_id: id, name_sealed: Buffer.from('laptop'), start: 'slp_abc', digest: Buffer.alloc(32, index), created_at: 1 }).compile() },
      held('account', id), held('key', `key_${id}`),
    ])
  }
  await store.database.write([held('address', 'acc_1')])
  return penalties
}

describeEachEngine('the store of penalties', (dialect) => {
  test('gives what is held against those who are named, of their kind', async () => {
    await using store = await openTestStore(dialect)
    const penalties = await withSome(store)
    const of = async (...subjects: { readonly kind: PenaltyKind; readonly id: string }[]) => (await penalties.of(subjects)).map(({ id }) => id)
    expect([await of({ kind: 'account', id: 'acc_1' }), await of({ kind: 'address', id: 'acc_1' }), await of({ kind: 'key', id: 'acc_1' })]).toEqual([['account acc_1'], ['address acc_1'], []])
    expect((await of({ kind: 'account', id: 'acc_2' }, { kind: 'key', id: 'key_acc_2' })).toSorted()).toEqual(['account acc_2', 'key key_acc_2'])
  })

  test('with an account goes what is held against it and its keys, and nothing of others', async () => {
    await using store = await openTestStore(dialect)
    const penalties = await withSome(store)
    await store.database.write([penalties.removeOf('acc_1')])
    expect((await penalties.newest(9)).map(({ id }) => id).toSorted()).toEqual(['account acc_2', 'address acc_1', 'key key_acc_2'])
  })
})

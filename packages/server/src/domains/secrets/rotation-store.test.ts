import { expect, test } from 'vitest'
import { WriteConflict } from '../../database/database.ts'
import { describeEachEngine, openTestStore, type TestStore } from '../../testing/server-database.ts'
import { createRotationStore } from './rotation-store.ts'

describeEachEngine('the store of key rotations', (dialect) => {
  test('takes up owners with several versions, but for those whose rotation is under way', async () => {
    await using store = await openTestStore(dialect)
    const rotations = createRotationStore(store.database)
    for (const id of ['acc_1', 'acc_2', 'acc_3']) await store.addAccount(id)
    const key = (owner_id: string) => rotations.insertKey({ owner_id, version: 9, wrapped: Buffer.from('w'), created_at: 1 })
    await store.database.write([key('acc_1'), key('acc_2')])
    expect((await rotations.adoptable(10)).map(({ owner, version }) => [owner, version]).toSorted()).toEqual([['acc_1', 9], ['acc_2', 9]])
    await store.database.write([
      rotations.insertRun({ id: 'run_1', begun_at: 1, ended_at: null, owners: 1, owners_done: 0, values_done: 0, values_broken: 0 }),
      rotations.insertRotation({ owner_id: 'acc_1', run_id: 'run_1', stage: 'resealing', version: 9, position: 0, after_row: '', steps: 0, at: 1 }),
    ])
    expect((await rotations.adoptable(10)).map(({ owner }) => owner)).toEqual(['acc_2'])
    await store.database.write([rotations.dropRotation('acc_2'), rotations.putStage('acc_2', 9, { stage: 'retired', at: 1 })])
    expect(await rotations.adoptable(10)).toEqual([])
    expect((await rotations.rotations('resealing', 10)).map(({ owner_id }) => owner_id)).toEqual(['acc_1'])
  })

  /** Two owners with two versions and a rotation each. */
  const withTwo = async (store: TestStore) => {
    const rotations = createRotationStore(store.database)
    await store.database.write([rotations.insertRun({ id: 'run_1', begun_at: 1, ended_at: null, owners: 2, owners_done: 0, values_done: 0, values_broken: 0 })])
    for (const [index, owner] of ['acc_1', 'acc_2'].entries()) {
      await store.addAccount(owner)
      await store.database.write([
        rotations.insertKey({ owner_id: owner, version: 9, wrapped: Buffer.from('w'), created_at: Date.now() * 10 + index }), rotations.putStage(owner, 9, { stage: 'known', at: 1 }),
        rotations.insertRotation({ owner_id: owner, run_id: 'run_1', stage: 'planned', version: 9, position: 0, after_row: '', steps: 0, at: 1 }),
      ])
    }
    return rotations
  }

  test('a step is one owner\'s', async () => {
    await using store = await openTestStore(dialect)
    const rotations = await withTwo(store)
    const [first] = await rotations.rotations('planned', 10)
    if (first === undefined) throw new Error('One is planned.')
    await store.database.write([rotations.advance(first, { stage: 'known' })])
    expect((await rotations.rotations('known', 10)).map(({ owner_id }) => owner_id)).toEqual(['acc_1'])
    await expect(store.database.write([rotations.advance(first, { stage: 'known' })])).rejects.toBeInstanceOf(WriteConflict)
    await store.database.write([rotations.dropRotation('acc_1')])
    expect([...await rotations.rotations('known', 10), ...await rotations.rotations('planned', 10)].map(({ owner_id }) => owner_id)).toEqual(['acc_2'])
  })

  test('versions, their stages and their going are one owner\'s', async () => {
    await using store = await openTestStore(dialect)
    const rotations = await withTwo(store)
    const stagesOf = async (owner: string) => (await rotations.versions(owner)).filter(({ version }) => version === 9).map(({ stage }) => stage)
    const madeAt = await rotations.madeAt('acc_1')
    expect([madeAt === null, (await rotations.madeAt('acc_2')) === madeAt, await rotations.madeAt('acc_3')]).toEqual([false, false, null])
    await store.database.write([rotations.dropStage('acc_1', 9)])
    expect([await stagesOf('acc_1'), await stagesOf('acc_2')]).toEqual([[null], ['known']])
    await store.database.write([rotations.holdKey('acc_2', 9), rotations.removeKey('acc_1', 9)])
    expect([await stagesOf('acc_1'), await stagesOf('acc_2')]).toEqual([[], ['known']])
    await expect(store.database.write([rotations.holdKey('acc_1', 9)])).rejects.toBeInstanceOf(WriteConflict)
  })

  test('a plan is for one owner, or for everybody who has a key', async () => {
    await using store = await openTestStore(dialect)
    const rotations = createRotationStore(store.database)
    for (const id of ['acc_1', 'acc_2']) await store.addAccount(id)
    const planned = async () => (await rotations.rotations('planned', 10)).map(({ owner_id, run_id }) => [owner_id, run_id])
    await store.database.write(['run_1', 'run_2'].map((id) => rotations.insertRun({ id, begun_at: 1, ended_at: null, owners: 0, owners_done: 0, values_done: 0, values_broken: 0 })))
    expect([await rotations.countFree(null), await rotations.countFree('acc_1')]).toEqual([2, 1])
    await store.database.write([rotations.plan('run_1', 'acc_1', 1)])
    expect(await planned()).toEqual([['acc_1', 'run_1']])
    expect([await rotations.countFree(null), await rotations.countFree('acc_1'), await rotations.countFree('acc_2')]).toEqual([1, 0, 1])
    await store.database.write([rotations.plan('run_2', null, 1)])
    expect(await planned()).toEqual([['acc_1', 'run_1'], ['acc_2', 'run_2']])
  })
})

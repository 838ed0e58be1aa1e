import { expect, test } from 'vitest'
import { describeEachEngine, openTestStore } from '../../testing/server-database.ts'
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
})

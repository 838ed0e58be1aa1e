import { expect, test } from 'vitest'
import { describeEachEngine, openTestStore } from '../../testing/server-database.ts'
import { createGuardStore } from './guard-store.ts'

const [ann, bob] = [Buffer.from('a'.repeat(32)), Buffer.from('b'.repeat(32))]
const [phone, laptop] = [Buffer.from('p'.repeat(32)), Buffer.from('l'.repeat(32))]
const tries = (failures: number) => ({ moments: [failures], failures, lastAt: failures })

describeEachEngine('the store of tries', (dialect) => {
  test('tries are those of one address', async () => {
    await using store = await openTestStore(dialect)
    const guards = createGuardStore(store.database)
    await store.database.write([guards.put(ann, tries(1), 0), guards.put(bob, tries(2), 0)])
    expect([await guards.of(ann), await guards.of(bob)]).toEqual([{ ...tries(1), version: 1 }, { ...tries(2), version: 1 }])
    expect([...(await guards.ofAll([bob])).values()]).toEqual([tries(2)])
    await store.database.write([guards.put(ann, tries(3), 1)])
    expect([await guards.of(ann), await guards.of(bob)]).toEqual([{ ...tries(3), version: 2 }, { ...tries(2), version: 1 }])
    await store.database.write([guards.clear(ann)])
    expect([(await guards.of(ann)).version, (await guards.of(bob)).version]).toEqual([0, 1])
  })

  test('a browser is known for the address with which somebody signed in there, and for no other', async () => {
    await using store = await openTestStore(dialect)
    const guards = createGuardStore(store.database)
    await store.database.write([guards.addKnownDevice(ann, phone, 5), guards.addKnownDevice(bob, laptop, 5)])
    const known = async () => Promise.all([guards.isKnownDevice(ann, phone, 1), guards.isKnownDevice(ann, laptop, 1), guards.isKnownDevice(bob, phone, 1), guards.isKnownDevice(bob, laptop, 1)])
    expect(await known()).toEqual([true, false, false, true])
    await store.database.write([guards.forgetDevices(ann)])
    expect(await known()).toEqual([false, false, false, true])
  })
})

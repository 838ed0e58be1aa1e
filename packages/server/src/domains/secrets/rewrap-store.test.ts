import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { createLocalVault } from '../../adapters/key-vault/shared/local-key.ts'
import { describeEachEngine, openTestStore } from '../../testing/server-database.ts'
import { createKeyRing, pendingVaultKey, wrapForNext } from './index.ts'
import { systemClock } from '../../kernel/clock.ts'

describeEachEngine('wrapping for another vault', (dialect) => {
  test('wraps each key once, and keeps what an attempt before has wrapped', async () => {
    await using store = await openTestStore(dialect)
    const { database } = store
    const [from, to] = [createLocalVault(randomBytes(32)), createLocalVault(randomBytes(32))]
    const ring = createKeyRing(database, from, systemClock)
    await database.write([(await ring.create('acc_1')).step, (await ring.create('acc_2')).step])
    const wrapped = () => database.read.selectFrom('data_key_next').select(['owner_id', 'version', 'wrapped']).orderBy('owner_id').orderBy('version').execute()
    const { total } = await database.read.selectFrom('data_key').select(({ fn }) => fn.countAll<number>().as('total')).executeTakeFirstOrThrow()
    expect(await wrapForNext(database, { from, to })).toBe(total)
    const first = await wrapped()
    expect(first).toHaveLength(total)
    expect(await wrapForNext(database, { from, to })).toBe(total)
    expect(await wrapped()).toEqual(first)
    expect(await pendingVaultKey(database)).toBe(to.keyId)
  })
})

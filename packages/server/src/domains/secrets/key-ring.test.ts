import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { createLocalVault } from '../../adapters/key-vault/shared/local-key.ts'
import { systemClock } from '../../kernel/clock.ts'
import { SealBroken } from '../../kernel/seal.ts'
import { VaultFailure } from '../../ports/key-vault.ts'
import { describeEachEngine, openTestStore } from '../../testing/server-database.ts'
import { createKeyRing, SERVER_KEYS } from './index.ts'

const place = { table: 'message', rowId: 'msg_1', column: 'text_sealed' }

describeEachEngine('the key ring', (dialect) => {
  test('what one process sealed another opens with the same vault, and no other vault opens', async () => {
    await using store = await openTestStore(dialect)
    const raw = randomBytes(32)
    const first = createKeyRing(store.database, createLocalVault(Buffer.from(raw)), systemClock)
    const { sealer, step } = await first.create('acc_1')
    await store.database.write([step])
    const sealed = sealer.seal(place, 'Grüße')
    const again = createKeyRing(store.database, createLocalVault(Buffer.from(raw)), systemClock)
    expect((await again.sealerOf('acc_1')).open(place, sealed)).toBe('Grüße')
    const foreign = createKeyRing(store.database, createLocalVault(randomBytes(32)), systemClock)
    await expect(foreign.sealerOf('acc_1')).rejects.toBeInstanceOf(VaultFailure)
  })

  test('of many who make the server\'s key at once one makes it, and all use that one', async () => {
    await using store = await openTestStore(dialect)
    const raw = randomBytes(32)
    const sealers = await Promise.all(Array.from({ length: 12 }, () => createKeyRing(store.database, createLocalVault(Buffer.from(raw)), systemClock).ensure(SERVER_KEYS)))
    const sealed = sealers[0]?.seal(place, 'one key') ?? new Uint8Array()
    for (const sealer of sealers) expect(sealer.open(place, sealed)).toBe('one key')
    expect(await store.database.read.selectFrom('data_key').select('owner_id').where('owner_id', '=', SERVER_KEYS).execute()).toHaveLength(1)
  })

  test('an owner without a key has no sealer, until one is made', async () => {
    await using store = await openTestStore(dialect)
    await expect(store.keyRing.sealerOf('acc_1')).rejects.toBeInstanceOf(SealBroken)
    await store.database.write([(await store.keyRing.create('acc_1')).step])
    expect((await store.keyRing.sealerOf('acc_1')).derive('x').type).toBe('secret')
  })

  test('a wrapped key that was given to another owner does not open', async () => {
    await using store = await openTestStore(dialect)
    await store.addAccount('acc_1')
    await store.database.write([{ query: store.database.read.updateTable('data_key').set({ owner_id: 'acc_2' }).compile(), expectRows: 1 }])
    await expect(store.keyRing.sealerOf('acc_2')).rejects.toBeInstanceOf(VaultFailure)
  })
})

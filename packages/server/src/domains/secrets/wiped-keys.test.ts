import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createLocalVault } from '../../adapters/key-vault/shared/local-key.ts'
import { systemClock } from '../../kernel/clock.ts'
import type { KeyVault } from '../../ports/key-vault.ts'
import { callerLike } from '../../testing/caller.ts'
import { describeEachEngine, openTestStore } from '../../testing/server-database.ts'
import { createTestClock } from '../../testing/test-clock.ts'
import { createSharedRevocations } from '../revocations/index.ts'
import { createDataKeyRotation, createKeyRing, sealerFrom, SERVER_KEYS } from './index.ts'
import { wrapForNext } from './rewrap-store.ts'

const place = { table: 'message', rowId: 'msg_1', column: 'text_sealed' }
const isWiped = (bytes: Uint8Array) => bytes.every((byte) => byte === 0)

/** A vault that keeps hold of every raw key that passes through it. */
function watched(vault: KeyVault) {
  const seen: { readonly bytes: Uint8Array; readonly was: string }[] = []
  const note = (bytes: Uint8Array) => { seen.push({ bytes, was: Buffer.from(bytes).toString('hex') }); return bytes }
  return {
    seen,
    vault: { keyId: vault.keyId, wrap: (key, context) => vault.wrap(note(key), context), unwrap: async (wrapped, context) => note(await vault.unwrap(wrapped, context)) } satisfies KeyVault,
  }
}

describe('the raw bytes of a key', () => {
  test('are wiped when a vault has taken them over, and it goes on wrapping', async () => {
    const raw = randomBytes(32)
    const copy = Buffer.from(raw)
    const vault = createLocalVault(raw)
    expect(isWiped(raw)).toBe(true)
    const wrapped = await vault.wrap(Buffer.from('a data key of thirty-two bytes!!'), 'data-key a 1')
    expect(Buffer.from(await createLocalVault(copy).unwrap(wrapped, 'data-key a 1')).toString(), 'the same key').toBe('a data key of thirty-two bytes!!')
    await expect(vault.unwrap(wrapped, 'data-key b 1')).rejects.toThrow('does not open')
  })
})

describeEachEngine('the raw bytes of data keys', (dialect) => {
  test('are wiped once they are wrapped or imported: when made, read, read anew, rotated, and wrapped for another vault', async () => {
    await using store = await openTestStore(dialect)
    const { database } = store
    const { vault, seen } = watched(createLocalVault(randomBytes(32)))
    const ring = createKeyRing(database, vault, systemClock)
    const { sealer, step } = await ring.create('acc_1')
    await database.write([step])
    const sealed = sealer.seal(place, 'a text')
    const held = await ring.sealerOf('acc_1')
    await ring.ensure(SERVER_KEYS)
    await ring.refresh('acc_1')
    expect(held.open(place, sealed)).toBe('a text')
    const rows = await database.read.selectFrom('data_key').selectAll().where('owner_id', '=', 'acc_1').execute()
    expect((await sealerFrom(vault, 'acc_1', rows)).open(place, sealed)).toBe('a text')

    const clock = createTestClock()
    const revocations = createSharedRevocations({ database, clock, onFailure: () => undefined })
    ring.listenTo(revocations, () => undefined)
    const rotation = createDataKeyRotation({ database, keyRing: ring, clock, log: { info: () => undefined, warn: () => undefined, error: () => undefined }, revocations, hasBackupFrom: () => Promise.resolve(false), rotationDays: 365 })
    await rotation.begin(callerLike('acc_1', 'owner'), {})
    await rotation.settled()
    await rotation.close()
    revocations.close()
    expect(held.open(place, sealed), 'what was held goes on').toBe('a text')
    const made = await database.read.selectFrom('data_key').select(['owner_id', 'version']).orderBy('owner_id').orderBy('version').execute()
    expect(made.map(({ owner_id, version }) => `${owner_id} ${version}`)).toEqual(['acc_1 0', 'acc_1 1', 'acc_1 2', 'server -2', 'server 0', 'server 1', 'server 2'])

    const other = watched(createLocalVault(randomBytes(32)))
    await wrapForNext(database, { from: vault, to: other.vault })
    const all = [...seen, ...other.seen]
    expect(new Set(all.map(({ was }) => was)).size, 'two owners with two keys each, and three roots').toBe(7)
    expect(all.filter(({ bytes }) => !isWiped(bytes)).length).toBe(0)
    // The negative control: they were keys when they passed.
    expect(all.some(({ was }) => /^0+$/.test(was))).toBe(false)
  })

  test('are wiped where one of several does not open', async () => {
    await using store = await openTestStore(dialect)
    const inner = createLocalVault(randomBytes(32))
    const { vault, seen } = watched(inner)
    const [good, foreign] = [await inner.wrap(randomBytes(32), 'data-key acc_1 1'), await inner.wrap(randomBytes(32), 'data-key acc_2 2')]
    await expect(sealerFrom(vault, 'acc_1', [{ version: 1, wrapped: good }, { version: 2, wrapped: foreign }])).rejects.toThrow('does not open')
    expect(seen.map(({ bytes }) => isWiped(bytes))).toEqual([true])
    expect(store.database.dialect).toBe(dialect)
  })
})

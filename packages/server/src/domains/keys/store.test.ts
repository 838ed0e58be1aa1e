import { describe, expect, test } from 'vitest'
import { WriteConflict } from '../../database/database.ts'
import { openScope } from '../../kernel/scope.ts'
import { describeEachEngine, openTestStore } from '../../testing/server-database.ts'
import { hasKeyForm, newKeyValue } from './format.ts'
import { createKeyFinder, createKeyStore } from './store.ts'

const row = (id: string, digest: number) => ({ id, name: 'laptop', start: 'slp_abc', digest: Buffer.alloc(32, digest), created_at: 1, expires_at: null, revoked_at: null, last_used_at: null })

describeEachEngine('the store of keys', (dialect) => {
  test('finds a key by its digest, with the role that its account has now', async () => {
    await using store = await openTestStore(dialect)
    await store.addAccount('acc_1')
    const mine = createKeyStore(store.database)(openScope('acc_1'))
    const finder = createKeyFinder(store.database)
    await store.database.write([mine.insert(row('key_1', 1))])
    expect(await finder.byDigest(Buffer.alloc(32, 1))).toEqual({ id: 'key_1', account_id: 'acc_1', expires_at: null, revoked_at: null, role: 'member' })
    expect(await finder.byDigest(Buffer.alloc(32, 2))).toBeUndefined()
    await store.database.write([{ query: store.database.read.updateTable('account').set({ role: 'guest' }).compile() }])
    expect((await finder.byDigest(Buffer.alloc(32, 1)))?.role).toBe('guest')
  })

  test('a key is revoked once, by its owner alone, and leaves the list', async () => {
    await using store = await openTestStore(dialect)
    await store.addAccount('acc_1')
    await store.addAccount('acc_2')
    const [mine, theirs] = [createKeyStore(store.database)(openScope('acc_1')), createKeyStore(store.database)(openScope('acc_2'))]
    await store.database.write([mine.insert(row('key_1', 1)), mine.insert(row('key_2', 2)), theirs.insert(row('key_3', 3))])
    await expect(store.database.write([theirs.revoke('key_1', 9)])).rejects.toBeInstanceOf(WriteConflict)
    await store.database.write([mine.revoke('key_1', 9)])
    await expect(store.database.write([mine.revoke('key_1', 10)])).rejects.toBeInstanceOf(WriteConflict)
    expect((await mine.page(undefined, 10)).map(({ id }) => id)).toEqual(['key_2'])
    expect((await theirs.page(undefined, 10)).map(({ id }) => id)).toEqual(['key_3'])
    expect((await createKeyFinder(store.database).byDigest(Buffer.alloc(32, 1)))?.revoked_at).toBe(9)
  })

  test('two keys never share a digest', async () => {
    await using store = await openTestStore(dialect)
    await store.addAccount('acc_1')
    const mine = createKeyStore(store.database)(openScope('acc_1'))
    await expect(store.database.write([mine.insert(row('key_1', 1)), mine.insert(row('key_2', 1))])).rejects.toBeInstanceOf(WriteConflict)
  })
})

describe('the form of a key', () => {
  test('is recognisable, checked and new each time', () => {
    const keys = Array.from({ length: 200 }, () => newKeyValue())
    expect(new Set(keys).size).toBe(200)
    for (const key of keys) {
      expect(key).toMatch(/^slp_[\w-]{43}[0-9a-f]{8}$/)
      expect(hasKeyForm(key)).toBe(true)
    }
  })

  test('every single mistyped character is noticed', () => {
    const key = newKeyValue()
    for (let position = 0; position < key.length; position += 1) {
      for (const letter of ['0', 'a', 'Z', '-']) if (key[position] !== letter) expect(hasKeyForm(key.slice(0, position) + letter + key.slice(position + 1))).toBe(false)
    }
    for (const text of ['', 'slp_', `${key} `, ` ${key}`, key.slice(1), `${key}0`, key.toUpperCase(), `${key}\n`]) expect(hasKeyForm(text)).toBe(false)
  })
})

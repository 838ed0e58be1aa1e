import { describe, expect, test } from 'vitest'
import { WriteConflict, type WriteStep } from '../../database/database.ts'
import { openScope } from '../../kernel/scope.ts'
import { describeEachEngine, openTestStore, type TestStore } from '../../testing/server-database.ts'
import { hasKeyForm, newKeyValue, valueIdOf } from './format.ts'
import { createFormerStore, createKeyDayStore, createKeyFinder, createKeyStore, createServiceKeyStore } from './store.ts'

const row = (id: string, digest: number) => ({ id, name_sealed: Buffer.from('laptop'), start: 'slp_abc', digest: Buffer.alloc(32, digest), created_at: 1, expires_at: null, revoked_at: null, last_used_at: null, last_used_address_sealed: null, restriction: null, made_by: null, value_created_at: null, reminded_at: null })

const former = (key_id: string, digest: number, ends_at: number) => ({ digest: Buffer.alloc(32, digest), key_id, start: 'slp_old', ends_at, last_used_at: null })

/** Two accounts with a key each. */
async function withTwo(store: TestStore) {
  for (const id of ['acc_1', 'acc_2']) await store.addAccount(id)
  const [mine, theirs] = [createKeyStore(store.database)(openScope('acc_1')), createKeyStore(store.database)(openScope('acc_2'))]
  const write = (...steps: readonly WriteStep[]) => store.database.write(steps)
  await write(mine.insert(row('key_1', 1)), theirs.insert(row('key_2', 2)))
  return { finder: createKeyFinder(store.database), formers: createFormerStore(store.database), mine, theirs, write }
}

describeEachEngine('the store of keys', (dialect) => {
  test('finds a key by its digest, with the role that its account has now', async () => {
    await using store = await openTestStore(dialect)
    await store.addAccount('acc_1')
    const mine = createKeyStore(store.database)(openScope('acc_1'))
    const finder = createKeyFinder(store.database)
    await store.database.write([mine.insert(row('key_1', 1))])
    expect(await finder.byDigest(Buffer.alloc(32, 1))).toMatchObject({ id: 'key_1', account_id: 'acc_1', expires_at: null, revoked_at: null, restriction: null, role: 'member', ends_at: null })
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

  test('a value that was rotated away is found and touched alone, until its end', async () => {
    await using store = await openTestStore(dialect)
    const { finder, formers, write } = await withTwo(store)
    await write(formers.insert(former('key_1', 11, 50)), formers.insert(former('key_2', 12, 60)))
    expect(await finder.byDigest(Buffer.alloc(32, 11))).toMatchObject({ id: 'key_1', ends_at: 50 })
    expect(await finder.byDigest(Buffer.alloc(32, 13))).toBeUndefined()
    await write(finder.touchFormer(Buffer.alloc(32, 11), 40))
    const living = async (now: number) => (await formers.living(['key_1', 'key_2'], now)).map(({ key_id, last_used_at }) => [key_id, last_used_at])
    expect(await living(49)).toEqual([['key_1', 40], ['key_2', null]])
    expect(await living(50)).toEqual([['key_2', null]])
    expect(await formers.living(['key_1'], 50)).toEqual([])
    await write(formers.remove('key_1', 49))
    expect(await living(1)).toHaveLength(2)
    await write(formers.remove('key_1', 50))
    expect(await living(1)).toEqual([['key_2', null]])
    await write(formers.remove('key_1'))
    expect(await living(1)).toHaveLength(1)
  })

  test('a key is found by which of its values something was traded for: its own, or a former one with its end', async () => {
    await using store = await openTestStore(dialect)
    const { finder, formers, mine, write } = await withTwo(store)
    const find = (id: string, digest: number) => finder.byValueId(id, valueIdOf(Buffer.alloc(32, digest)))
    await write(formers.insert(former('key_1', 11, 50)), formers.insert(former('key_2', 12, 60)))
    expect([await find('key_1', 1), await find('key_1', 11)]).toMatchObject([{ id: 'key_1', account_id: 'acc_1', role: 'member', ends_at: null }, { id: 'key_1', account_id: 'acc_1', ends_at: 50 }])
    expect(await Promise.all([find('key_1', 2), find('key_1', 12), find('key_2', 1), find('key_3', 1), finder.byValueId('key_1', '')])).toEqual(Array.from({ length: 5 }, () => undefined))
    await write(formers.remove('key_1'), mine.rotate('key_1', Buffer.alloc(32, 1), { digest: Buffer.alloc(32, 7), start: 'slp_new', at: 9 }))
    expect(await Promise.all([find('key_1', 1), find('key_1', 11), find('key_1', 7)])).toMatchObject([undefined, undefined, { ends_at: null }])
    await write(mine.revoke('key_1', 10))
    expect(await find('key_1', 7)).toMatchObject({ revoked_at: 10 })
  })

  test('revoking all of an account leaves others, and what was revoked before keeps its moment', async () => {
    await using store = await openTestStore(dialect)
    const { finder, mine, write } = await withTwo(store)
    const revokedAt = async () => (await store.database.read.selectFrom('api_key').select('revoked_at').orderBy('id').execute()).map(({ revoked_at }) => revoked_at)
    await write(mine.insert(row('key_3', 3)), mine.revoke('key_3', 5), finder.revokeAll('acc_1', 9))
    expect(await revokedAt()).toEqual([9, null, 5])
    expect(await finder.overdue(100, 100, 10)).toMatchObject([{ id: 'key_2' }])
    await write(finder.markReminded('key_2', 100))
    expect(await finder.overdue(100, 100, 10)).toEqual([])
    await write(finder.revokeAll(null, 12))
    expect(await revokedAt()).toEqual([9, 12, 5])
    expect([await finder.isKnown(Buffer.alloc(32, 1)), await finder.isKnown(Buffer.alloc(32, 9))]).toEqual([true, false])
  })

  test('an account reads, counts, changes and rotates its own living keys alone', async () => {
    await using store = await openTestStore(dialect)
    const { mine, theirs, write } = await withTwo(store)
    const to = { digest: Buffer.alloc(32, 7), start: 'slp_new', at: 9 }
    expect([(await mine.get('key_1'))?.id, await theirs.get('key_1'), await mine.count(), await theirs.count()]).toEqual(['key_1', null, 1, 1])
    for (const step of [theirs.change('key_1', { name_sealed: Buffer.from('mine now') }), theirs.rotate('key_1', Buffer.alloc(32, 1), to), theirs.revoke('key_1', 9), mine.rotate('key_1', Buffer.alloc(32, 2), to)]) await expect(write(step)).rejects.toBeInstanceOf(WriteConflict)
    await write(mine.rotate('key_1', Buffer.alloc(32, 1), to))
    await write(mine.revoke('key_1', 10))
    for (const step of [mine.change('key_1', { name_sealed: Buffer.from('late') }), mine.rotate('key_1', Buffer.alloc(32, 7), to)]) await expect(write(step)).rejects.toBeInstanceOf(WriteConflict)
    expect([await mine.get('key_1'), await mine.count(), await theirs.count()]).toEqual([null, 0, 1])
  })

  test('keys of services are those of accounts that are no person\'s, while they live', async () => {
    await using store = await openTestStore(dialect)
    const { theirs, write } = await withTwo(store)
    const services = createServiceKeyStore(store.database)
    const ids = async () => (await services.page(undefined, 10)).map(({ id }) => id)
    expect([await ids(), await services.get('key_2'), await services.accounts()]).toEqual([[], null, []])
    await write({ query: store.database.read.updateTable('account').set({ kind: 'service' }).where('id', '=', 'acc_2').compile() })
    expect([await ids(), (await services.get('key_2'))?.id, (await services.accounts()).map((account) => account.id)]).toEqual([['key_2'], 'key_2', ['acc_2']])
    await write(theirs.revoke('key_2', 9))
    expect([await ids(), await services.get('key_2')]).toEqual([[], null])
  })

  test('a day is counted for one key', async () => {
    await using store = await openTestStore(dialect)
    const { write } = await withTwo(store)
    const days = createKeyDayStore(store.database)
    const room = { tokens: 5, turnsPerDay: 1, tokensPerDay: 5 }
    await write(days.open('key_1', 1), days.open('key_2', 1), days.open('key_1', 2), days.reserve('key_1', 1, room))
    await expect(write(days.reserve('key_1', 1, room))).rejects.toBeInstanceOf(WriteConflict)
    expect([await days.used('key_1', 1), await days.used('key_2', 1), await days.used('key_1', 2)]).toEqual([{ turns: 1, tokens: 5 }, { turns: 0, tokens: 0 }, { turns: 0, tokens: 0 }])
    await write(days.settle('key_1', 1, { turns: 0, tokens: -2 }))
    expect([await days.used('key_1', 1), await days.used('key_2', 1)]).toEqual([{ turns: 1, tokens: 3 }, { turns: 0, tokens: 0 }])
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

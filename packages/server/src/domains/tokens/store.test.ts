import { expect, test } from 'vitest'
import { WriteConflict, type WriteStep } from '../../database/database.ts'
import { openScope } from '../../kernel/scope.ts'
import { describeEachEngine, openTestStore, type TestStore } from '../../testing/server-database.ts'
import { createFamilyStore, createOwnFamilyStore } from './store.ts'

const digest = (text: string) => Buffer.from(text.padEnd(32, '.'))
const family = (id: string, account_id: string, last_seen_at: number) => ({ id, account_id, created_at: 1, authenticated_at: 1, second_factor_at: null, last_seen_at, expires_at: 1_000, device_sealed: null })

/** Three families of one account, the newest first, and one of another that is newer than all. */
async function withFamilies(store: TestStore) {
  for (const id of ['acc_1', 'acc_2']) await store.addAccount(id)
  const families = createFamilyStore(store.database)
  const write = (...steps: readonly WriteStep[]) => store.database.write(steps)
  await write(families.insert(family('tok_1', 'acc_1', 90)), families.insert(family('tok_2', 'acc_1', 80)), families.insert(family('tok_3', 'acc_1', 70)), families.insert(family('tok_9', 'acc_2', 200)))
  await write(...['tok_1', 'tok_9'].map((family_id) => families.insertRefreshToken({ digest: digest(family_id), family_id, created_at: 1 })))
  return {
    families, write,
    refused: async (step: WriteStep) => { await expect(write(step)).rejects.toBeInstanceOf(WriteConflict) },
    left: async () => (await store.database.read.selectFrom('token_family').select('id').orderBy('id').execute()).map(({ id }) => id),
  }
}

describeEachEngine('the store of token families', (dialect) => {
  test('a refresh token is found and used up by its own digest, once', async () => {
    await using store = await openTestStore(dialect)
    const { families, write, refused } = await withFamilies(store)
    expect(await families.refreshToken(digest('other'))).toBeUndefined()
    expect(await families.refreshToken(digest('tok_1'))).toEqual({ family_id: 'tok_1', used_at: null, account_id: 'acc_1' })
    await refused(families.useRefreshToken(digest('other'), 5))
    await write(families.useRefreshToken(digest('tok_1'), 5))
    await refused(families.useRefreshToken(digest('tok_1'), 6))
    expect([(await families.refreshToken(digest('tok_1')))?.used_at, (await families.refreshToken(digest('tok_9')))?.used_at]).toEqual([5, null])
  })

  test('room is made among an account\'s own, those used longest ago first', async () => {
    await using store = await openTestStore(dialect)
    const { families, write, left } = await withFamilies(store)
    await write(families.keepNewest('acc_1', 2))
    expect(await left()).toEqual(['tok_1', 'tok_2', 'tok_9'])
  })

  test('all of an account end but one, and nobody else\'s', async () => {
    await using store = await openTestStore(dialect)
    const { families, write, left } = await withFamilies(store)
    await write(families.removeOf('acc_1', 'tok_2'))
    expect(await left()).toEqual(['tok_2', 'tok_9'])
    await write(families.removeOf('acc_1', null))
    expect(await left()).toEqual(['tok_9'])
  })

  test('shows and ends an account\'s own, and nobody else\'s', async () => {
    await using store = await openTestStore(dialect)
    const { write, refused, left } = await withFamilies(store)
    const own = createOwnFamilyStore(store.database)(openScope('acc_1'))
    expect((await own.list()).map(({ id }) => id)).toEqual(['tok_1', 'tok_2', 'tok_3'])
    await refused(own.remove('tok_9'))
    await write(own.remove('tok_1'))
    expect(await left()).toEqual(['tok_2', 'tok_3', 'tok_9'])
  })
})

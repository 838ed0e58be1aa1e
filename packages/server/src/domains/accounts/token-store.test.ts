import { expect, test } from 'vitest'
import { WriteConflict, type WriteStep } from '../../database/database.ts'
import { describeEachEngine, openTestStore, type TestStore } from '../../testing/server-database.ts'
import { createTokenStore } from './token-store.ts'

const digest = (text: string) => Buffer.from(text.padEnd(32, '.'))
const sealed = Buffer.from('sealed')
const invitation = (id: string, created_by: string | null) =>
  ({ id, digest: digest(id), role: 'member' as const, email_sealed: null, mailed: 0, created_by, uses: 1, uses_left: 1, created_at: 1, expires_at: 10, revoked_at: null })

/** Two accounts with a token of each kind: what is done with one must leave the other. */
async function withTokens(store: TestStore) {
  for (const id of ['acc_1', 'acc_2']) await store.addAccount(id)
  const tokens = createTokenStore(store.database)
  const write = (...steps: readonly WriteStep[]) => store.database.write(steps)
  await write(...['1', '2'].flatMap((number) => [
    tokens.putReset({ account_id: `acc_${number}`, digest: digest(`reset ${number}`), created_at: 1, expires_at: 10 }),
    tokens.putEmailChange({ account_id: `acc_${number}`, digest: digest(`change ${number}`), email_sealed: sealed, email_lookup: digest(`new ${number}`), created_at: 1, expires_at: 10 }),
    tokens.putInvitation(invitation(`inv_${number}`, `acc_${number}`)),
  ]))
  return { tokens, write, refused: async (step: WriteStep) => { await expect(write(step)).rejects.toBeInstanceOf(WriteConflict) } }
}

describeEachEngine('the store of one-time tokens', (dialect) => {
  test('a reset is found and taken by its own digest, before its end, once', async () => {
    await using store = await openTestStore(dialect)
    const { tokens, write, refused } = await withTokens(store)
    const left = async () => Promise.all(['reset 1', 'reset 2'].map(async (text) => (await tokens.reset(digest(text)))?.id ?? null))
    expect(await tokens.reset(digest('other'))).toBeUndefined()
    for (const step of [tokens.takeReset(digest('other'), 9), tokens.takeReset(digest('reset 1'), 10)]) await refused(step)
    await write(tokens.takeReset(digest('reset 1'), 9))
    expect(await left()).toEqual([null, 'acc_2'])
    await refused(tokens.takeReset(digest('reset 1'), 9))
    await write(tokens.dropReset('acc_1'))
    expect(await left()).toEqual([null, 'acc_2'])
    await write(tokens.dropReset('acc_2'))
    expect(await left()).toEqual([null, null])
  })

  test('a change of address is found and taken by its own digest, before its end, once', async () => {
    await using store = await openTestStore(dialect)
    const { tokens, write, refused } = await withTokens(store)
    const left = async () => Promise.all(['change 1', 'change 2'].map(async (text) => (await tokens.emailChange(digest(text)))?.account_id ?? null))
    expect(await tokens.emailChange(digest('other'))).toBeUndefined()
    for (const step of [tokens.takeEmailChange(digest('other'), 9), tokens.takeEmailChange(digest('change 1'), 10)]) await refused(step)
    await write(tokens.takeEmailChange(digest('change 1'), 9))
    expect(await left()).toEqual([null, 'acc_2'])
    await write(tokens.dropEmailChange('acc_1'))
    expect(await left()).toEqual([null, 'acc_2'])
  })

  test('an invitation is used by its own digest, as often as it may, until it ends or is revoked', async () => {
    await using store = await openTestStore(dialect)
    const { tokens, write, refused } = await withTokens(store)
    const usesLeft = async () => Promise.all(['inv_1', 'inv_2'].map(async (id) => (await tokens.invitation(digest(id)))?.uses_left))
    expect(await tokens.invitation(digest('other'))).toBeUndefined()
    for (const step of [tokens.useInvitation(digest('other'), 9), tokens.useInvitation(digest('inv_1'), 10)]) await refused(step)
    await write(tokens.useInvitation(digest('inv_1'), 9))
    expect(await usesLeft()).toEqual([0, 1])
    await refused(tokens.useInvitation(digest('inv_1'), 9))
    await write(tokens.revokeInvitation('inv_2', 5))
    for (const step of [tokens.useInvitation(digest('inv_2'), 9), tokens.revokeInvitation('inv_2', 6)]) await refused(step)
  })

  test('what an account has handed out ends with its standing, once, and nobody else\'s with it', async () => {
    await using store = await openTestStore(dialect)
    const { tokens, write } = await withTokens(store)
    const revokedAt = async () => Promise.all(['inv_1', 'inv_2', 'inv_3'].map(async (id) => (await tokens.invitationById(id))?.revoked_at))
    await write(tokens.putInvitation(invitation('inv_3', 'acc_1')), tokens.revokeInvitation('inv_3', 3), tokens.revokeInvitationsOf('acc_1', 5))
    expect(await revokedAt()).toEqual([5, null, 3])
    expect(await tokens.sentSince(digest('new 1'), 0)).toBe(0)
    await write(tokens.noteSent('evt_1', digest('new 1'), 5), tokens.noteSent('evt_2', digest('new 2'), 5))
    expect([await tokens.sentSince(digest('new 1'), 4), await tokens.sentSince(digest('new 1'), 5)]).toEqual([1, 0])
  })

  test('an invitation that names an address is nobody\'s until it is linked to the account that took it up', async () => {
    await using store = await openTestStore(dialect)
    const { tokens, write } = await withTokens(store)
    const named = (id: string) => tokens.putInvitation({ ...invitation(id, null), email_sealed: sealed })
    const unlinked = async () => (await tokens.unlinkedInvitations()).map(({ id }) => id).toSorted()
    await write(named('inv_3'), named('inv_4'))
    expect(await unlinked()).toEqual(['inv_3', 'inv_4'])
    await write(tokens.linkInvitation('inv_3', 'acc_1'), tokens.linkInvitation('inv_1', 'acc_1'))
    expect([await unlinked(), (await tokens.invitationById('inv_1'))?.account_id ?? null]).toEqual([['inv_4'], null])
  })
})

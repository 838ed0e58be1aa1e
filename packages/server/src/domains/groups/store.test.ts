import { expect, test } from 'vitest'
import { WriteConflict, type WriteStep } from '../../database/database.ts'
import { describeEachEngine, openTestStore, type TestStore } from '../../testing/server-database.ts'
import { BY_HAND, createGroupStore } from './store.ts'

const ids = ['acc_1', 'acc_2', 'acc_3']
const named = (name: string) => ({ name_sealed: Buffer.from(name), name_lookup: name })

/** Two groups and three people: each group has one by hand, and the provider put one into both. */
async function withGroups(store: TestStore) {
  for (const id of ids) await store.addAccount(id)
  const groups = createGroupStore(store.database)
  const write = async (...steps: readonly (WriteStep | readonly WriteStep[])[]) => { await store.database.write(steps.flat()) }
  await write(groups.insert({ id: 'grp_1', ...named('One'), role: null, at: 1 }), groups.insert({ id: 'grp_2', ...named('Two'), role: null, at: 1 }))
  await write(groups.setByHand('grp_1', ['acc_1'], 1), groups.setByHand('grp_2', ['acc_2'], 1), groups.setFrom('acc_3', { source: 'idp', groupIds: ['grp_1', 'grp_2'], at: 1 }))
  return {
    groups, write,
    members: async () => Promise.all(['grp_1', 'grp_2'].map(async (id) => (await groups.membersOf(id)).map((member) => `${member.id} ${member.source}`))),
  }
}
const hand = (id: string) => `${id} ${BY_HAND}`

describeEachEngine('the store of groups', (dialect) => {
  test('counts and lists the members of one group', async () => {
    await using store = await openTestStore(dialect)
    const { groups, write, members } = await withGroups(store)
    expect(await members()).toEqual([[hand('acc_1'), 'acc_3 idp'], [hand('acc_2'), 'acc_3 idp']])
    await write(groups.setByHand('grp_1', [], 2))
    expect([await groups.countMembers('grp_1'), await groups.countMembers('grp_2')]).toEqual([1, 2])
    expect((await groups.page(undefined, 10)).map(({ id, members: count }) => [id, count])).toEqual([['grp_2', 2], ['grp_1', 1]])
  })

  test('those by hand are replaced in one group, and are people who are there', async () => {
    await using store = await openTestStore(dialect)
    const { groups, write, members } = await withGroups(store)
    await write(groups.setByHand('grp_1', ['acc_2'], 2))
    expect(await members()).toEqual([[hand('acc_2'), 'acc_3 idp'], [hand('acc_2'), 'acc_3 idp']])
    await write({ query: store.database.read.updateTable('account').set({ kind: 'service' }).where('id', '=', 'acc_1').compile() })
    for (const id of ['acc_1', 'acc_9']) await expect(write(groups.setByHand('grp_1', [id], 3))).rejects.toBeInstanceOf(WriteConflict)
    expect(await members()).toEqual([[hand('acc_2'), 'acc_3 idp'], [hand('acc_2'), 'acc_3 idp']])
  })

  test('a provider moves one account, and takes out those alone that it put there', async () => {
    await using store = await openTestStore(dialect)
    const { groups, write, members } = await withGroups(store)
    await write(groups.setFrom('acc_2', { source: 'idp', groupIds: ['grp_1'], at: 2 }))
    expect([await groups.groupsFrom('acc_2', 'idp'), (await groups.groupsFrom('acc_3', 'idp')).toSorted(), await groups.groupsFrom('acc_1', 'idp')]).toEqual([['grp_1'], ['grp_1', 'grp_2'], []])
    expect([(await groups.accountsFrom('idp', [])).toSorted(), await groups.accountsFrom('idp', ['grp_1']), await groups.accountsFrom('other', [])]).toEqual([['acc_2', 'acc_3'], ['acc_3'], []])
    await write(groups.removeSource('idp', ['grp_1']))
    expect(await members()).toEqual([[hand('acc_1'), 'acc_2 idp', 'acc_3 idp'], [hand('acc_2')]])
    await write(groups.setFrom('acc_2', { source: 'idp', groupIds: [], at: 3 }))
    expect(await members()).toEqual([[hand('acc_1'), 'acc_3 idp'], [hand('acc_2')]])
  })
})

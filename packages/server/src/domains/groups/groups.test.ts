import type { Role } from '@sallyport/contract'
import { expect, test } from 'vitest'
import { systemClock } from '../../kernel/clock.ts'
import type { Revoked } from '../../kernel/revocations.ts'
import { callerLike } from '../../testing/caller.ts'
import { describeEachEngine, idLike, openTestStore, type TestStore } from '../../testing/server-database.ts'
import { auditStep } from '../audit/index.ts'
import { createSharedRevocations } from '../revocations/index.ts'
import { SERVER_KEYS } from '../secrets/index.ts'
import { createGroups, createGroupStore, settleSteps } from './index.ts'

const ids = { owner: idLike('acc', 1), ann: idLike('acc', 2), bob: idLike('acc', 3), service: idLike('acc', 4) }
const owner = callerLike(ids.owner, 'owner')
const administrator = callerLike(ids.owner, 'administrator')

async function openGroups(store: TestStore) {
  for (const id of Object.values(ids)) await store.addAccount(id)
  const { database } = store
  await store.keyRing.ensure(SERVER_KEYS)
  await database.write([{ query: database.read.updateTable('account').set({ kind: 'service' }).where('id', '=', ids.service).compile() }])
  const revocations = createSharedRevocations({ database, clock: systemClock, onFailure: () => undefined })
  const heard: Revoked[] = []
  revocations.subscribe((revoked) => { heard.push(revoked) })
  const groups = createGroups({ database, keyRing: store.keyRing, clock: systemClock, revocations, store: createGroupStore(database), personOf: ({ id }) => Promise.resolve({ name: `Name of ${id}`, email: `${id}@example.org` }), providerNames: () => Promise.resolve(new Map([['idp_1', 'company']])) })
  const roleOf = async (id: string): Promise<Role> => (await database.read.selectFrom('account').select('role').where('id', '=', id).executeTakeFirstOrThrow()).role
  const give = (id: string, role: Role) => database.write([{ query: database.read.updateTable('account').set({ role, granted_role: null }).where('id', '=', id).compile() }, ...settleSteps(database, 1)])
  // As a sign-in does: the audit row comes first, and with it the lock.
  const follow = async (accountId: string, groupIds: readonly string[]) => {
    const steps = await groups.follow(accountId, 'idp_1', groupIds)
    if (steps !== null) await database.write([auditStep(owner, { at: 1, action: 'group-members-changed' }), ...steps])
  }
  return { groups, database, heard, roleOf, give, follow }
}

describeEachEngine('groups', (dialect) => {
  test('a member has the highest of its own role and those of its groups, and its own again when it leaves', async () => {
    await using store = await openTestStore(dialect)
    const { groups, roleOf } = await openGroups(store)
    const readers = await groups.create(owner, { name: 'Readers', role: 'auditor' })
    const operators = await groups.create(owner, { name: 'Operators', role: 'operator' })
    await groups.setMembers(owner, readers.id, [ids.ann])
    expect(await roleOf(ids.ann)).toBe('auditor')
    await groups.setMembers(owner, operators.id, [ids.ann, ids.bob])
    expect([await roleOf(ids.ann), await roleOf(ids.bob)]).toEqual(['operator', 'operator'])
    await groups.setMembers(owner, operators.id, [ids.bob])
    expect([await roleOf(ids.ann), await roleOf(ids.bob)]).toEqual(['auditor', 'operator'])
    await groups.remove(owner, readers.id)
    await groups.change(owner, operators.id, { role: null })
    expect([await roleOf(ids.ann), await roleOf(ids.bob)]).toEqual(['member', 'member'])
  })

  test('a group never takes a role away', async () => {
    await using store = await openTestStore(dialect)
    const { groups, roleOf, give } = await openGroups(store)
    const guests = await groups.create(owner, { name: 'Guests', role: 'guest' })
    await give(ids.ann, 'owner')
    await groups.setMembers(owner, guests.id, [ids.ann, ids.bob])
    expect([await roleOf(ids.ann), await roleOf(ids.bob)]).toEqual(['owner', 'member'])
  })

  test('a role that somebody gives takes the place of the one before it, and what groups give stays on top', async () => {
    await using store = await openTestStore(dialect)
    const { groups, roleOf, give } = await openGroups(store)
    const operators = await groups.create(owner, { name: 'Operators', role: 'operator' })
    await groups.setMembers(owner, operators.id, [ids.ann])
    await give(ids.ann, 'guest')
    expect(await roleOf(ids.ann)).toBe('operator')
    await groups.setMembers(owner, operators.id, [])
    expect(await roleOf(ids.ann)).toBe('guest')
  })

  test('only an owner decides about a group that gives administrator: its making, its role, its members and its end', async () => {
    await using store = await openTestStore(dialect)
    const { groups } = await openGroups(store)
    const notAllowed = { code: 'not-allowed' }
    await expect(groups.create(administrator, { name: 'Admins', role: 'administrator' })).rejects.toMatchObject(notAllowed)
    const admins = await groups.create(owner, { name: 'Admins', role: 'administrator' })
    const plain = await groups.create(administrator, { name: 'Plain', role: null })
    await expect(groups.setMembers(administrator, admins.id, [ids.ann])).rejects.toMatchObject(notAllowed)
    await expect(groups.change(administrator, admins.id, { role: 'member' })).rejects.toMatchObject(notAllowed)
    await expect(groups.change(administrator, plain.id, { role: 'administrator' })).rejects.toMatchObject(notAllowed)
    await expect(groups.remove(administrator, admins.id)).rejects.toMatchObject(notAllowed)
    expect((await groups.members(admins.id)).items).toEqual([])
  })

  test('a provider puts people into the groups that it names, and takes out those alone that it put there', async () => {
    await using store = await openTestStore(dialect)
    const { groups, roleOf, follow } = await openGroups(store)
    const operators = await groups.create(owner, { name: 'Operators', role: 'operator' })
    const readers = await groups.create(owner, { name: 'Readers', role: 'auditor' })
    await groups.setMembers(owner, readers.id, [ids.ann])
    await follow(ids.ann, [operators.id, readers.id, idLike('grp', 9)])
    expect(await roleOf(ids.ann)).toBe('operator')
    expect((await groups.members(readers.id)).items).toMatchObject([{ accountId: ids.ann, byHand: true, providers: ['company'], email: `${ids.ann}@example.org` }])
    expect(await groups.follow(ids.ann, 'idp_1', [readers.id, operators.id])).toBeNull()
    await groups.setMembers(owner, operators.id, [])
    expect((await groups.members(operators.id)).items).toMatchObject([{ accountId: ids.ann, byHand: false }])
    await follow(ids.ann, [])
    expect(await roleOf(ids.ann)).toBe('auditor')
    await follow(ids.bob, [operators.id])
    const gone = await groups.forget('idp_1')
    await store.database.write(gone.steps)
    expect([gone.accountIds, await roleOf(ids.bob)]).toEqual([[ids.bob], 'member'])
  })

  test('whoever may do something else than before is announced, here and for other processes', async () => {
    await using store = await openTestStore(dialect)
    const { groups, heard, database } = await openGroups(store)
    const operators = await groups.create(owner, { name: 'Operators', role: 'operator' })
    await groups.setMembers(owner, operators.id, [ids.ann])
    await groups.setMembers(owner, operators.id, [ids.ann, ids.bob])
    await groups.remove(owner, operators.id)
    const accounts = heard.map((revoked) => (revoked.kind === 'account' ? revoked.accountId : ''))
    expect(accounts.toSorted()).toEqual([ids.ann, ids.bob, ids.ann, ids.bob].toSorted())
    expect((await database.read.selectFrom('revocation').selectAll().execute())).toHaveLength(4)
  })

  test('members are people who are there: an unknown account or a service changes nothing', async () => {
    await using store = await openTestStore(dialect)
    const { groups } = await openGroups(store)
    const group = await groups.create(owner, { name: 'All', role: 'operator' })
    await groups.setMembers(owner, group.id, [ids.bob])
    for (const stranger of [idLike('acc', 9), ids.service]) await expect(groups.setMembers(owner, group.id, [ids.ann, stranger])).rejects.toMatchObject({ code: 'conflict' })
    expect((await groups.members(group.id)).items.map(({ accountId }) => accountId)).toEqual([ids.bob])
    await expect(groups.members(idLike('grp', 1))).rejects.toMatchObject({ code: 'not-found' })
    await expect(groups.create(owner, { name: 'All', role: null })).rejects.toMatchObject({ code: 'conflict' })
  })

  test('changes that meet leave nobody with a role that no group gives any more', async () => {
    await using store = await openTestStore(dialect)
    const { groups, roleOf, follow } = await openGroups(store)
    for (let round = 0; round < 10; round += 1) {
      const group = await groups.create(owner, { name: `Round ${round}`, role: 'operator' })
      await Promise.allSettled([groups.setMembers(owner, group.id, [ids.ann]), follow(ids.bob, [group.id]), groups.change(owner, group.id, { role: null }), groups.setMembers(owner, group.id, [ids.ann, ids.bob])])
      const { items: [after] } = await groups.list({ limit: 1 })
      const members = new Set((await groups.members(group.id)).items.map(({ accountId }) => accountId))
      for (const id of [ids.ann, ids.bob]) expect(await roleOf(id)).toBe(members.has(id) && after?.role === 'operator' ? 'operator' : 'member')
      await groups.remove(owner, group.id)
    }
  })
})

import type { Group, GroupMember, GroupRole } from '@sallyport/contract'
import { WriteConflict, type Database, type WriteStep } from '../../database/database.ts'
import { toMoment, type Clock } from '../../kernel/clock.ts'
import type { Caller } from '../../kernel/handler.ts'
import { newId } from '../../kernel/ids.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { managedRoles } from '../../policy/roles.ts'
import { auditStep } from '../audit/index.ts'
import type { SharedRevocations } from '../revocations/index.ts'
import { SERVER_KEYS, type KeyRing } from '../secrets/index.ts'
import { settleSteps } from './grounds-store.ts'
import { openGroupName, sealGroupName } from './names.ts'
import { BY_HAND, type GroupStore } from './store.ts'

export interface GroupDeps {
  readonly database: Database
  readonly store: GroupStore
  readonly keyRing: KeyRing
  readonly clock: Clock
  readonly revocations: Pick<SharedRevocations, 'step' | 'announce'>
  /** Who an account is, for whoever may see it. */
  readonly personOf: (row: { readonly id: string; readonly name_sealed: Uint8Array; readonly email_sealed: Uint8Array }) => Promise<{ readonly name: string; readonly email: string }>
  /** What identity providers are called, by id. */
  readonly providerNames: () => Promise<ReadonlyMap<string, string>>
}
interface GroupRow { readonly id: string; readonly name_sealed: Uint8Array; readonly role: GroupRole | null; readonly created_at: number }


/** Groups of accounts, and the roles that they give (IDN-9, IDN-11). */
export function createGroups(deps: GroupDeps) {
  const { database, store, keyRing, clock } = deps
  const write = createWriter(deps)
  const settle = (at: number) => settleSteps(database, at)
  const mustGet = async (id: string): Promise<GroupRow> => {
    const row = await store.byId(id)
    if (row === undefined) throw new ProblemError('not-found')
    return row
  }
  const server = () => keyRing.sealerOf(SERVER_KEYS)
  const toGroup = async (row: GroupRow, members: number): Promise<Group> => ({ id: row.id, name: openGroupName(await server(), row), role: row.role, members, createdAt: toMoment(row.created_at) })
  const memberIds = async (id: string) => [...new Set((await store.membersOf(id)).map((member) => member.id))]

  return {
    ...createMembership(deps),
    async list({ limit, before }: { readonly limit: number; readonly before?: string | undefined }) {
      const rows = await store.page(before, limit)
      return { items: await Promise.all(rows.map((row) => toGroup(row, row.members))), next: rows.length === limit ? rows.at(-1)?.id ?? null : null }
    },
    /** Throws `not-allowed` for a role above the caller's own, and `conflict` for a name that is taken. */
    async create(caller: Caller, { name, role }: { readonly name: string; readonly role: GroupRole | null }): Promise<Group> {
      requireGivable(caller, role)
      const at = clock.now()
      const id = newId('group', at)
      const named = sealGroupName(await server(), id, name)
      await write([auditStep(caller, { at, action: 'group-created', detail: { groupId: id, role } }), store.insert({ id, ...named, role, at })], [], nameTaken)
      return toGroup({ id, ...named, role, created_at: at }, 0)
    },
    /** Throws as `create` does, for the role before and the role after: who may not give a role may not take it either. */
    async change(caller: Caller, id: string, change: { readonly name?: string | undefined; readonly role?: GroupRole | null | undefined }): Promise<Group> {
      const before = await mustGet(id)
      const next = { ...(change.name !== undefined && sealGroupName(await server(), id, change.name)), role: change.role === undefined ? before.role : change.role }
      for (const role of [before.role, next.role]) requireGivable(caller, role)
      const at = clock.now()
      await write([
        auditStep(caller, { at, action: 'group-changed', detail: { groupId: id, role: next.role, before: before.role } }),
        store.change(before, next), ...settle(at),
      ], next.role === before.role ? [] : await memberIds(id), nameTaken)
      return toGroup({ ...before, ...next }, await store.countMembers(id))
    },
    async remove(caller: Caller, id: string): Promise<void> {
      const before = await mustGet(id)
      requireGivable(caller, before.role)
      const at = clock.now()
      await write([auditStep(caller, { at, action: 'group-deleted', detail: { groupId: id, role: before.role } }), store.remove(before), ...settle(at)], await memberIds(id), changedMeanwhile)
    },
    async members(id: string): Promise<{ items: GroupMember[] }> {
      await mustGet(id)
      const names = await deps.providerNames()
      const byAccount = Map.groupBy(await store.membersOf(id), (row) => row.id)
      return {
        items: await Promise.all([...byAccount.values()].flatMap(([row, ...more]) => (row === undefined ? [] : [[row, ...more] as const])).map(async ([row, ...more]) => ({
          accountId: row.id, ...await deps.personOf(row),
          byHand: [row, ...more].some(({ source }) => source === BY_HAND),
          providers: [row, ...more].flatMap(({ source }) => (source === BY_HAND ? [] : [names.get(source) ?? source])),
        }))),
      }
    },
    /** Throws `conflict` where one of the accounts is gone, or no person. */
    async setMembers(caller: Caller, id: string, accountIds: readonly string[]) {
      const before = await mustGet(id)
      requireGivable(caller, before.role)
      const present = (await store.membersOf(id)).filter(({ source }) => source === BY_HAND).map((row) => row.id)
      const added = accountIds.filter((accountId) => !present.includes(accountId))
      const removed = present.filter((accountId) => !accountIds.includes(accountId))
      const at = clock.now()
      await write([
        auditStep(caller, { at, action: 'group-members-changed', detail: { groupId: id, role: before.role, added, removed } }),
        store.change(before, { role: before.role }), ...store.setByHand(id, accountIds, at), ...settle(at),
      ], [...added, ...removed], () => new ProblemError('conflict', { detail: 'One of these accounts is gone or is no person, or the group was changed meanwhile. Load it again.' }))
      return this.members(id)
    },
  }
}
export type Groups = ReturnType<typeof createGroups>

/** Writes a batch after which some accounts may do something else than before; here and in other processes that holds at once. */
const createWriter = ({ database, revocations }: GroupDeps) => async (steps: readonly WriteStep[], concerned: readonly string[], conflict: () => ProblemError): Promise<void> => {
  const revoked = concerned.map((accountId) => ({ kind: 'account' as const, accountId, exceptSessionId: null }))
  try {
    await database.write([...steps, ...revoked.map((one) => revocations.step(one))])
  } catch (error) {
    throw error instanceof WriteConflict ? conflict() : error
  }
  for (const one of revoked) revocations.announce(one)
}

/** What identity providers say of somebody's groups. */
const createMembership = ({ database, store, clock }: GroupDeps) => ({
  /** Which of these groups there are, with the roles that they give. */
  known: (ids: readonly string[]): Promise<readonly GroupRow[]> => store.byIds(ids),
  /** What to write so that the account is in those groups of one provider and no others; null where it is already so. */
  async follow(accountId: string, source: string, groupIds: readonly string[]): Promise<readonly WriteStep[] | null> {
    const wanted = (await store.byIds([...new Set(groupIds)])).map(({ id }) => id)
    const present = await store.groupsFrom(accountId, source)
    if (wanted.length === present.length && wanted.every((id) => present.includes(id))) return null
    const at = clock.now()
    return [...store.setFrom(accountId, { source, groupIds: wanted, at }), ...settleSteps(database, at)]
  },
  /** What to write so that a provider keeps people in these groups alone, and whom that concerns. */
  async keepOnly(source: string, groupIds: readonly string[]): Promise<{ readonly steps: readonly WriteStep[]; readonly accountIds: readonly string[] }> {
    const accountIds = await store.accountsFrom(source, groupIds)
    return accountIds.length === 0 ? { steps: [], accountIds } : { steps: [store.removeSource(source, groupIds), ...settleSteps(database, clock.now())], accountIds }
  },
  /** What to write when a provider goes, and whom it concerns. */
  async forget(source: string): Promise<{ readonly steps: readonly WriteStep[]; readonly accountIds: readonly string[] }> {
    return { steps: [store.removeSource(source, []), ...settleSteps(database, clock.now())], accountIds: await store.accountsFrom(source, []) }
  },
})

function requireGivable(caller: Caller, role: GroupRole | null): void {
  if (role !== null && (caller.role === null || !managedRoles[caller.role].has(role))) {
    throw new ProblemError('not-allowed', { detail: `Only an owner may decide about a group that gives the role ${role}.` })
  }
}

const nameTaken = () => new ProblemError('conflict', { detail: 'Another group has this name, or the group was changed meanwhile.' })
const changedMeanwhile = () => new ProblemError('conflict', { detail: 'The group was changed meanwhile. Load it again.' })

import * as z from 'zod'
import { Email, idOf, Moment, Name } from './common.ts'

/** What a group may give. Owners are made one by one. */
export const GroupRole = z.enum(['administrator', 'operator', 'auditor', 'member', 'guest'])
export type GroupRole = z.output<typeof GroupRole>

export const Group = z.strictObject({
  id: idOf('group'), name: Name, role: GroupRole.nullable().describe('Its members have at least this role'), members: z.int(), createdAt: Moment,
})
export type Group = z.output<typeof Group>
export const GroupRequest = z.strictObject({ name: Name, role: GroupRole.nullable().default(null) })
export const GroupChange = z.strictObject({ name: Name.optional(), role: GroupRole.nullable().optional() })

export const GroupMember = z.strictObject({
  accountId: idOf('account'), name: Name, email: Email,
  providers: z.array(z.string()).describe('Identity providers that put it here; they alone take it out again'), byHand: z.boolean(),
})
export type GroupMember = z.output<typeof GroupMember>
export const GroupMembers = z.strictObject({ items: z.array(GroupMember) })
/** The members that were put there by hand: all of them. Those of identity providers stay as they are. */
export const GroupMembersRequest = z.strictObject({ accountIds: z.array(idOf('account')).max(1_000).refine((ids) => new Set(ids).size === ids.length, 'Name each account once.') })

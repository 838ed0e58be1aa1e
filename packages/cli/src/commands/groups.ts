import { GroupRole } from '@sallyport/contract'
import type { Command } from 'commander'
import type { Client } from '../client.ts'
import { Mistake } from '../connect.ts'
import { print, table } from '../print.ts'
import { withClient, type Shared } from '../with-client.ts'

interface RoleOption { readonly role?: string }

/** A role that a group may give; null for none. */
function parseRole(text: string | undefined): GroupRole | null {
  if (text === undefined || text === 'none') return null
  const role = GroupRole.safeParse(text)
  if (!role.success) throw new Mistake(`There is no such role for a group: use ${GroupRole.options.join(', ')} or none.`)
  return role.data
}

/** Those who were put there by hand, with a change. */
async function changeMembers(client: Client, groupId: string, change: (accountIds: readonly string[]) => readonly string[]) {
  const { items } = await client.call('listGroupMembers', { params: { groupId } })
  return client.call('setGroupMembers', { params: { groupId }, body: { accountIds: [...change(items.filter(({ byHand }) => byHand).map(({ accountId }) => accountId))] } })
}

/** Groups of accounts. */
export function groups(program: Command): void {
  const group = program.command('groups').description('groups of accounts, and the roles that they give')
  group.command('list').description('list them').action(withClient(async ({ client, json }) => {
    const { items } = await client.call('listGroups', { query: { limit: 100 } })
    print(json, items, () => table([['ID', 'NAME', 'ROLE', 'MEMBERS'], ...items.map((one) => [one.id, one.name, one.role ?? 'none', String(one.members)])]))
  }))
  group.command('create').description('make one').argument('<name>').option('--role <role>', 'its members have at least this role').action(withClient(async ({ client, json }: Shared, name: string, { role }: RoleOption) => {
    const made = await client.call('createGroup', { body: { name, role: parseRole(role) } })
    print(json, made, () => [made.id])
  }))
  group.command('role').description('change the role that it gives').argument('<id>').argument('<role>', 'or none').action(withClient(async ({ client, json }: Shared, groupId: string, role: string) => {
    const changed = await client.call('changeGroup', { params: { groupId }, body: { role: parseRole(role) } })
    print(json, changed, () => ['Changed.'])
  }))
  group.command('members').description('list who is in it').argument('<id>').action(withClient(async ({ client, json }: Shared, groupId: string) => {
    const { items } = await client.call('listGroupMembers', { params: { groupId } })
    print(json, items, () => table([['ACCOUNT', 'E-MAIL', 'NAME', 'PUT THERE BY'], ...items.map((one) => [one.accountId, one.email, one.name, [...(one.byHand ? ['hand'] : []), ...one.providers].join(', ')])]))
  }))
  group.command('add').description('put accounts into it').argument('<id>').argument('<accounts...>').action(withClient(async ({ client, json }: Shared, groupId: string, accountIds: readonly string[]) => {
    const members = await changeMembers(client, groupId, (present) => [...new Set([...present, ...accountIds])])
    print(json, members.items, () => [`${members.items.length} in it now.`])
  }))
  group.command('take').description('take accounts out of it that were put there by hand').argument('<id>').argument('<accounts...>').action(withClient(async ({ client, json }: Shared, groupId: string, accountIds: readonly string[]) => {
    const members = await changeMembers(client, groupId, (present) => present.filter((id) => !accountIds.includes(id)))
    print(json, members.items, () => [`${members.items.length} in it now.`])
  }))
  group.command('remove').description('delete one; what it gave ends').argument('<id>').action(withClient(async ({ client, json }: Shared, groupId: string) => {
    await client.call('deleteGroup', { params: { groupId } })
    print(json, { ok: true }, () => ['Removed.'])
  }))
}

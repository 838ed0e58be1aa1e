import { Role, type ManagedAccount } from '@sallyport/contract'
import type { Command } from 'commander'
import type { Client } from '../client.ts'
import { Mistake } from '../connect.ts'
import { print, table } from '../print.ts'
import { withClient, type Shared } from '../with-client.ts'

interface InviteOptions { readonly role: string; readonly email?: string; readonly send?: true; readonly expiresInHours?: string; readonly uses?: string }

/** Accounts and invitations. */
export function accounts(program: Command): void {
  const group = program.command('accounts').description('accounts and invitations')
  group.command('list').description('list them').action(withClient(async ({ client, json }) => {
    const items = await allAccounts(client)
    print(json, items, () => table([['ID', 'ROLE', 'STATUS', 'E-MAIL', 'NAME', 'LAST SIGN-IN'], ...items.map((account) => [account.id, account.role, account.lockedUntil === null ? account.status : 'locked', account.email, account.name, account.lastSignInAt ?? 'never'])]))
  }))
  group.command('invite').description('make a link with which somebody makes an account; it is shown this once')
    .option('--role <role>', 'owner, administrator, operator, auditor, member or guest', 'member').option('--email <address>', 'only this address may accept it').option('--send', 'also send the link there')
    .option('--expires-in-hours <hours>', 'when it ends; 168 when left out').option('--uses <count>', 'how many may accept it; 1 when left out').action(withClient(invite))
  group.command('invitations').description('list invitations').action(withClient(async ({ client, json }) => {
    const { items } = await client.call('listInvitations', { query: { limit: 100 } })
    print(json, items, () => (items.length === 0 ? ['No invitations.'] : table([['ID', 'ROLE', 'STATE', 'USES LEFT', 'FOR', 'EXPIRES'], ...items.map((item) => [item.id, item.role, item.state, String(item.usesLeft), item.email ?? 'anyone', item.expiresAt])])))
  }))
  group.command('revoke-invitation').description('end an invitation').argument('<id>').action(withClient(async ({ client, json }: Shared, invitationId: string) => {
    await client.call('revokeInvitation', { params: { invitationId } })
    print(json, { ok: true }, () => ['Revoked.'])
  }))
  const one = (verb: string, description: string) => group.command(verb).description(description).argument('<account>', 'its id or e-mail address')
  one('suspend', 'end all that it has open, and let it in no more').action(withClient((shared: Shared, account: string) => change(shared, account, { status: 'suspended' })))
  one('restore', 'let a suspended account in again').action(withClient((shared: Shared, account: string) => change(shared, account, { status: 'active' })))
  one('role', 'give it another role').argument('<role>').action(withClient((shared: Shared, account: string, role: string) => change(shared, account, { role: roleOf(role) })))
  one('unlock', 'end the lock after wrong passwords').action(withClient(async ({ client, json }: Shared, account: string) => {
    await client.call('unlockAccount', { params: { accountId: await idOf(client, account) } })
    print(json, { ok: true }, () => ['Unlocked.'])
  }))
  one('reset-link', 'make a link that sets a new password, once, within a day').action(withClient(async ({ client, json }: Shared, account: string) => {
    const made = await client.call('createResetLink', { params: { accountId: await idOf(client, account) } })
    print(json, made, () => [made.link, `It works once, until ${made.expiresAt}. Whoever has it can take the account: give it to its owner alone.`])
  }))
  one('reset-factors', 'remove its second factors and recovery codes, for somebody who has lost them').action(withClient(async ({ client, json }: Shared, account: string) => {
    const { removed } = await client.call('resetFactors', { params: { accountId: await idOf(client, account) } })
    print(json, { removed }, () => [`Removed ${removed} ${removed === 1 ? 'factor' : 'factors'}, and ended every session of the account. Its password alone signs in now: see that a new factor is set up.`])
  }))
  one('revoke', 'end every session, token, key, open link and invitation of it, at once').option('--keep-keys', 'leave its API keys').action(withClient(async ({ client, json }: Shared, account: string, { keepKeys = false }: KeepKeys) => {
    await client.call('revokeAccount', { params: { accountId: await idOf(client, account) }, body: { keys: !keepKeys } })
    print(json, { ok: true }, () => [`Every session${keepKeys ? ' and token' : ', token and key'} of the account has ended.`])
  }))
  group.command('revoke-everything').description('in an emergency: end every session, token, key, open link and invitation of everybody, at once').option('--keep-keys', 'leave API keys').option('--yes', 'do it without a further question').action(withClient(revokeEverything))
  one('delete', 'erase it with all that it owns; this cannot be undone').option('--yes', 'do it without a further question').action(withClient(remove))
}

interface KeepKeys { readonly keepKeys?: boolean }

async function revokeEverything({ client, json }: Shared, { keepKeys = false, yes = false }: { readonly keepKeys?: boolean; readonly yes?: boolean }): Promise<void> {
  if (!yes) throw new Mistake(`This signs everybody out${keepKeys ? '' : ', and no API key works any more'}. Add --yes to do it.`)
  await client.call('revokeEverything', { body: { keys: !keepKeys } })
  print(json, { ok: true }, () => [`Every session${keepKeys ? ' and token' : ', token and key'} has ended. People sign in again${keepKeys ? '' : '; programs need new keys'}.`])
}

async function invite({ client, json }: Shared, { role, email, send, expiresInHours, uses }: InviteOptions): Promise<void> {
  const made = await client.call('createInvitation', {
    body: { role: roleOf(role), send: send ?? false, expiresInHours: Number(expiresInHours ?? 168), uses: Number(uses ?? 1), ...(email !== undefined && { email }) },
  })
  print(json, made, () => [made.link, `It works ${made.invitation.uses === 1 ? 'once' : `${made.invitation.uses} times`}, until ${made.invitation.expiresAt}.${made.sent ? ' It is on its way by mail.' : ''}`])
}

async function change({ client, json }: Shared, account: string, body: { readonly status?: ManagedAccount['status']; readonly role?: Role }): Promise<void> {
  const changed = await client.call('changeAccount', { params: { accountId: await idOf(client, account) }, body })
  print(json, changed, () => [`${changed.email}: ${changed.role}, ${changed.status}.`])
}

async function remove({ client, json }: Shared, account: string, { yes = false }: { readonly yes?: boolean }): Promise<void> {
  const accountId = await idOf(client, account)
  if (!yes) throw new Mistake('This erases the account, its conversations, documents and keys, and destroys the key that opens them, also in later restores of backups. Run it again with --yes.')
  const certificate = await client.call('deleteAccount', { params: { accountId } })
  // As JSON either way: it is kept, and checked later with `privacy verify`.
  print(json, certificate, () => [JSON.stringify(certificate, null, 2)])
}

function roleOf(text: string): Role {
  const parsed = Role.safeParse(text)
  if (!parsed.success) throw new Mistake(`There is no role ${text}. Roles are: ${Role.options.join(', ')}.`)
  return parsed.data
}

async function allAccounts(client: Client): Promise<readonly ManagedAccount[]> {
  const found: ManagedAccount[] = []
  let before: string | undefined
  do {
    const page = await client.call('listAccounts', { query: { limit: 100, ...(before !== undefined && { before }) } })
    found.push(...page.items)
    before = page.next ?? undefined
  } while (before !== undefined)
  return found
}

/** The id of an account that is named by it, or by its e-mail address. */
export async function idOf(client: Client, account: string): Promise<string> {
  if (!account.includes('@')) return account
  const found = (await allAccounts(client)).find(({ email }) => email.toLowerCase() === account.toLowerCase())
  if (found === undefined) throw new Mistake(`There is no account with the address ${account}. See them with: npm run sallyport -- accounts list`)
  return found.id
}

import type { Command } from 'commander'
import { print, table } from '../print.ts'
import { withClient } from '../with-client.ts'

/** Accounts. */
export function accounts(program: Command): void {
  program.command('accounts').description('accounts').command('list').description('list them').action(withClient(async ({ client, json }) => {
    const { items } = await client.call('listAccounts', { query: { limit: 100 } })
    print(json, items, () => table([['ID', 'ROLE', 'E-MAIL', 'NAME', 'CREATED'], ...items.map((account) => [account.id, account.role, account.email, account.name, account.createdAt])]))
  }))
}

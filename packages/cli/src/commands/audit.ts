import type { Command } from 'commander'
import { print, table } from '../print.ts'
import { withClient } from '../with-client.ts'

/** The audit log. */
export function audit(program: Command): void {
  const group = program.command('audit').description('the audit log')
  group.command('list').description('the newest entries').action(withClient(async ({ client, json }) => {
    const { items } = await client.call('listAudit', { query: { limit: 50 } })
    print(json, items, () => table([['#', 'AT', 'ACTION', 'OUTCOME', 'ACTOR', 'DETAIL'], ...items.map((entry) => [String(entry.sequence), entry.at, entry.action, entry.outcome, entry.actor, JSON.stringify(entry.detail)])]))
  }))
  group.command('events').description('the newest security events: what somebody should look at').action(withClient(async ({ client, json }) => {
    const { items } = await client.call('listSecurityEvents', { query: { limit: 50 } })
    print(json, items, () => table([['AT', 'SEVERITY', 'TYPE', 'ACCOUNT', 'DETAIL'], ...items.map((event) => [event.at, event.severity, event.type, event.accountId ?? '-', JSON.stringify(event.detail)])]))
  }))
  group.command('verify').description('check the chain from its first entry').action(withClient(async ({ client, json }) => {
    const check = await client.call('verifyAudit')
    print(json, check, () => [check.ok ? `The chain of ${check.entries} entries is whole. Head: ${check.head}` : `The chain is broken at entry ${String(check.brokenAt)}: it was changed after it was written.`])
    if (!check.ok) process.exitCode = 1
  }))
}

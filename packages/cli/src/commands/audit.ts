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
  group.command('resolve').description('whose name of a day it was, such as acc-20261121-0123456789abcdef; leaves an entry in the audit log').argument('<name>').action(withClient(async ({ client, json }, name: string) => {
    const { accountId } = await client.call('resolveDayName', { body: { name } })
    print(json, { accountId }, () => [accountId])
  }))
  group.command('verify').description('check the chain from the oldest entry that is kept').action(withClient(async ({ client, json }) => {
    const check = await client.call('verifyAudit')
    const cut = check.cut === null ? [] : [`Entries up to number ${check.cut.through} were removed by their age on ${check.cut.at}: all were from before ${check.cut.before}.`]
    print(json, check, () => [...cut, check.ok ? `The chain of ${check.entries} entries is whole. Head: ${check.head}` : `The chain is broken at entry ${String(check.brokenAt)}: it was changed after it was written.`])
    if (!check.ok) process.exitCode = 1
  }))
}

import { DeploymentEnvironment, type HookReason, type ProviderCredential } from '@sallyport/contract'
import type { Command } from 'commander'
import { Mistake } from '../connect.ts'
import { print, table } from '../print.ts'
import { readSecret } from '../read-secret.ts'
import { withClient, type Shared } from '../with-client.ts'

const advice: Readonly<Record<ProviderCredential['advice'][number], string>> = {
  rotate: 'older than 30 days: replace it', 'expires-soon': 'ends soon', expired: 'has ended', rejected: 'the provider refused it', 'no-standby': 'none stands by', 'other-environment': 'for another environment: never used here',
  'hook-failed': 'could not be replaced', 'not-revoked-there': 'not ended at the provider yet',
}
const reasons: Readonly<Record<HookReason, string>> = {
  'unsafe-program': 'the program may not be run as it lies there: see doctor', 'not-started': 'the program could not be started', 'timed-out': 'the program took too long', failed: 'the program ended with an error',
  'no-key': 'the program printed no key', 'not-new': 'the key is there already, or there are too many', 'refused-key': 'the provider refused the new key', 'provider-unavailable': 'the provider did not answer', 'changed-meanwhile': 'the keys were changed meanwhile',
}

/** The keys of a provider by version: they go in, and never come out. */
export function providerKeys(group: Command): void {
  const keys = group.command('keys').description('the keys of a provider: one is active, others stand by')
  keys.command('list').description('list them with their use').argument('<provider>').action(withClient(async ({ client, json }, name: string) => {
    const { items } = await client.call('listProviderCredentials', { params: { name } })
    print(json, items, () => table([['VERSION', 'STATE', 'FOR', 'ADDED', 'LAST USED', 'CALLS', 'TOKENS', 'COST', ''], ...items.map((item) => [String(item.version), item.state, item.environment, item.createdAt.slice(0, 10), item.lastUsedAt?.slice(0, 10) ?? 'never', String(item.calls), String(item.inputTokens + item.outputTokens), String(item.costMicros / 1_000_000), [...item.advice.map((each) => advice[each]), ...(item.hook === null ? [] : [`${reasons[item.hook.reason]} (${item.hook.failures}×)`]), ...(item.hook?.nextTryAt == null ? [] : [`tried again at ${item.hook.nextTryAt}`])].join(', ')])]))
  }))
  keys.command('add').description('add one after trying it at the provider; it is asked for, or read from standard input').argument('<provider>')
    .option('--activate', 'use it at once; the present one is kept for a week').option('--environment <name>', 'what it is for: development, staging or production; refused where the server is for something else').option('--expires <date>', 'when the provider lets it end, such as 2027-01-31').action(withClient(add))
  keys.command('rotate').description('have the program of this provider make a new one now, which takes over at once').argument('<provider>').action(withClient(async ({ client, json }, name: string) => {
    const made = await client.call('rotateProviderCredential', { params: { name } })
    print(json, made, () => [`Version ${made.version} is in use.`])
  }))
  keys.command('activate').description('use one that stands by or was replaced').argument('<provider>').argument('<version>').action(withClient(async ({ client, json }, name: string, version: string) => {
    const made = await client.call('activateProviderCredential', { params: { name, credentialId: await idOf({ client, json }, name, version) } })
    print(json, made, () => [`Version ${made.version} is in use.`])
  }))
  keys.command('revoke').description('destroy one; of the active one, the one that stands by takes over').argument('<provider>').argument('<version>').action(withClient(async ({ client, json }, name: string, version: string) => {
    await client.call('revokeProviderCredential', { params: { name, credentialId: await idOf({ client, json }, name, version) } })
    print(json, { ok: true }, () => [`Version ${version} is destroyed. Revoke it at the provider too.`])
  }))
}

async function add({ client, json }: Shared, name: string, { activate, expires, environment: named }: { readonly activate?: true; readonly expires?: string; readonly environment?: string }): Promise<void> {
  const ends = expires === undefined ? null : new Date(expires)
  if (ends !== null && Number.isNaN(ends.getTime())) throw new Mistake('Give --expires a date such as 2027-01-31.')
  const environment = environmentOf(named)
  const credential = await readSecret(`New key of ${name} (not shown): `)
  if (credential === '') throw new Mistake('No key was given.')
  const made = await client.call('addProviderCredential', { params: { name }, body: { credential, ...(environment !== undefined && { environment }), ...(activate === true && { activate }), ...(ends !== null && { expiresAt: ends.toISOString() }) } })
  print(json, made, () => [made.state === 'active' ? `Version ${made.version} is in use.` : `Version ${made.version} stands by.`])
}

/** Throws `Mistake` for what no server is for. */
export function environmentOf(named: string | undefined): DeploymentEnvironment | undefined {
  const parsed = DeploymentEnvironment.optional().safeParse(named)
  if (!parsed.success) throw new Mistake('Give --environment development, staging or production.')
  return parsed.data
}

async function idOf({ client }: Shared, name: string, version: string): Promise<string> {
  const { items } = await client.call('listProviderCredentials', { params: { name } })
  const found = items.find((item) => String(item.version) === version || item.id === version)
  if (found === undefined) throw new Mistake(`${name} has no key of version ${version}. List them with: providers keys list ${name}`)
  return found.id
}

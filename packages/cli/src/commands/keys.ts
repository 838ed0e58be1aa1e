import type { Command } from 'commander'
import { print, table } from '../print.ts'
import { withClient, type Shared } from '../with-client.ts'

/** API keys of the owner. */
export function keys(program: Command): void {
  const group = program.command('keys').description('API keys')
  group.command('list').description('list them').action(withClient(async ({ client, json }) => {
    const { items } = await client.call('listKeys', { query: { limit: 100 } })
    print(json, items, () => (items.length === 0 ? ['No keys yet. Make one: npm run sallyport -- keys create NAME'] : table([['ID', 'NAME', 'BEGINS', 'CREATED', 'EXPIRES', 'LAST USED'], ...items.map((key) => [key.id, key.name, key.start, key.createdAt, key.expiresAt ?? 'never', key.lastUsedAt ?? 'never'])])))
  }))
  group.command('create').description('make one; its value is shown this once').argument('<name>').option('--expires-in-days <days>', 'when it ends')
    .action(withClient(async ({ client, json }: Shared, name: string, options: { readonly expiresInDays?: string }) => {
      const made = await client.call('createKey', { body: { name, ...(options.expiresInDays !== undefined && { expiresInDays: Number(options.expiresInDays) }) } })
      print(json, made, () => [made.value])
    }))
  group.command('revoke').description('end one, at once').argument('<id>').action(withClient(async ({ client, json }: Shared, keyId: string) => {
    await client.call('revokeKey', { params: { keyId } })
    print(json, { ok: true }, () => ['Revoked.'])
  }))
}

import type { Command } from 'commander'
import { print, table } from '../print.ts'
import { withClient, type Shared } from '../with-client.ts'

/** Where the owner is signed in. */
export function sessions(program: Command): void {
  const group = program.command('sessions').description('browsers and programs that the owner is signed in with')
  group.command('list').description('list them').action(withClient(async ({ client, json }) => {
    const { items } = await client.call('listSessions')
    print(json, items, () => (items.length === 0 ? ['Nobody is signed in.'] : table([['ID', 'KIND', 'CLIENT', 'SYSTEM', 'FROM', 'LAST SEEN', 'EXPIRES'], ...items.map((item) => [item.id, item.kind, item.browser, item.system, item.network, item.lastSeenAt, item.expiresAt])])))
  }))
  group.command('end').description('end one, at once').argument('<id>').action(withClient(async ({ client, json }: Shared, sessionId: string) => {
    await client.call('endSession', { params: { sessionId } })
    print(json, { ok: true }, () => ['Ended.'])
  }))
  group.command('end-all').description('end all of them, at once').action(withClient(async ({ client, json }) => {
    await client.call('endOtherSessions')
    print(json, { ok: true }, () => ['Ended.'])
  }))
}

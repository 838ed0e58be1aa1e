import type { Command } from 'commander'
import { print, table } from '../print.ts'
import { withClient, type Shared } from '../with-client.ts'

/** Who is kept out for a while, or has lower limits. */
export function bans(program: Command): void {
  const ban = program.command('bans').description('who is kept out for a while, or has lower limits')
  ban.command('list').description('list them, with why and until when').action(withClient(async ({ client, json }) => {
    const { items } = await client.call('listBans', {})
    print(json, items, () => table([['ID', 'WHAT', 'WHO', 'STEP', 'UNTIL', 'WHY'], ...items.map(({ id, kind, subject, name, step, allowance, until, why }) =>
      [id, kind, name ?? subject, step === 'banned' ? 'banned' : `limits at ${Math.round(allowance * 100)} %${step === 'challenged' && kind !== 'key' ? ', human check' : ''}`, until, why])]))
  }))
  ban.command('lift').description('lift one at once').argument('<id>', 'as the list gives it').action(withClient(async ({ client, json }: Shared, banId: string) => {
    await client.call('liftBan', { params: { banId } })
    print(json, { lifted: banId }, () => ['It is lifted.'])
  }))
}

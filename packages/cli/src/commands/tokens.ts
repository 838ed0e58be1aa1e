import type { Command } from 'commander'
import { print } from '../print.ts'
import { withClient, type Shared } from '../with-client.ts'

/** The keys that sign access tokens. */
export function tokens(program: Command): void {
  const group = program.command('tokens').description('the keys that sign access tokens')
  group.command('keys').description('list the published keys; the first one signs').action(withClient(async ({ client, json }) => {
    const { keys } = await client.call('getKeySet')
    print(json, keys, () => keys.map(({ kid, alg }) => `${kid}  ${alg}`))
  }))
  group.command('rotate-key').description('replace the key that signs').option('--end-old', 'end earlier keys, and every access token, at once: for a key that was stolen')
    .action(withClient(async ({ client, json }: Shared, { endOld = false }: { readonly endOld?: boolean }) => {
      const { keys } = await client.call('rotateSigningKey', { body: { endOld } })
      print(json, keys, () => [`The key ${keys[0]?.kid ?? ''} signs from now on.${endOld ? ' Earlier keys have ended.' : ' Earlier ones hold until their last token has ended.'}`])
    }))
}

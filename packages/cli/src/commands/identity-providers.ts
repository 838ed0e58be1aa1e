import { readFile } from 'node:fs/promises'
import { IdentityProviderRequest, LinkPolicy } from '@sallyport/contract'
import type { Command } from 'commander'
import { Mistake } from '../connect.ts'
import { print, table } from '../print.ts'
import { readSecret } from '../read-secret.ts'
import { withClient, type Shared } from '../with-client.ts'

interface SetOptions {
  readonly issuer?: string
  readonly file?: string
  readonly label?: string
  readonly clientId?: string
  readonly groupsClaim?: string
  readonly map?: readonly string[]
  readonly link?: string
  readonly domains?: string
  readonly allowPrivateAddress?: true
  readonly clientSecret: boolean
}

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value]

/** The settings that a file and flags give: flags over the file. Throws `Mistake` with every field that is wrong. */
async function settingsFrom(name: string, options: SetOptions): Promise<IdentityProviderRequest> {
  const fromFile: unknown = options.file === undefined ? {} : JSON.parse(await readFile(options.file, 'utf8'))
  const parsed = IdentityProviderRequest.safeParse({
    label: name, ...(typeof fromFile === 'object' && fromFile),
    ...(options.issuer !== undefined && { protocol: { kind: 'oidc', issuer: options.issuer } }), ...(options.label !== undefined && { label: options.label }), ...(options.clientId !== undefined && { clientId: options.clientId }),
    ...(options.groupsClaim !== undefined && { groupsClaim: options.groupsClaim }), ...(options.map !== undefined && { groupMappings: options.map.map(toMapping) }),
    ...(options.link !== undefined && { linkByVerifiedEmail: options.link }), ...(options.allowPrivateAddress === true && { allowPrivateAddress: true }),
    ...(options.domains !== undefined && { newAccounts: { when: 'listed-domains', domains: options.domains.split(',').map((domain) => domain.trim()), role: 'member' } }),
  })
  if (!parsed.success) throw new Mistake(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'))
  return parsed.data
}

function toMapping(text: string): { readonly value: string; readonly groupId: string } {
  const end = text.lastIndexOf('=')
  if (end < 1) throw new Mistake('Give --map as VALUE=GROUP_ID, such as --map staff=grp_….')
  return { value: text.slice(0, end), groupId: text.slice(end + 1) }
}

/** Identity providers. */
export function identityProviders(program: Command): void {
  const group = program.command('identity-providers').description('providers that people may sign in with')
  group.command('list').description('list them').action(withClient(async ({ client, json }) => {
    const { items } = await client.call('listIdentityProviders')
    print(json, items, () => table([['NAME', 'LABEL', 'KIND', 'HOSTS', 'SECRET', 'FROM'], ...items.map((one) => [one.name, one.label, one.protocol.kind, one.hosts.join(' '), one.hasClientSecret ? 'yes' : 'no', one.origin])]))
  }))
  group.command('set').description('add or change one; its client secret is asked for, or read from standard input').argument('<name>')
    .option('--issuer <url>', 'OpenID Connect: everything else is found there').option('--file <path>', 'further settings as JSON, as in the handbook; for OAuth 2 its endpoints')
    .option('--client-id <id>').option('--label <text>', 'on the button of the sign-in page').option('--groups-claim <claim>').option('--map <value=group>', 'puts those whom the provider says so into a group; may be repeated', collect)
    .option('--link <policy>', LinkPolicy.options.join(', ')).option('--domains <list>', 'e-mail domains whose people get an account').option('--allow-private-address', 'it may be at a private address').option('--no-client-secret', 'it needs no secret')
    .action(withClient(async ({ client, json }: Shared, name: string, options: SetOptions) => {
      const settings = await settingsFrom(name, options)
      const clientSecret = options.clientSecret ? await readSecret(`Client secret of ${name} (not shown; empty keeps the present one): `) : ''
      const saved = await client.call('saveIdentityProvider', { params: { name }, body: { ...settings, ...(clientSecret !== '' && { clientSecret }) } })
      print(json, saved, () => ['Saved. Register this path at the provider, behind the address of this server:', saved.redirectPath, ...(saved.protocol.kind === 'oidc' ? ['and for its sign-out (back-channel):', saved.backChannelLogoutPath] : [])])
    }))
  group.command('remove').description('remove one, with the identities linked through it').argument('<name>').action(withClient(async ({ client, json }: Shared, name: string) => {
    await client.call('deleteIdentityProvider', { params: { name } })
    print(json, { ok: true }, () => ['Removed.'])
  }))
}

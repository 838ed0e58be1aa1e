import { KeyChange, KeyRequest, KeyRotation, ServiceKeyRequest, type Key, type ServiceKey } from '@sallyport/contract'
import type { Command } from 'commander'
import { Mistake } from '../connect.ts'
import { print, table } from '../print.ts'
import { withClient, type Shared } from '../with-client.ts'

interface Restrictions {
  readonly expiresInDays?: string
  readonly neverExpires?: true
  readonly permissions?: string
  readonly operations?: string
  readonly models?: string
  readonly collections?: string
  readonly addresses?: string
  readonly requestsPerMinute?: string
  readonly turnsPerMinute?: string
  readonly turnsPerDay?: string
  readonly tokensPerDay?: string
}
interface ForService { readonly service?: true }

/** API keys: one's own, and with --service those of services. */
export function keys(program: Command): void {
  const group = program.command('keys').description('API keys')
  group.command('list').description('list them').option('--service', 'those of services').action(withClient(list))
  restrictable(group.command('create').description('make one; its value is shown this once').argument('<name>'))
    .option('--service', 'for a service, with an account of its own').option('--role <role>', 'the role of a service').action(withClient(create))
  restrictable(group.command('change').description('rename one, or change what it may do; "any" lifts a limit').argument('<id>'))
    .option('--service', 'one of a service').option('--name <name>').action(withClient(change))
  group.command('rotate').description('give one a new value; the old one goes on for a while').argument('<id>').option('--service', 'one of a service')
    .option('--grace-hours <hours>', 'how long the old value goes on; 0 ends every old value', '24').action(withClient(rotate))
  group.command('revoke').description('end one, at once').argument('<id>').option('--service', 'one of a service').action(withClient(async ({ client, json }: Shared, keyId: string, { service }: ForService) => {
    await client.call(service === true ? 'revokeServiceKey' : 'revokeKey', { params: { keyId } })
    print(json, { ok: true }, () => ['Revoked.'])
  }))
}

const restrictable = (command: Command): Command => command
  .option('--expires-in-days <days>', 'when it ends; 90 days unless you say so').option('--never-expires', 'it does not end by itself')
  .option('--permissions <list>', 'such as chat:write,chat:read').option('--operations <list>', 'such as gatewayChat').option('--models <list>', 'PROVIDER/MODEL or PROVIDER/*')
  .option('--collections <list>', 'handbook, shared, mine').option('--addresses <list>', 'addresses or ranges, such as 10.0.0.0/8')
  .option('--requests-per-minute <n>').option('--turns-per-minute <n>').option('--turns-per-day <n>').option('--tokens-per-day <n>')

async function list({ client, json }: Shared, { service }: ForService): Promise<void> {
  const found: readonly (Key | ServiceKey)[] = service === true ? (await client.call('listServiceKeys', { query: { limit: 100 } })).items : (await client.call('listKeys', { query: { limit: 100 } })).items
  print(json, found, () => (found.length === 0 ? ['No keys yet. Make one: npm run sallyport -- keys create NAME'] : [
    ...table([['ID', 'NAME', 'BEGINS', 'FOR', 'EXPIRES', 'LAST USED', 'FROM'], ...found.map((key) => [
      key.id, key.name, key.start, 'account' in key ? key.account.role : 'you', key.expiresAt ?? 'never', key.lastUsedAt ?? 'never', key.lastUsedAddress ?? '',
    ])]),
    ...found.filter(({ isRotationDue }) => isRotationDue).map(({ id, name }) => `${name} has had its value for more than 90 days. Rotate it: npm run sallyport -- keys rotate ${id}`),
  ]))
}

async function create({ client, json }: Shared, name: string, { service, role, ...restrictions }: Restrictions & ForService & { readonly role?: string }): Promise<void> {
  const settings = { name, ...settingsOf(restrictions) }
  const made = service === true
    ? await client.call('createServiceKey', { body: checked(ServiceKeyRequest, { ...settings, ...(role !== undefined && { role }) }) })
    : await client.call('createKey', { body: checked(KeyRequest, settings) })
  print(json, made, () => [made.value])
}

async function change({ client, json }: Shared, keyId: string, { service, name, ...restrictions }: Restrictions & ForService & { readonly name?: string }): Promise<void> {
  const body = checked(KeyChange, { ...(name !== undefined && { name }), ...settingsOf(restrictions) })
  if (Object.keys(body).length === 0) throw new Mistake('Say what to change, such as --name NAME or --addresses 10.0.0.0/8.')
  print(json, await client.call(service === true ? 'changeServiceKey' : 'changeKey', { params: { keyId }, body }), () => ['Changed.'])
}

async function rotate({ client, json }: Shared, keyId: string, { service, graceHours }: ForService & { readonly graceHours: string }): Promise<void> {
  const made = await client.call(service === true ? 'rotateServiceKey' : 'rotateKey', { params: { keyId }, body: checked(KeyRotation, { graceHours: Number(graceHours) }) })
  print(json, made, () => [made.value])
}

/** What was said on the command line, as the wire names it. */
function settingsOf(given: Restrictions): Readonly<Record<string, unknown>> {
  const scopes = { ...listed('permissions', given.permissions), ...listed('operations', given.operations), ...listed('models', given.models), ...listed('collections', given.collections) }
  const limits = { ...counted('requestsPerMinute', given.requestsPerMinute), ...counted('turnsPerMinute', given.turnsPerMinute), ...counted('turnsPerDay', given.turnsPerDay), ...counted('tokensPerDay', given.tokensPerDay) }
  return {
    ...(given.neverExpires === true ? { expiresInDays: null } : counted('expiresInDays', given.expiresInDays)), ...listed('addresses', given.addresses),
    ...(Object.keys(scopes).length > 0 && { scopes }), ...(Object.keys(limits).length > 0 && { limits }),
  }
}

interface Issue { readonly path: readonly PropertyKey[]; readonly message: string }
interface Schema<Value> { safeParse(said: unknown): { readonly success: true; readonly data: Value } | { readonly success: false; readonly error: { readonly issues: readonly Issue[] } } }

/** Checks what was said as the server would. Throws `Mistake`. */
function checked<Value>(schema: Schema<Value>, said: unknown): Value {
  const result = schema.safeParse(said)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw new Mistake(issue === undefined ? 'Check what you typed.' : `${issue.path.map(String).join('.')}: ${issue.message}`)
}

const LIFTED = 'any'
const listed = (field: string, text: string | undefined) => (text === undefined ? {} : { [field]: text === LIFTED ? null : text.split(',').map((item) => item.trim()).filter((item) => item !== '') })
const counted = (field: string, text: string | undefined) => (text === undefined ? {} : { [field]: text === LIFTED ? null : Number(text) })

import { ProviderCredentialList } from '@sallyport/contract'
import { providerCredentials } from '../policy/provider-credentials.ts'
import { startHookVendor, type HookVendor } from './hook-vendor.ts'
import { openTestServer, type Person, type TestServer } from './server.ts'

export const KEYS_PATH = '/api/v1/providers/vendor/credentials'
export const FIRST_KEY = 'sk-first-of-a-vendor-with-a-hook-1a'
const DAY = 86_400_000

/** A server with one provider, whose keys a program makes. */
export interface HookedServer extends AsyncDisposable {
  readonly server: TestServer
  readonly at: HookVendor
  owner: Person
  list(): Promise<ProviderCredentialList['items']>
  /** Such as `2 active`. */
  states(): Promise<readonly string[]>
  /** Lets the key in use become older than its interval, and has everything done that is due. */
  grow(): Promise<void>
  /** The details of the security events of a type. */
  events(type: string): Promise<readonly unknown[]>
}

export interface HookedOptions { readonly settings?: Readonly<Record<string, string>>; readonly mode?: number; /** Arguments of the program. */ readonly given?: readonly string[] }

/** `code` is what the program does; see `HookVendor`. */
export async function openHookedServer(code: string, { settings = {}, mode, given = [] }: HookedOptions = {}): Promise<HookedServer> {
  const at = await startHookVendor(FIRST_KEY)
  const program = await at.program('rotate', code, mode)
  const server = await openTestServer({ settings: { SECRETS_ROTATION_HOOKS: JSON.stringify({ vendor: { origin: new URL(at.vendor.baseUrl).origin, command: [program, ...given] } }), ...settings } })
  const owner = await server.setUpOwner()
  const saved = await owner.call('PUT', '/api/v1/providers/vendor', { adapter: 'openai-compatible', baseUrl: at.vendor.baseUrl, credential: FIRST_KEY, allowPrivateAddress: true })
  if (saved.status !== 200) throw new Error(`The provider was not saved: ${saved.text}`)
  const hooked: HookedServer = {
    server, at, owner,
    list: async () => ProviderCredentialList.parse((await hooked.owner.call('GET', KEYS_PATH)).json).items,
    states: async () => (await hooked.list()).map(({ version, state }) => `${version} ${state}`),
    async grow() {
      server.clock.advance(providerCredentials.rotateAfterDays * DAY + 1)
      hooked.owner = await server.renew(hooked.owner)
      await server.sallyport.domains.models.hooks.runDue()
    },
    events: async (type) => (await server.sallyport.database.read.selectFrom('security_event').select('detail').where('type', '=', type).orderBy('id').execute()).map(({ detail }): unknown => JSON.parse(detail)),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]()
      await at[Symbol.asyncDispose]()
    },
  }
  return hooked
}

import { Session, type IdentityProviderRequest } from '@sallyport/contract'
import type * as z from 'zod'
import { openRedirectBrowser, type Page, type RedirectBrowser } from '../../src/testing/redirect-browser.ts'
import { startRealProvider, type RealPerson, type RealProvider } from '../../src/testing/real-identity-provider.ts'
import { openTestServer, type Person, type TestServer, type TestServerOptions } from '../../src/testing/server.ts'

type Saved = Partial<z.input<typeof IdentityProviderRequest>>
/** A server with a real OpenID provider, saved under a name. Everything ends when it is disposed of. */
export interface Federation extends AsyncDisposable {
  readonly server: TestServer
  readonly owner: Person
  readonly provider: RealProvider
  /** Saves the provider again with other settings. */
  save(settings?: Saved, name?: string): Promise<void>
  /** Another provider of its own, saved under another name. */
  add(name: string, settings?: Saved): Promise<RealProvider>
  /** Somebody at the provider; ready to sign in there. */
  person(name: string, claims: RealPerson['claims'], at?: RealProvider): void
  /** Signs in at the provider in a new browser, or in one that is given. */
  signIn(name: string, options?: SignInOptions): Promise<SignedIn>
  /** Whether the browser has a session, and whose. */
  who(browser: RedirectBrowser): Promise<z.output<typeof Session> | null>
  /** Says that the account's own address was verified. */
  verify(person: Person): Promise<void>
}
export interface SignInOptions { readonly browser?: RedirectBrowser; readonly providerName?: string; readonly stopAtCallback?: boolean; readonly query?: string }
export interface SignedIn { readonly browser: RedirectBrowser; readonly page: Page; readonly account: z.output<typeof Session>['account'] | null }

const NAME = 'company'
export const callback = (server: TestServer, name = NAME) => `${server.url}/api/v1/session/federated/${name}/callback`
export const start = (server: TestServer, name = NAME, query = '') => `${server.url}/api/v1/session/federated/${name}${query}`

export const requestFor = (provider: RealProvider, settings: Saved = {}): z.input<typeof IdentityProviderRequest> =>
  ({ label: 'Company', protocol: { kind: 'oidc', issuer: provider.issuer }, clientId: provider.clientId, clientSecret: provider.clientSecret, allowPrivateAddress: true, ...settings })

export async function openFederation(options: TestServerOptions = {}): Promise<Federation> {
  const server = await openTestServer(options)
  const owner = await server.setUpOwner()
  const providers: RealProvider[] = []
  const add = async (name: string) => {
    const provider = await startRealProvider({ redirectUris: [callback(server, name)], backChannelLogoutUri: `${server.url}/api/v1/session/federated/${name}/back-channel-logout` })
    providers.push(provider)
    return provider
  }
  const save = async (provider: RealProvider, name: string, settings: Saved) => {
    const saved = await owner.call('PUT', `/api/v1/identity-providers/${name}`, requestFor(provider, settings))
    if (saved.status !== 200) throw new Error(`The provider was not saved: ${saved.text}`)
  }
  const provider = await add(NAME)
  const who: Federation['who'] = async (browser) => {
    const token = browser.cookies(server.url).get(server.cookieName)
    const reply = await server.call('GET', '/api/v1/session', { headers: { cookie: `${server.cookieName}=${token ?? ''}` } })
    return reply.status === 200 ? Session.parse(reply.json) : null
  }
  return {
    server, owner, provider, who,
    save: (settings = {}, name = NAME) => save(provider, name, settings),
    async add(name, settings = {}) {
      const another = await add(name)
      await save(another, name, settings)
      return another
    },
    person: (name, claims, at = provider) => { at.people.set(name, { subject: `subject-of-${name}`, claims }) },
    async signIn(name, { browser = openRedirectBrowser(), providerName = NAME, stopAtCallback = false, query = '' } = {}) {
      const stop = (next: URL) => stopAtCallback && next.pathname.endsWith('/callback')
      const form = await browser.go(start(server, providerName, query), { stop })
      const page = form.url.pathname.startsWith('/interaction/') ? await browser.go(form.url.href, { stop, form: `login=${name}` }) : form
      return { browser, page, account: stopAtCallback ? null : (await who(browser))?.account ?? null }
    },
    async verify({ account }) {
      await server.sallyport.database.write([{ query: server.sallyport.database.read.updateTable('account').set({ email_verified_at: 1 }).where('id', '=', account.id).compile() }])
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]()
      await Promise.all(providers.map((one) => one.close()))
    },
  }
}

import { generateKeyPairSync } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import OidcProvider, { type AdapterFactory, type AdapterPayload, type Configuration } from 'oidc-provider'
import { callHttp } from './http-client.ts'

export interface RealPerson { readonly subject: string; readonly claims: Readonly<Record<string, unknown>> }
export interface RealProviderOptions {
  /** The host name in the issuer. Another than the server's makes it another site for a browser. */
  readonly host?: string
  readonly clientId?: string
  readonly clientSecret?: string
  /** Addresses that the provider sends people back to. */
  readonly redirectUris: readonly string[]
  readonly backChannelLogoutUri?: string
}
/** A real OpenID provider in this process. Its sign-in page is one form with a button for each person. */
export interface RealProvider {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  /** Who may sign in; may change between sign-ins. */
  readonly people: Map<string, RealPerson>
  /** How many requests it got, by path. */
  readonly requests: Map<string, number>
  close(): Promise<void>
}

/** Starts oidc-provider on a free port of this machine. */
export async function startRealProvider({ host = 'localhost', clientId = 'sallyport', clientSecret = 'a-client-secret-of-tests', redirectUris, backChannelLogoutUri }: RealProviderOptions): Promise<RealProvider> {
  const people = new Map<string, RealPerson>()
  const requests = new Map<string, number>()
  const server = createServer()
  await new Promise<void>((resolve) => { server.listen(0, host === 'localhost' ? undefined : '127.0.0.1', resolve) })
  const { port } = server.address() as AddressInfo
  const issuer = `http://${host}:${port}`
  const provider = new OidcProvider(issuer, configurationOf({ people, clientId, clientSecret, redirectUris, backChannelLogoutUri }))
  const serve = provider.callback()
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const path = new URL(request.url ?? '/', issuer).pathname
    requests.set(path, (requests.get(path) ?? 0) + 1)
    if (path.startsWith('/interaction/')) void interact(provider, people, { request, response }).catch(() => { response.writeHead(500).end() })
    else void serve(request, response)
  })
  return {
    issuer, clientId, clientSecret, people, requests,
    close: () => new Promise((resolve) => { server.close(() => { resolve() }); server.closeAllConnections() }),
  }
}

interface Parts { readonly people: Map<string, RealPerson>; readonly clientId: string; readonly clientSecret: string; readonly redirectUris: readonly string[]; readonly backChannelLogoutUri: string | undefined }

const configurationOf = ({ people, clientId, clientSecret, redirectUris, backChannelLogoutUri }: Parts): Configuration => ({
  clients: [{
    client_id: clientId, client_secret: clientSecret, redirect_uris: [...redirectUris], grant_types: ['authorization_code'], response_types: ['code'],
    ...(backChannelLogoutUri !== undefined && { backchannel_logout_uri: backChannelLogoutUri, backchannel_logout_session_required: true }),
  }],
  claims: { openid: ['sub', 'sid', 'auth_time'], email: ['email', 'email_verified'], profile: ['name', 'groups'] },
  features: { devInteractions: { enabled: false }, backchannelLogout: { enabled: true }, rpInitiatedLogout: { enabled: true } },
  adapter: createMemoryAdapter(),
  fetch: callLocally,
  jwks: { keys: [{ ...generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey.export({ format: 'jwk' }), kid: 'one', use: 'sig', alg: 'RS256' }] },
  pkce: { required: () => true },
  cookies: { keys: ['a-key-of-tests-for-cookies'] },
  ttl: { Session: 3_600, Interaction: 600, Grant: 3_600, AccessToken: 600, IdToken: 600 },
  interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_context, subject) => {
    const person = [...people.values()].find((one) => one.subject === subject)
    return person === undefined ? undefined : { accountId: subject, claims: () => ({ ...person.claims, sub: subject }) }
  },
  loadExistingGrant: async (context) => {
    const { client, session, provider } = context.oidc
    const grant = new provider.Grant({ clientId: client?.clientId ?? '', accountId: session?.accountId ?? '' })
    grant.addOIDCScope('openid email profile')
    await grant.save()
    return grant
  },
})

/** The provider calls no address of this machine by itself; the server of a test is at one. */
async function callLocally(input: string | URL | Request, { method = 'GET', headers, body }: RequestInit = {}): Promise<Response> {
  const { port, pathname, search } = new URL(input instanceof Request ? input.url : input)
  const reply = await callHttp({ port: Number(port), method, path: pathname + search, headers: Object.fromEntries(new Headers(headers)), ...(body instanceof URLSearchParams && { body: body.toString() }) })
  return new Response(reply.text === '' ? null : reply.text, { status: reply.status })
}

/** Keeps everything in memory: oidc-provider has one of its own, and complains of it. */
function createMemoryAdapter(): AdapterFactory {
  const rows = new Map<string, AdapterPayload>()
  return (model) => {
    const keyOf = (id: string) => `${model} ${id}`
    const findBy = (test: (payload: AdapterPayload) => boolean) => Promise.resolve([...rows].find(([key, payload]) => key.startsWith(`${model} `) && test(payload))?.[1])
    return {
      upsert: (id, payload) => { rows.set(keyOf(id), payload); return Promise.resolve() },
      find: (id) => Promise.resolve(rows.get(keyOf(id))),
      findByUserCode: (userCode) => findBy((payload) => payload.userCode === userCode),
      findByUid: (uid) => findBy((payload) => payload.uid === uid),
      consume: (id) => { const row = rows.get(keyOf(id)); if (row !== undefined) row.consumed = Date.now(); return Promise.resolve() },
      destroy: (id) => { rows.delete(keyOf(id)); return Promise.resolve() },
      revokeByGrantId: (grantId) => { for (const [key, payload] of rows) if (payload.grantId === grantId) rows.delete(key); return Promise.resolve() },
    }
  }
}

/** The page where somebody says who they are, and what follows it. */
async function interact(provider: OidcProvider, people: ReadonlyMap<string, RealPerson>, { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse }): Promise<void> {
  if (request.method !== 'POST') {
    const buttons = [...people.keys()].map((name) => `<button name="login" value="${name}">Sign in as ${name}</button>`).join(' ')
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(`<!doctype html><title>Provider</title><form method="post">${buttons} <button name="login" value="">Cancel</button></form>`)
    return
  }
  let body = ''
  for await (const chunk of request as AsyncIterable<Buffer>) body += chunk.toString('utf8')
  const person = people.get(new URLSearchParams(body).get('login') ?? '')
  await provider.interactionFinished(request, response, person === undefined ? { error: 'access_denied', error_description: 'Cancelled.' } : { login: { accountId: person.subject, remember: true } }, { mergeWithLastSubmission: false })
}

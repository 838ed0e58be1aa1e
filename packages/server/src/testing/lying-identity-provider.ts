import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, SignJWT, UnsecuredJWT, type JWTHeaderParameters } from 'jose'

type Json = Record<string, unknown>
/** What the next answers are. Each is a chance to lie. */
export interface Script {
  /** Over what the configuration document says by itself; undefined takes a member away. */
  metadata?: Json
  /** Over the claims of the ID token; undefined takes a claim away. */
  idToken?: Json
  /** Makes the ID token from its honest claims; null leaves it out. */
  sign?: (claims: Json) => Promise<string | null> | string | null
  userInfo?: Json
  /** A status and body of the token endpoint instead of tokens. */
  tokenAnswer?: { readonly status: number; readonly body: unknown; readonly headers?: Readonly<Record<string, string>> }
  /** Over the parameters that the browser brings back; undefined takes one away. */
  answer?: Readonly<Record<string, string | undefined>>
}
export interface LyingProvider extends AsyncDisposable {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  script: Script
  /** The parameters of the token endpoint's last request. */
  readonly asked: () => URLSearchParams | null
  readonly requests: string[]
  readonly keys: { readonly own: KeyObject; readonly published: KeyObject; readonly foreign: KeyObject }
  /** Signs with the provider's own key. */
  sign(claims: Json, header?: Partial<JWTHeaderParameters>, key?: KeyObject | Uint8Array): Promise<string>
  unsigned(claims: Json): string
  /** What a browser brings back after it was sent to this address. */
  answerTo(startUrl: URL): URLSearchParams
}

const KEY_ID = 'one'
const without = (value: Json): Json => Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined))
const seconds = () => Math.floor(Date.now() / 1_000)

/** An OpenID provider that says what a test tells it to. Honest where nothing else is said. */
export async function startLyingProvider(): Promise<LyingProvider> {
  const [own, foreign] = [generateKeyPairSync('rsa', { modulusLength: 2_048 }), generateKeyPairSync('rsa', { modulusLength: 2_048 })]
  const state: { nonce: string; challenge: string; asked: URLSearchParams | null } = { nonce: '', challenge: '', asked: null }
  const server = createServer()
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const requests: string[] = []
  const json = (response: ServerResponse, body: unknown, { status = 200, headers = {} }: { readonly status?: number; readonly headers?: Readonly<Record<string, string>> } = {}) => { response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body)) }
  const honestClaims = (): Json => ({ iss: issuer, aud: provider.clientId, sub: 'subject-1', nonce: state.nonce, iat: seconds(), exp: seconds() + 300, email: 'ada@example.org', email_verified: true, name: 'Ada', sid: 'session-1' })

  const token = async (request: IncomingMessage, response: ServerResponse) => {
    let body = ''
    for await (const chunk of request as AsyncIterable<Buffer>) body += chunk.toString('utf8')
    state.asked = new URLSearchParams(body)
    const { tokenAnswer, idToken, sign } = provider.script
    if (tokenAnswer !== undefined) { json(response, tokenAnswer.body, tokenAnswer); return }
    const verifier = state.asked.get('code_verifier') ?? ''
    if (createHash('sha256').update(verifier).digest('base64url') !== state.challenge) { json(response, { error: 'invalid_grant' }, { status: 400 }); return }
    const claims = without({ ...honestClaims(), ...idToken })
    const made = sign === undefined ? await provider.sign(claims) : await sign(claims)
    json(response, { access_token: 'an-access-token', token_type: 'Bearer', expires_in: 300, ...(made !== null && { id_token: made }) })
  }
  server.on('request', (request, response) => {
    const { pathname } = new URL(request.url ?? '/', issuer)
    requests.push(`${request.method ?? ''} ${pathname}`)
    if (pathname === '/.well-known/openid-configuration') {
      json(response, without({
        issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token`, userinfo_endpoint: `${issuer}/userinfo`, jwks_uri: `${issuer}/keys`,
        response_types_supported: ['code'], subject_types_supported: ['public'], id_token_signing_alg_values_supported: ['RS256', 'HS256', 'none'], authorization_response_iss_parameter_supported: true,
        ...provider.script.metadata,
      }))
    } else if (pathname === '/keys') void exportJWK(own.publicKey).then((key) => { json(response, { keys: [{ ...key, kid: KEY_ID, alg: 'RS256', use: 'sig' }] }) })
    else if (pathname === '/token') void token(request, response)
    else if (pathname === '/userinfo') json(response, provider.script.userInfo ?? { sub: 'subject-1' })
    else response.writeHead(404).end()
  })
  const provider: LyingProvider = {
    issuer, clientId: 'sallyport', clientSecret: 'a-client-secret-of-tests', script: {}, requests,
    asked: () => state.asked,
    keys: { own: own.privateKey, published: own.publicKey, foreign: foreign.privateKey },
    sign: (claims, header = {}, key = own.privateKey) => new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: KEY_ID, ...header }).sign(key),
    unsigned: (claims) => new UnsecuredJWT(claims).encode(),
    answerTo(startUrl) {
      state.nonce = startUrl.searchParams.get('nonce') ?? ''
      state.challenge = startUrl.searchParams.get('code_challenge') ?? ''
      const honest = { code: 'a-code', state: startUrl.searchParams.get('state') ?? '', iss: issuer }
      return new URLSearchParams(without({ ...honest, ...provider.script.answer }) as Record<string, string>)
    },
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => { server.close(resolve); server.closeAllConnections() })
    },
  }
  return provider
}

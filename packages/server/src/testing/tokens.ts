import { TokenReply } from '@sallyport/contract'
import type { HttpReply } from './http-client.ts'
import { PASSWORD, type Person, type TestServer } from './server.ts'

let callers = 0
/** A loopback address that nobody else called from: each has its own allowance. */
export const anotherAddress = () => { callers += 1; return `127.1.${Math.floor(callers / 250)}.${1 + callers % 250}` }

/** Asks the token endpoint, from an address of its own. */
export const askForToken = (server: TestServer, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<HttpReply> =>
  server.call('POST', '/api/v1/auth/token', { body, headers, from: anotherAddress() })

/** A program's sign-in with its person's password. */
export async function signInProgram(server: TestServer, { account }: Pick<Person, 'account'>): Promise<TokenReply & { readonly refresh_token: string }> {
  const reply = await askForToken(server, { grant_type: 'password', username: account.email, password: PASSWORD })
  const { refresh_token, ...tokens } = TokenReply.parse(reply.json)
  if (refresh_token === undefined) throw new Error(`There is no refresh token: ${reply.text}`)
  return { ...tokens, refresh_token }
}

/** The session id of an access token: that of its family. */
export function familyOf(accessToken: string): string {
  const claims: unknown = JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString('utf8'))
  return typeof claims === 'object' && claims !== null && 'sid' in claims ? String(claims.sid) : ''
}

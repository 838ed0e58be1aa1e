import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'
import { askForToken, signInProgram } from '../../src/testing/tokens.ts'

// Abuse 40 (CVE-2026-33265): a token of one service that another takes, because both look at the signature alone.

let here: TestServer
let there: TestServer
let owner: Person
let stranger: Person
beforeAll(async () => {
  [here, there] = [await openTestServer(), await openTestServer()];
  [owner, stranger] = [await here.setUpOwner(), await there.setUpOwner()]
})
afterAll(async () => {
  await here[Symbol.asyncDispose]()
  await there[Symbol.asyncDispose]()
})

const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as { readonly iss: string; readonly aud: string }
const open = async (server: TestServer, token: string) => (await server.call('GET', '/api/v1/session', { headers: { authorization: `Bearer ${token}` } })).status

test('each server names itself, and takes no token of the other, of either kind', async () => {
  const [ours, theirs] = [await signInProgram(here, owner), await signInProgram(there, stranger)]
  expect(claimsOf(ours.access_token).iss).not.toBe(claimsOf(theirs.access_token).iss)
  expect(claimsOf(ours.access_token).aud).not.toBe(claimsOf(theirs.access_token).aud)
  expect(await open(here, ours.access_token)).toBe(200)
  expect(await open(here, theirs.access_token)).toBe(401)
  expect(await open(there, ours.access_token)).toBe(401)
  expect((await askForToken(here, { grant_type: 'refresh_token', refresh_token: theirs.refresh_token })).json).toMatchObject({ error: 'invalid_grant' })
  expect((await askForToken(there, { grant_type: 'refresh_token', refresh_token: theirs.refresh_token })).status).toBe(200)
})

test('not even where a thief has given both servers the same signing key', async () => {
  // The row is sealed under the key of its server, so copying it is of no use; this gives the key itself.
  const { id, privateKey } = await here.sallyport.domains.signingKeys.signer()
  const { SignJWT } = await import('jose')
  const { iss, aud, ...claims } = claimsOf((await signInProgram(here, owner)).access_token) as Record<string, unknown>
  const forge = (issuer: unknown, audience: unknown) => new SignJWT({ ...claims, iss: String(issuer), aud: String(audience) }).setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: id }).sign(privateKey)
  expect(await open(here, await forge(iss, aud))).toBe(200)
  const foreign = claimsOf((await signInProgram(there, stranger)).access_token)
  for (const [issuer, audience] of [[foreign.iss, foreign.aud], [iss, foreign.aud], [foreign.iss, aud]]) expect(await open(here, await forge(issuer, audience))).toBe(401)
})

import { createHmac, generateKeyPairSync, randomUUID } from 'node:crypto'
import { KeyRequest, roles, ServiceKeyRequest, type Role } from '@sallyport/contract'
import { SignJWT } from 'jose'
import * as z from 'zod'
import { newId } from '../../src/kernel/ids.ts'
import { callerLike } from '../../src/testing/caller.ts'
import type { SentHeaders } from '../../src/testing/http-client.ts'
import type { Person, TestServer } from '../../src/testing/server.ts'

// Every way of carrying a credential, and every way in which one may not hold, for the matrix over all operations.

const DAY = 86_400_000
const HOUR = 3_600_000

/** What a way of calling proves. */
export type Proof =
  | { readonly kind: 'nobody' }
  /** Something was sent that holds nothing: it is refused everywhere. */
  | { readonly kind: 'bad' }
  /** Holds, and may not be used from there. */
  | { readonly kind: 'elsewhere' }
  | {
    readonly kind: 'account'
    readonly role: Role
    readonly isPerson: boolean
    readonly isFresh: boolean
    readonly isOwing: boolean
    /** The one operation, or the permissions, that a key is limited to. */
    readonly only: { readonly operation: string } | { readonly permission: string } | null
    /** Whether it is the account that every sample belongs to. */
    readonly isSampled: boolean
  }
export interface Way { readonly name: string; readonly proof: Proof; readonly headers: () => SentHeaders; readonly from?: string }

const Claims = z.looseObject({ iss: z.string(), aud: z.string() })
const flip = (key: string) => key.slice(0, 10) + (key[10] === 'a' ? 'b' : 'a') + key.slice(11)
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

export interface Credentials {
  readonly ways: readonly Way[]
  /** New sessions and tokens for everybody whose credentials hold, or for one role, proved just now. */
  renew(role?: Role): Promise<void>
  person(role: Role): Person
}

/** People of every role with everything that they can call with, and whatever does not hold. */
export async function makeCredentials(server: TestServer, firstOwner: Person): Promise<Credentials> {
  const { domains, database } = server.sallyport
  const dead = await makeDead(server)
  const people = new Map<Role, Person>([['owner', await server.renew(firstOwner)]])
  for (const role of roles) if (role !== 'owner') people.set(role, await server.addAccount(role, role))
  const person = (role: Role): Person => {
    const found = people.get(role)
    if (found === undefined) throw new Error(`Nobody is ${role}.`)
    return found
  }
  const owing = await server.addAccount('owing')
  await database.write([{ query: database.read.updateTable('account').set({ password_change_needed: 1 }).where('id', '=', owing.account.id).compile() }])
  domains.revocations.announce({ kind: 'account', accountId: owing.account.id, exceptSessionId: null })
  const tokens = new Map<string, string>()
  const stale = new Map<Role, string>()

  const real = await tokenOfKey(server, person('owner'))
  const claims = Claims.parse(JSON.parse(Buffer.from(real.split('.')[1] ?? '', 'base64url').toString('utf8')))
  const sign: Forging['sign'] = async (changes, { key, header = {} } = {}) => {
    // Asked for each time, because one of the operations replaces it.
    const signer = await domains.signingKeys.signer()
    const now = Math.floor(server.clock.now() / 1_000)
    return new SignJWT({ ...claims, jti: randomUUID(), iat: now, nbf: now, exp: now + 900, ...changes }).setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: signer.id, ...header }).sign(key ?? signer.privateKey)
  }
  /** A program that its person signed in to just now. */
  const signInto = async ({ account }: Person): Promise<string> => {
    const at = server.clock.now()
    const id = newId('tokenFamily', at)
    await database.write([{ query: database.read.insertInto('token_family').values({ id, account_id: account.id, created_at: at, authenticated_at: at, second_factor_at: null, last_seen_at: at, expires_at: at + 30 * DAY, device_sealed: null }).compile() }])
    return sign({ sub: account.id, sid: id, client_id: id })
  }
  const restricted = async (settings: z.input<typeof KeyRequest>) => (await domains.keys.create(callerLike(firstOwner.account.id, 'owner'), KeyRequest.parse(settings))).value
  const limited = {
    operation: await restricted({ name: 'one operation', scopes: { operations: ['listModels'] } }),
    permission: await restricted({ name: 'one permission', scopes: { permissions: ['chat:read'] } }),
    address: await restricted({ name: 'one address', addresses: ['127.200.0.1'] }),
  }
  const service = await domains.keys.services.create(callerLike(firstOwner.account.id, 'owner'), ServiceKeyRequest.parse({ name: 'service', role: 'operator' }))
  const forged = await forge({ sign, real, claims, signerId: (await domains.signingKeys.signer()).id, ownerId: firstOwner.account.id })
  const foreign = await tokenOfAnotherServer()

  const renew = async (only?: Role) => {
    for (const [role, known] of people) {
      if (only !== undefined && role !== only && role !== 'owner') continue
      // The stale one began before the time that a proof counts for, and goes on.
      const at = server.clock.now()
      stale.set(role, (await domains.sessions.begin(callerLike(known.account.id, role), known.account, { authenticatedAt: at - HOUR / 2, secondFactorAt: null })).token)
      people.set(role, await withNewSession(server, known))
      tokens.set(role, await signInto(known))
      tokens.set(`key of ${role}`, await tokenOfKey(server, known))
    }
    tokens.set('owing', await signInto(owing))
    tokens.set('owing session', (await domains.sessions.begin(callerLike(owing.account.id, 'member'), owing.account)).token)
  }
  await renew()

  const fromPage = (cookie: string): SentHeaders => ({ cookie, origin: server.url })
  const bearer = (value: string | undefined): SentHeaders => ({ authorization: `Bearer ${value ?? ''}` })
  const whole = (role: Role, more: Partial<Extract<Proof, { kind: 'account' }>> = {}): Proof => ({ kind: 'account', role, isPerson: true, isFresh: true, isOwing: false, only: null, isSampled: role === 'owner', ...more })
  const byKey = { isPerson: false, isFresh: false } as const
  const bad = (name: string, headers: () => SentHeaders): Way => ({ name, proof: { kind: 'bad' }, headers })
  const none = (name: string, headers: () => SentHeaders): Way => ({ name, proof: { kind: 'nobody' }, headers })

  const ways: readonly Way[] = [
    none('nobody', () => ({})),
    none('nobody, from the page', () => ({ origin: server.url })),
    none('an expired session', () => fromPage(dead.session)),
    none('an ended session', () => fromPage(dead.endedSession)),
    none('the session of a suspended account', () => fromPage(dead.suspendedSession)),
    none('a session nobody has', () => fromPage(`${server.cookieName}=${'A'.repeat(43)}`)),
    none('a session in another port\'s cookie', () => fromPage(person('owner').cookie.replace(server.cookieName, '__Host-sallyport-1'))),
    bad('a mistyped key', () => bearer(flip(person('owner').key))),
    bad('an expired key', () => ({ 'x-api-key': dead.key })),
    bad('a revoked key', () => bearer(dead.revokedKey)),
    bad('a value that was rotated away', () => bearer(dead.rotatedKey)),
    bad('the key of a suspended account', () => ({ 'x-api-key': dead.suspendedKey })),
    bad('the token of a suspended account', () => bearer(dead.suspendedToken)),
    bad('a key\'s token after the key was revoked', () => bearer(dead.revokedKeyToken)),
    bad('a key\'s token after its value was rotated away', () => bearer(dead.rotatedKeyToken)),
    bad('an expired token', () => bearer(dead.token)),
    bad('a bad key beside the owner\'s session', () => ({ ...fromPage(person('owner').cookie), 'x-api-key': 'slp_no' })),
    bad('the owner\'s key beside the owner\'s session', () => ({ ...fromPage(person('owner').cookie), 'x-api-key': person('owner').key })),
    bad('a session token as a key', () => bearer(person('owner').cookie.split('=')[1])),
    bad('the owner\'s key under another scheme', () => ({ authorization: `Basic ${person('owner').key}` })),
    bad('a token in X-API-Key', () => ({ 'x-api-key': tokens.get('owner') ?? '' })),
    bad('a token of another server', () => bearer(foreign)),
    ...Object.entries(forged).map(([name, token]) => bad(name, () => bearer(token))),
    { name: 'a key from another address than its own', proof: { kind: 'elsewhere' }, headers: () => bearer(limited.address) },

    ...roles.flatMap((role): readonly Way[] => [
      { name: `${role}'s session`, proof: whole(role), headers: () => fromPage(person(role).cookie) },
      { name: `${role}'s session, proved a while ago`, proof: whole(role, { isFresh: false }), headers: () => fromPage(`${server.cookieName}=${stale.get(role) ?? ''}`) },
      { name: `${role}'s key as bearer`, proof: whole(role, byKey), headers: () => bearer(person(role).key) },
      { name: `${role}'s key as X-API-Key`, proof: whole(role, byKey), headers: () => ({ 'x-api-key': person(role).key }) },
      { name: `${role}'s token`, proof: whole(role), headers: () => bearer(tokens.get(role)) },
      { name: `a token of ${role}'s key`, proof: whole(role, byKey), headers: () => bearer(tokens.get(`key of ${role}`)) },
    ]),
    { name: 'the session of who owes a password', proof: whole('member', { isOwing: true }), headers: () => fromPage(`${server.cookieName}=${tokens.get('owing session') ?? ''}`) },
    { name: 'the key of who owes a password', proof: whole('member', { ...byKey, isOwing: true }), headers: () => bearer(owing.key) },
    { name: 'the token of who owes a password', proof: whole('member', { isOwing: true }), headers: () => bearer(tokens.get('owing')) },
    { name: 'a service\'s key', proof: whole('operator', byKey), headers: () => ({ 'x-api-key': service.value }) },
    { name: 'a key for one operation', proof: whole('owner', { ...byKey, only: { operation: 'listModels' } }), headers: () => bearer(limited.operation) },
    { name: 'a key with one permission', proof: whole('owner', { ...byKey, only: { permission: 'chat:read' } }), headers: () => ({ 'x-api-key': limited.permission }) },
  ]
  return { ways, renew, person }
}

/** The same person with a new session, and the key that there is. */
async function withNewSession(server: TestServer, known: Person): Promise<Person> {
  const { token } = await server.sallyport.domains.sessions.begin(callerLike(known.account.id, known.account.role), known.account)
  const cookie = () => `${server.cookieName}=${token}`
  return {
    ...known, get cookie() { return cookie() },
    call: (method, path, body) => server.call(method, path, { body, headers: { cookie: cookie(), origin: server.url } }),
    async newConversation() {
      return z.object({ id: z.string() }).parse((await server.call('POST', '/api/v1/conversations', { body: {}, headers: { cookie: cookie(), origin: server.url } })).json).id
    },
  }
}

let asked = 0
async function tokenOfKey(server: TestServer, { keyId, key }: Pick<Person, 'keyId' | 'key'>): Promise<string> {
  asked += 1
  const reply = await server.call('POST', '/api/v1/auth/token', { body: { grant_type: 'client_credentials', client_id: keyId, client_secret: key }, from: `127.3.${(asked >> 8) & 255}.${asked & 255}` })
  if (reply.status !== 200) throw new Error(`No token for the key: ${reply.text}`)
  return z.object({ access_token: z.string() }).parse(reply.json).access_token
}

/** Credentials that held once. */
async function makeDead(server: TestServer) {
  const { domains, database } = server.sallyport
  const early = await server.addAccount('early')
  const key = await server.newKey(early, 1)
  const old = await server.addAccount('old')
  const token = await tokenOfKey(server, old)
  const rotated = await server.addAccount('rotated')
  await domains.keys.rotate(callerLike(rotated.account.id, 'member'), rotated.keyId, 1)
  server.clock.advance(2 * DAY)
  const gone = await server.addAccount('gone')
  const endedSession = gone.cookie
  const revokedKeyToken = await tokenOfKey(server, gone)
  const caller = callerLike(gone.account.id, 'member')
  await domains.keys.revoke(caller, gone.keyId)
  await gone.call('DELETE', '/api/v1/session')
  const replaced = await server.addAccount('replaced')
  const rotatedKeyToken = await tokenOfKey(server, replaced)
  await domains.keys.rotate(callerLike(replaced.account.id, 'member'), replaced.keyId, 0)
  const suspended = await server.addAccount('suspended')
  const suspendedToken = await tokenOfKey(server, suspended)
  await database.write([{ query: database.read.updateTable('account').set({ status: 'suspended' }).where('id', '=', suspended.account.id).compile() }])
  domains.revocations.announce({ kind: 'account', accountId: suspended.account.id, exceptSessionId: null })
  return {
    session: early.cookie, key, token, rotatedKey: rotated.key, revokedKey: gone.key, endedSession, revokedKeyToken, rotatedKeyToken,
    suspendedSession: suspended.cookie, suspendedKey: suspended.key, suspendedToken,
  }
}

interface Forging {
  readonly sign: (changes: Readonly<Record<string, unknown>>, options?: { readonly key?: Parameters<SignJWT['sign']>[0]; readonly header?: Readonly<Record<string, unknown>> }) => Promise<string>
  readonly real: string
  readonly claims: Readonly<Record<string, unknown>>
  readonly signerId: string
  readonly ownerId: string
}

/** Tokens that nobody gave, or gave for something else (RFC 8725). */
async function forge({ sign, real, claims, signerId, ownerId }: Forging): Promise<Readonly<Record<string, string>>> {
  const [header = '', payload = '', signature = ''] = real.split('.')
  const hmac = (secret: string, alg: string) => {
    const text = `${encode({ alg, typ: 'at+jwt', kid: signerId })}.${payload}`
    return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
  }
  const own = generateKeyPairSync('ed25519')
  return {
    'a token without an algorithm': `${encode({ alg: 'none', typ: 'at+jwt', kid: signerId })}.${payload}.`,
    'a token without an algorithm, with the signature': `${encode({ alg: 'none', typ: 'at+jwt', kid: signerId })}.${payload}.${signature}`,
    'a token signed with the key\'s name as a secret': hmac(signerId, 'HS256'),
    'a token signed with nothing': hmac('', 'HS256'),
    'a token whose algorithm is spelled otherwise': `${encode({ alg: 'eddsa', typ: 'at+jwt', kid: signerId })}.${payload}.${signature}`,
    'a token signed with a key of one\'s own': await sign({ sub: ownerId }, { key: own.privateKey }),
    'a token that brings its own key': await sign({ sub: ownerId }, { key: own.privateKey, header: { jwk: own.publicKey.export({ format: 'jwk' }) } }),
    'a token of another key\'s name': await sign({}, { header: { kid: 'nobody' } }),
    'a token with another payload': `${header}.${encode({ ...claims, sub: ownerId, exp: 9_999_999_999 })}.${signature}`,
    'a token for another audience': await sign({ aud: 'https://other.example.org/api' }),
    'a token of another issuer': await sign({ iss: 'https://other.example.org' }),
    'a token that is not valid yet': await sign({ nbf: 9_999_999_999 }),
    'a token of another kind': await sign({}, { header: { typ: 'JWT' } }),
    'a token that lives too long': await sign({ exp: 9_999_999_999 }),
    'a token without its signature': `${header}.${payload}.`,
    'a token of a family that is none': await sign({ sid: `tok_${'0'.repeat(32)}` }),
  }
}

/** One that is good where it was given. */
async function tokenOfAnotherServer(): Promise<string> {
  const { openTestServer } = await import('../../src/testing/server.ts')
  await using other = await openTestServer()
  const owner = await other.setUpOwner()
  return await tokenOfKey(other, owner)
}

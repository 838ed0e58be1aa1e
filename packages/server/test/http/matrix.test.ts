import { operationIds, Problem, roles, toOpenApi, type OperationId, type Role } from '@sallyport/contract'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { operationPolicy } from '../../src/policy/operations.ts'
import { rolePermissions } from '../../src/policy/roles.ts'
import type { HttpReply, SentHeaders } from '../../src/testing/http-client.ts'
import { openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'
import { makeSample, type Sample } from './samples.ts'

const DAY = 86_400_000

let server: TestServer
let owner: Person
/** One person for each role beside the owner. */
const people = new Map<Role, Person>()
const stale = { session: '', key: '', revokedKey: '', endedSession: '' }

beforeAll(async () => {
  server = await openTestServer()
  owner = await server.setUpOwner()
  const early = await server.addAccount('early')
  stale.session = early.cookie
  stale.key = await server.newKey(early, 1)
  server.clock.advance(2 * DAY)
  owner = await server.renew(owner)
  const gone = await server.addAccount('gone')
  stale.revokedKey = gone.key
  stale.endedSession = gone.cookie
  expect((await gone.call('DELETE', `/api/v1/keys/${gone.keyId}`)).status).toBe(204)
  expect((await gone.call('DELETE', '/api/v1/session')).status).toBe(204)
  for (const role of roles) if (role !== 'owner') people.set(role, await server.addAccount(role, role))
})
afterAll(async () => { await server[Symbol.asyncDispose]() })

/** What a way of calling proves: nobody, an account by session or by key, or nothing but a credential that does not hold. */
type Proof = { readonly kind: 'nobody' } | { readonly kind: 'bad-key' } | { readonly kind: 'session' | 'key'; readonly role: Role }
interface Way { readonly name: string; readonly proof: Proof; readonly headers: () => SentHeaders }

const person = (role: Role): Person => {
  const found = role === 'owner' ? owner : people.get(role)
  if (found === undefined) throw new Error(`Nobody is ${role}.`)
  return found
}
const fromPage = (cookie: string): SentHeaders => ({ cookie, origin: server.url })
const flip = (key: string) => key.slice(0, 10) + (key[10] === 'a' ? 'b' : 'a') + key.slice(11)

const ways: readonly Way[] = [
  { name: 'nobody', proof: { kind: 'nobody' }, headers: () => ({}) },
  { name: 'nobody, from the page', proof: { kind: 'nobody' }, headers: () => ({ origin: server.url }) },
  { name: 'an expired session', proof: { kind: 'nobody' }, headers: () => fromPage(stale.session) },
  { name: 'an ended session', proof: { kind: 'nobody' }, headers: () => fromPage(stale.endedSession) },
  { name: 'a session nobody has', proof: { kind: 'nobody' }, headers: () => fromPage(`${server.cookieName}=${'A'.repeat(43)}`) },
  { name: 'a session of another port\'s cookie', proof: { kind: 'nobody' }, headers: () => fromPage(owner.cookie.replace(server.cookieName, '__Host-sallyport-1')) },
  { name: 'a mistyped key', proof: { kind: 'bad-key' }, headers: () => ({ authorization: `Bearer ${flip(owner.key)}` }) },
  { name: 'an expired key', proof: { kind: 'bad-key' }, headers: () => ({ 'x-api-key': stale.key }) },
  { name: 'a revoked key', proof: { kind: 'bad-key' }, headers: () => ({ authorization: `Bearer ${stale.revokedKey}` }) },
  { name: 'a bad key beside the owner\'s session', proof: { kind: 'bad-key' }, headers: () => ({ ...fromPage(owner.cookie), 'x-api-key': 'slp_no' }) },
  { name: 'a session token as a key', proof: { kind: 'bad-key' }, headers: () => ({ authorization: `Bearer ${owner.cookie.split('=')[1] ?? ''}` }) },
  { name: 'the owner\'s key under another scheme', proof: { kind: 'bad-key' }, headers: () => ({ authorization: `Basic ${owner.key}` }) },
  ...roles.map((role): Way => ({ name: `${role}'s session`, proof: { kind: 'session', role }, headers: () => fromPage(person(role).cookie) })),
  ...(['owner', 'member', 'guest'] as const).flatMap((role): readonly Way[] => [
    { name: `${role}'s key as bearer`, proof: { kind: 'key', role }, headers: () => ({ authorization: `Bearer ${person(role).key}` }) },
    { name: `${role}'s key as X-API-Key`, proof: { kind: 'key', role }, headers: () => ({ 'x-api-key': person(role).key }) },
  ]),
]

/** Operations that name something by its id: what is another's does not exist. */
const naming = new Set<OperationId>(['revokeKey', 'getConversation', 'changeConversation', 'deleteConversation', 'listMessages', 'clearMessages', 'createTurn', 'resumeTurn', 'stopTurn', 'giveFeedback', 'deleteDocument', 'getPassage'])

/** The status that the policy table asks for. */
function expected(id: OperationId, proof: Proof, sample: Sample): number {
  const { access, carriers } = operationPolicy[id]
  if (proof.kind === 'bad-key') return 401
  if (access === 'anyone') return sample.status
  if (proof.kind === 'nobody') return 401
  if (carriers === 'person' && proof.kind === 'key') return 403
  if (access !== 'signed-in' && !rolePermissions[proof.role].has(access.permission)) return 403
  return naming.has(id) && proof.role !== 'owner' ? 404 : sample.status
}

function expectError(reply: HttpReply, id: OperationId): void {
  if (reply.status === 401) expect(reply.headers['www-authenticate']).toBe('Bearer realm="sallyport"')
  if (id.startsWith('gateway')) expect(reply.json).toMatchObject({ error: { message: expect.any(String), type: expect.any(String), request_id: reply.headers['x-request-id'] } })
  else {
    expect(reply.headers['content-type']).toBe('application/problem+json; charset=utf-8')
    expect(Problem.parse(reply.json)).toMatchObject({ status: reply.status, instance: `urn:request:${reply.headers['x-request-id'] ?? ''}` })
  }
}

describe.each(operationIds)('%s', (id) => {
  // One test for all ways, because each sample is made anew and its making is what costs.
  test('answers each caller as its policy row says', async () => {
    const found: Record<string, number> = {}
    const wanted: Record<string, number> = {}
    for (const { name, proof, headers } of ways) {
      server.clock.advance(10_000)
      const sample = await makeSample(id, { server, owner })
      const signsOut = id === 'signOut' && proof.kind === 'session'
      // Who signs out needs a session to lose.
      const sent = signsOut ? await freshSession(proof.role) : headers()
      const reply = await server.call(sample.method, sample.path, { body: sample.body, headers: sent, from: `127.0.0.${2 + ways.findIndex((way) => way.name === name)}` })
      found[name] = reply.status
      wanted[name] = expected(id, proof, sample)
      if (reply.status >= 400) expectError(reply, id)
    }
    expect(found).toEqual(wanted)
  })
})

async function freshSession(role: Role): Promise<SentHeaders> {
  return fromPage((await server.renew(person(role))).cookie)
}

describe('the tables agree', () => {
  test('what the router serves, what OpenAPI describes and what the policy table knows is the same', () => {
    const described = Object.entries(toOpenApi()['paths'] as Record<string, Record<string, { operationId: string }>>)
      .flatMap(([path, methods]) => Object.entries(methods).map(([method, { operationId }]) => ({ operationId, line: `${method.toUpperCase()} ${path}` })))
    expect(described.map(({ operationId }) => operationId).toSorted()).toEqual([...operationIds].toSorted())
    expect(Object.keys(operationPolicy).toSorted()).toEqual([...operationIds].toSorted())
    const served = routesOf(server.sallyport.apps.public.printRoutes({ commonPrefix: false }))
    expect(served).toEqual(described.map(({ line }) => line).toSorted())
    expect(routesOf(server.sallyport.apps.local.printRoutes({ commonPrefix: false }))).toEqual(served)
  })

  test('only health, set-up, sign-in and the page answer without an identity', () => {
    const open = operationIds.filter((id) => operationPolicy[id].access === 'anyone')
    expect(open.toSorted()).toEqual(['createOwner', 'getHealth', 'getPage', 'getReadiness', 'getSetup', 'signIn'])
  })
})

/** Reads Fastify's tree of routes: each line adds to the path of the line that it hangs from. */
function routesOf(tree: string): readonly string[] {
  const stack: { readonly depth: number; readonly path: string }[] = []
  const routes: string[] = []
  for (const line of tree.split('\n')) {
    const match = /^([│ ├└─]*)(\S+)(?: \(([A-Z, ]+)\))?$/.exec(line)
    if (match === null) continue
    const [, indent = '', part = '', methods] = match
    while ((stack.at(-1)?.depth ?? -1) >= indent.length) stack.pop()
    const path = (stack.at(-1)?.path ?? '') + part
    stack.push({ depth: indent.length, path })
    for (const method of methods?.split(', ') ?? []) if (method !== 'HEAD') routes.push(`${method} ${path.replace(/\/?\*$/, '/*').replaceAll(/:(\w+)/g, '{$1}').replace('*', '{path}')}`)
  }
  return routes.toSorted()
}

import { operationIds, operations, Problem, toOpenApi, type OperationId } from '@sallyport/contract'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { operationPolicy } from '../../src/policy/operations.ts'
import type { HttpReply } from '../../src/testing/http-client.ts'
import { openTestServer, type TestServer } from '../../src/testing/server.ts'
import { makeCredentials, type Credentials, type Proof, type Way } from './credentials.ts'
import { posture } from './posture.ts'
import { makeSample, type Sample } from './samples.ts'

let server: TestServer
let credentials: Credentials
let renewedAt = 0
const owner = () => credentials.person('owner')

beforeAll(async () => {
  server = await openTestServer()
  credentials = await makeCredentials(server, await server.setUpOwner())
}, 60_000)
afterAll(async () => { await server[Symbol.asyncDispose]() })

/** Operations that name something of an account by its id: what is another's does not exist. */
const naming = new Set<OperationId>([
  'changeKey', 'rotateKey', 'revokeKey', 'getConversation', 'changeConversation', 'deleteConversation', 'listMessages', 'clearMessages', 'createTurn', 'resumeTurn', 'stopTurn', 'giveFeedback', 'deleteDocument', 'getPassage',
  'endSession', 'confirmTotp', 'changeFactor', 'deleteFactor', 'unlinkIdentity', 'closeConversationAccess',
])
/** What an allowed caller is answered who is not the one that everything in the call belongs to, where it is something else than `not-found`. */
const others: Partial<Readonly<Record<OperationId, number>>> = {
  // The glass was broken by somebody else.
  listAccessedConversations: 403, listAccessedMessages: 403,
}
/** What ends or replaces credentials: each caller gets new ones before it. */
const ending = new Set<OperationId>(['signIn', 'signOut', 'endOtherSessions', 'proveAgain', 'revokeEverything', 'rotateSigningKey', 'changePassword'])

type Wanted = { readonly status: number; readonly code: string | null }
const allowed = (status: number): Wanted => ({ status, code: null })
const refused = (status: number, code: string): Wanted => ({ status, code })

/** The answer that the posture asks for. A null code is whatever the operation itself says. */
function expected(id: OperationId, proof: Proof, sample: Pick<Sample, 'status'>): Wanted {
  const { roles, byKey, isFresh, whileOwing } = posture[id]
  if (proof.kind === 'bad') return refused(401, 'not-signed-in')
  if (proof.kind === 'elsewhere') return refused(403, 'address-not-allowed')
  if (roles === null) return allowed(sample.status)
  if (proof.kind === 'nobody') return refused(401, 'not-signed-in')
  if (!byKey && !proof.isPerson) return refused(403, 'not-allowed')
  if (proof.only !== null && 'operation' in proof.only && proof.only.operation !== id) return refused(403, 'not-allowed')
  if (proof.isOwing && !whileOwing) return refused(403, 'password-change-needed')
  const { access } = operationPolicy[id]
  if (!roles.includes(proof.role)) return refused(403, 'not-allowed')
  if (proof.only !== null && 'permission' in proof.only && typeof access === 'object' && access.permission !== proof.only.permission) return refused(403, 'not-allowed')
  if (isFresh && !proof.isFresh) return refused(403, 'fresh-sign-in-needed')
  if (proof.isSampled) return allowed(sample.status)
  return allowed(others[id] ?? (naming.has(id) ? 404 : sample.status))
}

const openAiCodes: Readonly<Record<string, string>> = { invalid_api_key: 'not-signed-in', model_not_found: 'model-not-found' }
/** The code of an answer, in whatever form its wire has errors. */
function codeOf({ json }: HttpReply): string | null {
  const parsed = z.object({ code: z.string().optional(), error: z.union([z.string(), z.object({ code: z.string() })]).optional() }).safeParse(json)
  const inner = typeof parsed.data?.error === 'object' ? parsed.data.error.code : undefined
  const code = parsed.data?.code ?? inner
  return code === undefined ? null : openAiCodes[code] ?? code
}

function expectError(reply: HttpReply, id: OperationId): void {
  if (reply.status === 401) expect(reply.headers['www-authenticate']).toMatch(/^Bearer realm="sallyport"/)
  switch (operations[id].dialect) {
    case 'openai': expect(reply.json).toMatchObject({ error: { message: expect.any(String), type: expect.any(String), request_id: reply.headers['x-request-id'] } }); return
    case 'oauth': expect(reply.json).toMatchObject({ error: expect.any(String), error_description: expect.any(String), request_id: reply.headers['x-request-id'] }); return
    case 'problem':
      if (operations[id].media === 'navigation') return
      expect(reply.headers['content-type']).toBe('application/problem+json; charset=utf-8')
      expect(Problem.parse(reply.json)).toMatchObject({ status: reply.status, instance: `urn:request:${reply.headers['x-request-id'] ?? ''}` })
  }
}

/** Calls that are refused before their operation begins leave the sample as it is, so that one serves them all. */
async function answers(id: OperationId, ways: readonly Way[]): Promise<{ readonly found: Record<string, Wanted>; readonly wanted: Record<string, Wanted> }> {
  const found: Record<string, Wanted> = {}
  const wanted: Record<string, Wanted> = {}
  let shared: Sample | null = null
  for (const [index, { name, proof, headers }] of ways.entries()) {
    if (ending.has(id) && proof.kind === 'account') await credentials.renew(proof.role)
    const isShared = shared !== null && expected(id, proof, shared).code !== null
    const sample: Sample = isShared && shared !== null ? shared : await makeSample(id, { server, owner: owner() })
    shared ??= sample
    const want = expected(id, proof, sample)
    if (want.code === null) {
      shared = null
      // Five in a minute are all that an account may clear, and only what is let in is counted.
      if (operationPolicy[id].budget === 'clear') server.clock.advance(13_000)
    }
    const reply = await server.call(sample.method, sample.path, { body: sample.body, headers: headers(), from: `127.0.${1 + (index >> 7)}.${1 + (index & 127)}` })
    wanted[name] = want
    found[name] = { status: reply.status, code: want.code === null ? null : codeOf(reply) }
    if (reply.status >= 400) expectError(reply, id)
  }
  return { found, wanted }
}

describe.each(operationIds)('%s', (id) => {
  // One test for all ways, because each sample is made anew and its making is what costs.
  test('answers each caller as was decided', async () => {
    server.clock.advance(61_000)
    if (server.clock.now() - renewedAt > 300_000 || operationPolicy[id].budget === 'clear') { await credentials.renew(); renewedAt = ending.has(id) ? 0 : server.clock.now() }
    const { found, wanted } = await answers(id, credentials.ways)
    expect(found).toEqual(wanted)
  }, 60_000)
})

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

  test('every operation of the table is asked in every way, so that nothing is left to another test', () => {
    expect(operationIds.length * credentials.ways.length).toBeGreaterThan(7_000)
    expect(new Set(credentials.ways.map(({ name }) => name)).size).toBe(credentials.ways.length)
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

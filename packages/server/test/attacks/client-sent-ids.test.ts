import { operationIds, operations, roles, type OperationId } from '@sallyport/contract'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'
import { posture } from '../http/posture.ts'
import { makeSample } from '../http/samples.ts'

// A create that took an id took over what had it (CVE-2026-41277), and an update that took an owner gave things away (CVE-2026-46441).
// What a client may not say, no operation takes: found from the contract, for each operation that has a body.

let server: TestServer
let owner: Person
let member: Person
let victim: Person
let theirs: { readonly conversation: string; readonly document: string }

const Made = z.object({ id: z.string() })
beforeAll(async () => {
  server = await openTestServer()
  owner = await server.setUpOwner()
  member = await server.addAccount('member')
  victim = await server.addAccount('victim')
  theirs = {
    conversation: await victim.newConversation(),
    document: Made.parse((await victim.call('POST', '/api/v1/documents', { title: 'A note', text: 'Bees dance.', mediaType: 'text/plain', collection: 'mine' })).json).id,
  }
})
beforeEach(async () => {
  owner = await server.renew(owner)
  member = await server.renew(member)
})
afterAll(async () => { await server[Symbol.asyncDispose]() })

/** What a client might say of itself, of a thing, or of whose it is. */
const said = (): Readonly<Record<string, unknown>> => ({
  id: theirs.conversation, _id: theirs.conversation, uuid: theirs.document, conversationId: theirs.conversation, documentId: theirs.document, keyId: victim.keyId, accountId: victim.account.id, account_id: victim.account.id,
  account: { id: victim.account.id }, ownerId: victim.account.id, owner: victim.account.id, userId: victim.account.id, user_id: victim.account.id, createdBy: victim.account.id, workspaceId: victim.account.id, tenantId: victim.account.id,
  organizationId: victim.account.id, role: 'owner', roles: ['owner'], permissions: ['account:manage'], isAdmin: true, admin: true, kind: 'service', status: 'active', granted_role: 'owner', password_hash: 'x', emailVerified: true,
  digest: 'x', value: victim.key, start: 'slp_', createdAt: '2020-01-01T00:00:00.000Z', expiresAt: '9999-12-31T00:00:00.000Z', usesLeft: 1_000, restriction: null, lockedUntil: null, secondFactor: false, overwrite: true,
})
/** Members that an operation takes by its schema are its own matter, and tested with it. */
function* forged(id: OperationId, body: unknown): Generator<readonly [string, Readonly<Record<string, unknown>>]> {
  const object = z.record(z.string(), z.unknown()).parse(body)
  const schema = z.toJSONSchema(operations[id].body, { io: 'input', unrepresentable: 'any' }) as { readonly properties?: object; readonly anyOf?: readonly { readonly properties?: object }[] }
  const known = new Set([schema, ...schema.anyOf ?? []].flatMap(({ properties }) => Object.keys(properties ?? {})))
  for (const [name, value] of Object.entries(said())) if (!known.has(name)) yield [name, { ...object, [name]: value }]
}
const takers = operationIds.filter((id) => !(operations[id].body instanceof z.ZodUndefined))
const strict = takers.filter((id) => operations[id].dialect === 'problem' && id !== 'backChannelLogout')

describe.each(strict)('%s', (id) => {
  test('takes no id, owner, role or state that its schema does not name', async () => {
    const person = posture[id].roles?.includes('member') === true ? member : owner
    const sample = await makeSample(id, { server, owner: person })
    const before = await server.storedDigests()
    for (const [name, body] of forged(id, sample.body)) {
      server.clock.advance(13_000)
      const reply = await server.call(sample.method, sample.path, { body, headers: { cookie: person.cookie, origin: server.url } })
      expect({ name, status: reply.status, code: z.looseObject({ code: z.string() }).parse(reply.json).code }).toEqual({ name, status: 400, code: 'invalid-request' })
    }
    expect(await server.storedDigests()).toEqual(before)
  })
})

test('where a standard has unknown members dropped, they are dropped, and named', async () => {
  const sample = await makeSample('gatewayChat', { server, owner: member })
  const added = Object.fromEntries(Object.entries(said()).filter(([name]) => name !== 'role'))
  const reply = await server.call('POST', '/v1/chat/completions', { body: { ...z.record(z.string(), z.unknown()).parse(sample.body), ...added }, headers: { 'x-api-key': member.key } })
  expect(reply.status).toBe(200)
  expect(reply.headers['sallyport-ignored']?.split(', ').length).toBeGreaterThan(15)
  const token = await server.call('POST', '/api/v1/auth/token', { body: { grant_type: 'client_credentials', client_id: member.keyId, client_secret: member.key, ...said(), scope: 'account:manage audit:read' } })
  expect(token.status).toBe(200)
  expect(z.object({ scope: z.string() }).parse(token.json).scope).not.toMatch(/account|audit/)
  const bearer = { authorization: `Bearer ${z.object({ access_token: z.string() }).parse(token.json).access_token}` }
  expect((await server.call('GET', '/api/v1/session', { headers: bearer })).json).toMatchObject({ account: { id: member.account.id, role: 'member' } })
})

test('and what a role may not do, no list of permissions brings', async () => {
  for (const role of roles.filter((name) => name !== 'owner')) {
    const person = await server.addAccount(`with-${role}`, role)
    const { json } = await person.call('GET', '/api/v1/session')
    expect(json).toMatchObject({ account: { role } })
  }
  expect((await (await server.renew(victim)).call('GET', `/api/v1/conversations/${theirs.conversation}`)).status).toBe(200)
})

import { idPrefixes, IdentityProviderRequest, operationIds, operations, type IdKind, type OperationId } from '@sallyport/contract'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { operationPolicy } from '../../src/policy/operations.ts'
import type { HttpReply, SentHeaders } from '../../src/testing/http-client.ts'
import { openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'
import { posture } from '../http/posture.ts'
import { makeSample } from '../http/samples.ts'

// Two people who have the same rights, and every field that takes an id, found in the schemas: a field that is added tomorrow is attacked
// tomorrow. What is another's is answered to the letter like what is nobody's.

const WORD = 'xylophone'

/** A place in a call that takes an id. */
interface Field { readonly id: OperationId; readonly place: 'params' | 'query' | 'body'; readonly path: readonly string[]; readonly kind: IdKind }

const kindOf = (pattern: string): IdKind | undefined => (Object.keys(idPrefixes) as readonly IdKind[]).find((kind) => pattern.startsWith(`^${idPrefixes[kind]}_[`))
  // A sign-in is a browser's or a program's.
  ?? (pattern.startsWith('^(?:ses|tok)_[') ? 'session' : undefined)

interface JsonSchema { readonly pattern?: string; readonly properties?: Readonly<Record<string, JsonSchema>>; readonly items?: JsonSchema; readonly anyOf?: readonly JsonSchema[]; readonly oneOf?: readonly JsonSchema[]; readonly allOf?: readonly JsonSchema[]; readonly additionalProperties?: JsonSchema | boolean }

/** Walks a schema to every text with the form of an id; `[]` is any item of a list. */
function* idsIn(schema: JsonSchema, path: readonly string[] = []): Generator<{ readonly path: readonly string[]; readonly kind: IdKind }> {
  const kind = schema.pattern === undefined ? undefined : kindOf(schema.pattern)
  if (kind !== undefined) yield { path, kind }
  for (const [name, inner] of Object.entries(schema.properties ?? {})) yield* idsIn(inner, [...path, name])
  if (schema.items !== undefined) yield* idsIn(schema.items, [...path, '[]'])
  for (const inner of [...schema.anyOf ?? [], ...schema.oneOf ?? [], ...schema.allOf ?? []]) yield* idsIn(inner, path)
  if (typeof schema.additionalProperties === 'object') yield* idsIn(schema.additionalProperties, [...path, '{}'])
}
const fields: readonly Field[] = operationIds.flatMap((id) => (['params', 'query', 'body'] as const).flatMap((place) =>
  [...idsIn(z.toJSONSchema(operations[id][place], { io: 'input', unrepresentable: 'any' }) as JsonSchema)].map((found) => ({ id, place, ...found }))))

let server: TestServer
let owner: Person
let victim: Person
let stranger: Person
let administrator: Person
/** What the victim has of each kind, and what the stranger has. */
let theirs: ReadonlyMap<IdKind, string>
let mine: ReadonlyMap<IdKind, string>

const Made = z.object({ id: z.string() })
const TurnMade = z.object({ turnId: z.string(), question: Made, answer: Made })

const { clientSecret: _secret, ...providerSettings } = IdentityProviderRequest.parse({ label: 'Elsewhere', protocol: { kind: 'oidc', issuer: 'https://id.example.org' }, clientId: 'sallyport' })
const PROVIDER_SETTINGS = JSON.stringify({ ...providerSettings, hosts: [] })

/** One of everything that an account can have, each with the word in it that nobody else may read. */
async function thingsOf(person: Person, word: string): Promise<ReadonlyMap<IdKind, string>> {
  const { database, domains } = server.sallyport
  const accountId = person.account.id
  const sealer = await domains.keyRing.sealerOf(accountId)
  const at = server.clock.now()
  const conversation = Made.parse((await person.call('POST', '/api/v1/conversations', { title: `A ${word}`, model: 'openai/model-a' })).json).id
  const turn = TurnMade.parse((await person.call('POST', `/api/v1/conversations/${conversation}/turns`, { text: `What is a ${word}?` })).json)
  const document = Made.parse((await person.call('POST', '/api/v1/documents', { title: word, text: `The ${word} is in the cellar.`, mediaType: 'text/plain', collection: 'mine' })).json).id
  const passage = await database.read.selectFrom('passage').select('id').where('document_id', '=', document).executeTakeFirstOrThrow()
  const session = await database.read.selectFrom('session').select('id').where('account_id', '=', accountId).executeTakeFirstOrThrow()
  const like = (prefix: string) => `${prefix}_${accountId.slice(4)}`
  const [factor, identity, provider, access, family, dataExport] = [like('fct'), like('idn'), like('idp'), like('cva'), like('tok'), like('exp')]
  // What takes a device or another server to make is written as its domain writes it. The factor waits for its first code, so that nobody is asked for one.
  await database.write([
    database.read.insertInto('factor').values({ id: factor, account_id: accountId, kind: 'totp', name_sealed: sealer.seal({ table: 'factor', rowId: factor, column: 'name_sealed' }, word), secret_sealed: sealer.seal({ table: 'factor', rowId: factor, column: 'secret_sealed' }, 'JBSWY3DPEHPK3PXP'), counter: 0, credential_digest: null, domain: null, is_synced: 0, created_at: at, confirmed_at: null, last_used_at: null, suspended_at: null }),
    database.read.insertInto('identity_provider').values({ id: provider, name: `idp-${accountId.slice(-8)}`, settings: PROVIDER_SETTINGS, client_secret_sealed: null, created_at: at }),
    database.read.insertInto('identity').values({ id: identity, account_id: accountId, provider_id: provider, subject_lookup: Buffer.from(accountId), shown_as_sealed: sealer.seal({ table: 'identity', rowId: identity, column: 'shown_as_sealed' }, word), linked_at: at, last_used_at: null }),
    database.read.insertInto('conversation_access').values({ id: access, account_id: accountId, reader_id: owner.account.id, reader_name_sealed: sealer.seal({ table: 'conversation_access', rowId: access, column: 'reader_name_sealed' }, 'Olive'), reason_sealed: sealer.seal({ table: 'conversation_access', rowId: access, column: 'reason_sealed' }, `The ${word}`), opened_at: at, ends_at: at + 60_000, closed_at: null, reads: 0, last_read_at: null }),
    database.read.insertInto('token_family').values({ id: family, account_id: accountId, created_at: at, authenticated_at: at, second_factor_at: null, last_seen_at: at, expires_at: at + 86_400_000, device_sealed: null }),
    database.read.insertInto('data_export').values({ id: dataExport, account_id: accountId, state: 'ready', reach: 'everything', key_sealed: sealer.seal({ table: 'data_export', rowId: dataExport, column: 'key_sealed' }, word), begun_at: at, ended_at: at, expires_at: at + 86_400_000, done: 1, total: 1, bytes: 1 }),
  ].map((statement) => ({ query: statement.compile() })))
  return new Map<IdKind, string>([
    ['account', accountId], ['conversation', conversation], ['turn', turn.turnId], ['message', turn.answer.id], ['document', document], ['passage', passage.id], ['key', person.keyId],
    ['session', session.id], ['factor', factor], ['identity', identity], ['identityProvider', provider], ['conversationAccess', access], ['tokenFamily', family], ['dataExport', dataExport],
  ])
}

beforeAll(async () => {
  server = await openTestServer()
  owner = await server.setUpOwner()
  await server.addVendor(owner, 'openai')
  victim = await server.addAccount('victim')
  stranger = await server.addAccount('stranger')
  administrator = await server.addAccount('administrator', 'administrator')
  theirs = await thingsOf(victim, WORD)
  mine = await thingsOf(stranger, 'marimba')
})
afterAll(async () => { await server[Symbol.asyncDispose]() })

const isTenants = ({ id }: Field) => posture[id].roles?.includes('member') ?? false
/** Administration is about other accounts by design: who may do it is the matrix's matter. A new operation of that kind is added here by decision. */
const administration: ReadonlySet<OperationId> = new Set<OperationId>([
  'getAccount', 'listAccounts', 'changeAccount', 'deleteAccount', 'unlockAccount', 'liftBan', 'createResetLink', 'resetFactors', 'revokeAccount', 'listInvitations', 'revokeInvitation',
  'listGroups', 'changeGroup', 'deleteGroup', 'listGroupMembers', 'setGroupMembers', 'saveIdentityProvider', 'activateProviderCredential', 'revokeProviderCredential', 'openConversationAccess', 'rotateDataKeys', 'runEmergency', 'listErasures', 'verifyErasure', 'listSecurityEvents', 'exportAccount', 'getAccountExport', 'downloadAccountExport',
])
/** Operations of administrators that still know whose a thing is: a person's key is no service's, and a glass that somebody else broke stays theirs. */
const bound = ['listServiceKeys', 'changeServiceKey', 'rotateServiceKey', 'revokeServiceKey', 'listOpenedConversationAccess', 'closeConversationAccess', 'listAccessedConversations', 'listAccessedMessages'] as const satisfies readonly OperationId[]

const zeros = (kind: IdKind) => `${idPrefixes[kind]}_${'0'.repeat(32)}`
const setAt = (value: unknown, [head, ...rest]: readonly string[], put: string): unknown => {
  if (head === undefined) return put
  if (head === '[]') return [setAt(undefined, rest, put)]
  const object = z.record(z.string(), z.unknown()).catch({}).parse(value)
  return { ...object, [head]: setAt(object[head], rest, put) }
}

/** The field's operation as the attacker may call it, with one id put into that field and the attacker's own everywhere else. */
async function callWith(attacker: Person, { id, place, path }: Field, { put, headers }: { readonly put: string; readonly headers: SentHeaders }): Promise<HttpReply> {
  server.clock.advance(13_000)
  const sample = place === 'body' || operationPolicy[id].bodyBytes > 0 ? await bodyOf(id, attacker) : undefined
  const address = operations[id].path.replaceAll(/:(\w+)/g, (_, name: string) => {
    const own = fields.find((field) => field.id === id && field.place === 'params' && field.path[0] === name)
    return place === 'params' && path[0] === name ? put : own === undefined ? 'own' : mine.get(own.kind) ?? zeros(own.kind)
  })
  const body = place === 'body' ? setAt(sample, path, put) : sample
  return server.call(operations[id].method, place === 'query' ? `${address}?${path[0] ?? ''}=${put}` : address, { body, headers })
}
const bodies = new Map<string, unknown>()
async function bodyOf(id: OperationId, attacker: Person): Promise<unknown> {
  const name = `${id} ${attacker.account.id}`
  if (!bodies.has(name)) bodies.set(name, (await makeSample(id, { server, owner: attacker })).body)
  return bodies.get(name)
}
const fromPage = (person: Person): SentHeaders => ({ cookie: person.cookie, origin: server.url })

/** Everything stored but what notes that somebody called. */
async function stored(): Promise<Readonly<Record<string, string>>> {
  const { audit_entry: _audit, security_event: _events, ...tables } = await server.storedDigests()
  return tables
}
function expectNothingOf(reply: HttpReply): void {
  expect(reply.text).not.toContain(WORD)
  for (const id of theirs.values()) expect(reply.text).not.toContain(id)
}
const said = ({ status, json }: HttpReply) => {
  const { instance: _one, ...rest } = z.record(z.string(), z.unknown()).catch({}).parse(json)
  return { status, ...rest }
}

test('every field that takes an id is attacked here, or is administration by decision', () => {
  expect(fields.length).toBeGreaterThan(50)
  const undecided = fields.filter((field) => !isTenants(field) && !administration.has(field.id) && !bound.some((id) => id === field.id)).map(({ id, path }) => `${id} ${path.join('.')}`)
  expect(undecided).toEqual([])
  expect(fields.filter((field) => isTenants(field) && !theirs.has(field.kind)).map(({ id, kind }) => `${id}: nobody has a ${kind}`)).toEqual([])
})

const named = (some: readonly Field[]) => some.map((field) => [`${field.id} ${field.place} ${field.path.join('.')}`, field] as const)

describe.each(named(fields.filter((field) => isTenants(field) && field.place !== 'query')))('%s', (_, field) => {
  test('of another is nobody\'s, to whoever asks and however, and stays as it is', async () => {
    const foreign = theirs.get(field.kind) ?? ''
    for (const attacker of [stranger, administrator, owner]) {
      const fresh = await server.renew(attacker)
      const ways: readonly SentHeaders[] = [fromPage(fresh), ...(posture[field.id].byKey ? [{ 'x-api-key': fresh.key }] : [])]
      for (const headers of ways) {
        await bodyOf(field.id, stranger)
        const before = await stored()
        const reply = await callWith(stranger, field, { put: foreign, headers })
        const nothing = await callWith(stranger, field, { put: zeros(field.kind), headers })
        expect(said(reply)).toEqual(said(nothing))
        expect({ status: reply.status }).toEqual({ status: expect.toSatisfy((status: number) => status === 404 || status === 400) })
        expectNothingOf(reply)
        expect(await stored()).toEqual(before)
      }
    }
  })
})

describe.each(named(fields.filter((field) => isTenants(field) && field.place === 'query')))('%s', (_, field) => {
  test('of another is no way into another\'s list', async () => {
    const fresh = await server.renew(stranger)
    for (const headers of [fromPage(fresh), ...(posture[field.id].byKey ? [{ 'x-api-key': fresh.key }] : [])]) {
      for (const put of [theirs.get(field.kind) ?? '', `${idPrefixes[field.kind]}_${'f'.repeat(32)}`, zeros(field.kind)]) {
        const reply = await callWith(fresh, field, { put, headers })
        expect(reply.status).toBe(200)
        expectNothingOf(reply)
      }
    }
  })
})

describe.each(named(fields.filter(({ id }) => bound.some((one) => one === id))))('%s', (_, field) => {
  test('is bound also for administrators', async () => {
    const fresh = await server.renew(administrator)
    const foreign = theirs.get(field.kind) ?? zeros(field.kind)
    await bodyOf(field.id, fresh)
    const before = await stored()
    const reply = await callWith(fresh, field, { put: foreign, headers: fromPage(fresh) })
    expect([200, 403, 404]).toContain(reply.status)
    expectNothingOf({ ...reply, text: reply.text.replaceAll(victim.account.id, '') })
    expect(reply.text).not.toContain(WORD)
    expect(await stored()).toEqual(before)
  })
})

describe('event ids', () => {
  test('one of another\'s turn opens nothing, on one\'s own turn or on theirs', async () => {
    const fresh = await server.renew(stranger)
    const [own, foreign] = [mine.get('turn') ?? '', theirs.get('turn') ?? '']
    for (const [turnId, lastEventId] of [[own, `${foreign}.1`], [own, `${foreign}.0`], [foreign, `${foreign}.1`], [foreign, `${own}.1`], [own, foreign], [own, `${own}.1:${foreign}`]] as const) {
      for (const headers of [fromPage(fresh), { 'x-api-key': fresh.key }]) {
        const reply = await server.call('GET', `/api/v1/turns/${turnId}/events`, { headers: { ...headers, accept: 'text/event-stream', 'last-event-id': lastEventId } })
        expect([400, 404]).toContain(reply.status)
        expectNothingOf(reply)
      }
    }
  })
})

test('every list shows one\'s own and nothing else', async () => {
  const fresh = await server.renew(stranger)
  const lists = operationIds.filter((id) => operations[id].method === 'GET' && !operations[id].path.includes(':') && !operations[id].path.includes('*') && posture[id].roles?.includes('member') === true)
  expect(lists.length).toBeGreaterThan(8)
  for (const id of lists) {
    server.clock.advance(1_000)
    const reply = await server.call('GET', operations[id].path, { headers: fromPage(fresh) })
    expect({ id, status: reply.status }).toEqual({ id, status: 200 })
    for (const foreign of theirs.values()) expect({ id, leaks: reply.text.includes(foreign) }).toEqual({ id, leaks: false })
  }
})

test('the victim finds all of it still there, so that what was denied to others exists', async () => {
  const fresh = await server.renew(victim)
  for (const [path, word] of [['conversations', true], [`conversations/${theirs.get('conversation') ?? ''}/messages`, true], [`passages/${theirs.get('passage') ?? ''}`, true], ['documents', true], ['keys', false], ['conversation-access', true]] as const) {
    server.clock.advance(1_000)
    const reply = await fresh.call('GET', `/api/v1/${path}`)
    expect({ path, status: reply.status, word: reply.text.includes(WORD) }).toEqual({ path, status: 200, word })
  }
})

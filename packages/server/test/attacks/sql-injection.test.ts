import { operationIds, operations, type OperationId } from '@sallyport/contract'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import type { Dialect } from '../../src/database/database.ts'
import type { HttpReply, SentHeaders } from '../../src/testing/http-client.ts'
import { createPostgresDatabase, type TestDatabase } from '../../src/testing/postgres.ts'
import { openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'
import { describeEachEngine } from '../../src/testing/server-database.ts'
import { makeSample } from '../http/samples.ts'

// SQL in the bearer key reached the store before anybody was signed in (CVE-2026-42208). Each text comes as a pair whose halves differ in
// what SQL would make of them and in nothing that this server cares about: whoever answers them differently has run one.

const pairs: readonly (readonly [string, string])[] = [
  [`' OR '1'='1`, `' OR '1'='2`], [`' OR 1=1 -- `, `' OR 1=2 -- `], [`" OR "1"="1`, `" OR "1"="2`], [`') OR ('1'='1`, `') OR ('1'='2`], [`1 OR 1=1`, `1 OR 1=2`], [`' AND 1=1 -- `, `' AND 1=2 -- `],
  [`'; DELETE FROM account; --`, `'; DELETE FROM nobody; --`], [`' UNION SELECT id FROM account --`, `' UNION SELECT id FROM nobody --`], [`'||(SELECT role FROM account LIMIT 1)||'`, `'||(SELECT role FROM nobody LIMIT 1)||'`],
  [`\\' OR 1=1 -- `, `\\' OR 1=2 -- `], [`$$ OR 1=1 $$`, `$$ OR 1=2 $$`], [`%' OR '1' LIKE '1`, `%' OR '1' LIKE '2`], [`' AND (SELECT 1 FROM pg_sleep(0)) IS NOT NULL --`, `' AND (SELECT 1 FROM pg_sleep(0)) IS NULL --`],
  [`' AND 1=CAST((SELECT version()) AS int) --`, `' AND 1=CAST((SELECT current_user) AS int) --`], [`'/**/OR/**/1=1#`, `'/**/OR/**/1=2#`], [`admin'--`, `admim'--`],
]
/** Some of them for each place in turn, so that together all are tried at every kind of place. */
const somePairs = (id: OperationId, count: number) => { const from = operationIds.indexOf(id) * count; return Array.from({ length: count }, (_, index) => pairs[(from + index) % pairs.length] ?? ['', ''] as const) }
const TELLTALE = /sqlite|postgres|syntax error|SQLITE_|SQLSTATE|\b22P02\b|select \*|no such (?:table|column)|unterminated|near "/i

let database: TestDatabase | null
let server: TestServer
let owner: Person

const said = ({ status, json, text }: HttpReply, payload: string) => {
  const object = z.record(z.string(), z.unknown()).safeParse(json)
  return { status, body: object.success ? Object.keys(object.data).toSorted().join() : text.length > 0, code: object.data?.['code'], shows: text.includes(payload) }
}
const isPrintable = (text: string) => /^[\x20-\x7e]*$/.test(text)

/** Sends both halves and expects the same answer, no error of ours, and no word of a database. */
async function expectAlike(send: (payload: string) => Promise<HttpReply>, pair: readonly [string, string]): Promise<readonly HttpReply[]> {
  const replies: HttpReply[] = []
  for (const payload of pair) {
    server.clock.advance(13_000)
    replies.push(await send(payload))
  }
  const [one, other] = replies
  if (one === undefined || other === undefined) throw new Error('A pair has two halves.')
  for (const reply of replies) {
    expect(reply.status).toBeLessThan(500)
    expect(reply.text).not.toMatch(TELLTALE)
  }
  expect({ pair, ...said(one, pair[0]) }).toEqual({ pair, ...said(other, pair[1]) })
  return replies
}

const carriers: Readonly<Record<string, (payload: string) => SentHeaders>> = {
  'Authorization: Bearer': (payload) => ({ authorization: `Bearer ${payload}` }),
  'Authorization: Basic': (payload) => ({ authorization: `Basic ${Buffer.from(`x:${payload}`).toString('base64')}` }),
  'a key with its form': (payload) => ({ authorization: `Bearer slp_${payload}` }),
  'a token with its form': (payload) => ({ authorization: `Bearer eyJ${Buffer.from(payload).toString('base64url')}.${Buffer.from(payload).toString('base64url')}.x` }),
  'X-API-Key': (payload) => ({ 'x-api-key': payload }),
  'a long X-API-Key': (payload) => ({ 'x-api-key': payload.replaceAll(' ', '/**/').padEnd(64, 'x') }),
  'the session cookie': (payload) => ({ cookie: `${server.cookieName}=${encodeURIComponent(payload)}` }),
  'the session cookie as it is': (payload) => ({ cookie: `${server.cookieName}=${payload.replaceAll(';', '')}` }),
}
const others = ['x-request-id', 'last-event-id', 'user-agent', 'referer', 'origin', 'accept', 'accept-language', 'x-forwarded-for', 'forwarded', 'if-none-match', 'x-user-id', 'sec-fetch-site']
const doors = [['GET', '/v1/models'], ['GET', '/api/v1/conversations'], ['GET', '/api/v1/session'], ['POST', '/v1/chat/completions']] as const

/** Every text in a body in turn, replaced. */
function* replaced(value: unknown, payload: string): Generator {
  if (typeof value === 'string') { yield payload; return }
  if (Array.isArray(value)) { for (const [index, item] of value.entries()) for (const other of replaced(item, payload)) yield value.with(index, other); return }
  const object = z.record(z.string(), z.unknown()).safeParse(value)
  if (object.success) for (const [name, item] of Object.entries(object.data)) for (const other of replaced(item, payload)) yield { ...object.data, [name]: other }
}

const open = (dialect: Dialect) => {
  beforeAll(async () => {
    database = dialect === 'postgres' ? await createPostgresDatabase() : null
    server = await openTestServer({ settings: database === null ? {} : { STORE_URL: database.url } })
    owner = await server.setUpOwner()
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    await database?.[Symbol.asyncDispose]()
  })
}
/** What ends a session or everybody's, and what takes SQL for a good new password: the second half of a pair would meet another state than the first. */
const ending: ReadonlySet<OperationId> = new Set<OperationId>(['signOut', 'endOtherSessions', 'revokeEverything', 'rotateSigningKey', 'proveAgain', 'changePassword'])

describeEachEngine('SQL', (dialect) => {
  open(dialect)

  test.each(Object.entries(carriers))('in %s opens nothing and asks nothing', async (_, headers) => {
    for (const pair of pairs) {
      for (const [method, path] of doors) {
        const replies = await expectAlike((payload) => server.call(method, path, { headers: headers(payload), ...(method === 'POST' && { body: { model: 'sallyport/library', messages: [{ role: 'user', content: 'Hello' }] } }) }), pair)
        for (const { status } of replies) expect([400, 401]).toContain(status)
      }
    }
  })

  test.each(others)('in the header %s changes nothing of an answer', async (name) => {
    for (const pair of pairs.filter((texts) => texts.every(isPrintable))) {
      for (const [method, path] of [['GET', '/api/v1/conversations'], ['GET', '/api/v1/session']] as const) {
        const person = await server.renew(owner)
        await expectAlike((payload) => server.call(method, path, { headers: { cookie: person.cookie, origin: server.url, [name]: payload } }), pair)
      }
    }
  })

  describe.each(operationIds.filter((id) => operations[id].path.includes(':') || operations[id].path.endsWith('/*') && id !== 'getPage'))('in the path of %s', (id) => {
    test('names nothing', async () => {
      owner = await server.renew(owner)
      const sample = await makeSample(id, { server, owner })
      for (const pair of somePairs(id, 4)) {
        const replies = await expectAlike((payload) => owner.call(sample.method, operations[id].path.replaceAll(/:\w+|\*/g, encodeURIComponent(payload)), sample.body), pair)
        for (const { status } of replies) expect([400, 404]).toContain(status)
      }
    })
  })

  describe.each(operationIds.filter((id) => operations[id].query instanceof z.ZodObject))('in the query of %s', (id) => {
    test('is refused', async () => {
      owner = await server.renew(owner)
      const sample = await makeSample(id, { server, owner })
      const fields = Object.keys(operations[id].query instanceof z.ZodObject ? operations[id].query.shape : {})
      for (const pair of somePairs(id, 4)) for (const field of fields) {
        await expectAlike((payload) => owner.call('GET', `${sample.path.split('?')[0] ?? ''}?${field}=${encodeURIComponent(payload)}`), pair)
      }
    })
  })

  describe.each(operationIds.filter((id) => !(operations[id].body instanceof z.ZodUndefined) && !ending.has(id)))('in the body of %s', (id) => {
    test('is a text like any other, or refused', async () => {
      for (const pair of somePairs(id, 2)) {
        owner = await server.renew(owner)
        const { method, path, body } = await makeSample(id, { server, owner })
        const bodies = pair.map((payload) => [...replaced(body, payload)])
        for (const [index] of (bodies[0] ?? []).entries()) {
          const statuses: number[] = []
          for (const half of bodies) {
            // Wrong passwords lock an account for a while.
            server.clock.advance(id === 'signIn' ? 90_000_000 : 13_000)
            const reply = await server.call(method, path, { body: half[index], headers: { cookie: owner.cookie, origin: server.url }, from: `127.2.0.${1 + index % 200}` })
            expect({ id, status: reply.status, telltale: TELLTALE.exec(reply.text)?.[0] ?? null }).toEqual({ id, status: expect.toSatisfy((status: number) => status < 500 || status === 502 || status === 503), telltale: null })
            statuses.push(reply.status)
          }
          expect({ id, half: bodies[0]?.[index], same: statuses[0] === statuses[1] }).toEqual({ id, half: bodies[0]?.[index], same: true })
        }
      }
    })
  })

  test('is kept and shown as it came, and everybody is still there', async () => {
    owner = await server.renew(owner)
    for (const [text] of pairs) {
      server.clock.advance(1_000)
      const made = await owner.call('POST', '/api/v1/conversations', { title: text })
      expect(made.json).toMatchObject({ title: text.trim() })
    }
    const { count } = await server.sallyport.database.read.selectFrom('account').select(({ fn }) => fn.countAll<number>().as('count')).executeTakeFirstOrThrow()
    expect(count).toBeGreaterThan(0)
    expect((await owner.call('GET', '/api/v1/session')).status).toBe(200)
  })
})

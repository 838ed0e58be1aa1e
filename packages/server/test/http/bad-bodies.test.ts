import { gzipSync } from 'node:zlib'
import { isProblemCode, operationIds, operations, type Dialect, type OperationId, type Operation } from '@sallyport/contract'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { operationPolicy } from '../../src/policy/operations.ts'
import type { HttpReply } from '../../src/testing/http-client.ts'
import { openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'
import { makeSample, type Sample } from './samples.ts'

let server: TestServer
let owner: Person
beforeAll(async () => {
  server = await openTestServer({ withHandbook: true })
  owner = await server.setUpOwner()
})
// Some of what is sent ends sessions, and much of it takes a fresh proof.
beforeEach(async () => { owner = await server.renew(owner) })
afterAll(async () => { await server[Symbol.asyncDispose]() })

type Json = Readonly<Record<string, unknown>>
const Body = z.record(z.string(), z.unknown())
const takers = operationIds.filter((id) => operationPolicy[id].bodyBytes > 0)
const dialectOf = (id: OperationId) => operations[id].dialect

const send = (sample: Sample, body: unknown, headers: Readonly<Record<string, string>> = {}) => {
  server.clock.advance(15_000)
  return server.call(sample.method, sample.path, { body, headers: { cookie: owner.cookie, origin: server.url, ...headers } })
}

/** The documented problem: its status, a code of the catalogue, and what to do. */
function expectProblem(reply: HttpReply, status: number, dialect: Dialect): void {
  expect({ status: reply.status, text: reply.status === status ? '' : reply.text }).toEqual({ status, text: '' })
  if (dialect === 'oauth') {
    expect(reply.json).toMatchObject({ error: expect.any(String), error_description: expect.stringMatching(/\w{3}/), code: expect.any(String) })
    return
  }
  if (dialect === 'openai') {
    expect(reply.json).toMatchObject({ error: { type: 'invalid_request_error', message: expect.stringMatching(/\w{3}/), code: expect.any(String) } })
    return
  }
  const { code, detail } = reply.json as { code: string; detail: string }
  expect(isProblemCode(code)).toBe(true)
  expect(detail).toMatch(/\w{3}/)
}

const WRONG: readonly unknown[] = [null, true, -1, 1.5, 1e308, '', ' ', 'x', '\u0000', '\ud800', 'a'.repeat(3_000), [], [null], {}, { a: 1 }, { toString: 1 }]
const deep = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`

/** Every field of a good body in turn: left out, and with each wrong value; then fields that no schema has. */
function* spoil(body: Json): Generator<Json> {
  for (const field of Object.keys(body)) {
    const { [field]: _left, ...rest } = body
    yield rest
    for (const value of WRONG) yield { ...body, [field]: value }
  }
  for (const field of ['extra', 'id', 'accountId', 'account_id', 'user_id', 'role', 'conversationId', 'constructor', 'hasOwnProperty']) yield { ...body, [field]: 'x' }
}

/** What a good body begins there goes on by itself for an hour, and would be seen by every test that comes after. */
const beginsRotation: ReadonlySet<OperationId> = new Set(['rotateDataKeys', 'runEmergency'])

describe.each(takers)('%s', (id) => {
  const schema: z.ZodType = operations[id].body

  test('refuses every field that its schema refuses, says which, and stores nothing', async () => {
    const sample = await makeSample(id, { server, owner })
    const bad = [...spoil(Body.parse(sample.body))].filter((body) => !schema.safeParse(body).success)
    expect(bad.length).toBeGreaterThan(5)
    const before = await server.storedDigests()
    for (const body of bad) {
      const reply = await send(sample, body)
      expectProblem(reply, 400, dialectOf(id))
      if (dialectOf(id) === 'problem') expect(reply.json).toMatchObject({ errors: expect.arrayContaining([{ pointer: expect.stringMatching(/^(\/|$)/), detail: expect.stringMatching(/\w{3}/) }]) })
    }
    expect(await server.storedDigests()).toEqual(before)
  })

  test('refuses what is no JSON object, in each form', async () => {
    const sample = await makeSample(id, { server, owner })
    const good = JSON.stringify(sample.body)
    const json = { 'content-type': 'application/json' }
    const before = await server.storedDigests()
    for (const body of ['', '{', good.slice(0, -1), `${good}x`, `${good}${good}`, `\u00a0${good}`, '[]', 'null', '"text"', '12', 'NaN', `{'a':1}`, '{"a":1,}', '//', deep(20), deep(900), '{"__proto__":{"role":"owner"}}', '{"constructor":{"prototype":{"a":1}}}', `{"__proto__":1,${good.slice(1)}`]) {
      expectProblem(await send(sample, body, json), 400, dialectOf(id))
    }
    expectProblem(await send(sample, Buffer.concat([Buffer.from('{"text":"'), Buffer.from([0x61, 0xc3, 0x28]), Buffer.from(`",${good.slice(1)}`)]), json), 400, dialectOf(id))
    expectProblem(await send(sample, undefined, {}), 400, dialectOf(id))
    const { takesForm }: Operation = operations[id]
    for (const type of [...takesForm === true ? [] : ['application/x-www-form-urlencoded'], 'text/plain', 'text/plain;charset=UTF-8', 'multipart/form-data; boundary=x', 'application/xml', 'application/jsonp', 'nonsense', 'application/json, text/plain']) {
      expectProblem(await send(sample, good, { 'content-type': type }), 415, dialectOf(id))
    }
    expectProblem(await send(sample, good, {}), 415, dialectOf(id))
    expectProblem(await send(sample, gzipSync(good), { ...json, 'content-encoding': 'gzip' }), 415, dialectOf(id))
    expect(await server.storedDigests()).toEqual(before)
  })

  test('refuses a body that is larger than its row says, by its length and by its bytes', async () => {
    const sample = await makeSample(id, { server, owner })
    const large = JSON.stringify({ ...Body.parse(sample.body), extra: 'x'.repeat(operationPolicy[id].bodyBytes) })
    const before = await server.storedDigests()
    expectProblem(await send(sample, large, { 'content-type': 'application/json' }), 413, dialectOf(id))
    expectProblem(await send(sample, large, { 'content-type': 'application/json', 'transfer-encoding': 'chunked' }), 413, dialectOf(id))
    expect(await server.storedDigests()).toEqual(before)
  })

  if (!beginsRotation.has(id)) test('never fails on our side, whatever JSON comes', async () => {
    const sample = await makeSample(id, { server, owner })
    const known = Object.keys(Body.parse(sample.body))
    const anyBody = fc.oneof(fc.jsonValue(), fc.dictionary(fc.oneof(fc.constantFrom(...known), fc.string()), fc.jsonValue(), { maxKeys: 6 }))
    await fc.assert(fc.asyncProperty(anyBody, async (body) => {
      const reply = await send(sample, JSON.stringify(body), { 'content-type': 'application/json' })
      expect(reply.status).toBeLessThan(500)
    }), { numRuns: 25 })
  })
})

describe('operations without a body', () => {
  test.each(operationIds.filter((id) => operationPolicy[id].bodyBytes === 0 && operations[id].method !== 'GET'))('%s takes none', async (id) => {
    const sample = await makeSample(id, { server, owner })
    const before = await server.storedDigests()
    expectProblem(await send(sample, '{"a":1}', { 'content-type': 'application/json' }), 400, 'problem')
    expectProblem(await send(sample, 'a=1', { 'content-type': 'application/x-www-form-urlencoded' }), 415, 'problem')
    expect(await server.storedDigests()).toEqual(before)
  })
})

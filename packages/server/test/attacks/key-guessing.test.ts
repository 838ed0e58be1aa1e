import { afterAll, beforeAll, expect, test } from 'vitest'
import { rates } from '../../src/policy/limits.ts'
import { openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'

// Credentials that hold nothing cost whoever sends them: an address may send so many in a minute, and hears no more after that.

let server: TestServer
let owner: Person
beforeAll(async () => {
  server = await openTestServer()
  owner = await server.setUpOwner()
})
afterAll(async () => { await server[Symbol.asyncDispose]() })

const guess = (from: string, headers: Readonly<Record<string, string>>) => server.call('GET', '/api/v1/models', { from, headers })
const carriers: readonly (readonly [string, (index: number) => Readonly<Record<string, string>>])[] = [
  ['keys', (index) => ({ 'x-api-key': `slp_${String(index).padStart(40, 'a')}` })],
  ['access tokens', (index) => ({ authorization: `Bearer eyJhbGciOiJFZERTQSJ9.e30.${String(index).padStart(20, 'A')}` })],
]

test.each(carriers)('an address that guesses %s is told to wait; others are not, and whoever has a key still comes in', async (_name, headersOf) => {
  server.clock.advance(120_000)
  const { count } = rates.refusal
  for (let index = 0; index < count.default; index += 1) expect((await guess('127.7.0.1', headersOf(index))).status).toBe(401)
  const over = await guess('127.7.0.1', headersOf(count.default))
  expect(over.status).toBe(429)
  expect(Number(over.headers['retry-after'])).toBeGreaterThan(0)
  expect((await guess('127.7.0.2', headersOf(0))).status).toBe(401)
  expect((await guess('127.7.0.1', { 'x-api-key': owner.key })).status).toBe(200)
})

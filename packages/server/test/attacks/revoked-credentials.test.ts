import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'

let server: TestServer
let owner: Person
beforeAll(async () => {
  server = await openTestServer()
  owner = await server.setUpOwner()
})
afterAll(async () => { await server[Symbol.asyncDispose]() })

const doors = [['GET', '/api/v1/conversations'], ['GET', '/api/v1/session'], ['GET', '/v1/models'], ['GET', '/api/v1/models']] as const

test('a session that was signed out opens nothing from then on, nor do requests that come at the same moment later', async () => {
  const person = await server.renew(owner)
  for (const [method, path] of doors) expect((await person.call(method, path)).status).toBe(200)
  const [gone] = await Promise.all([person.call('DELETE', '/api/v1/session'), ...Array.from({ length: 10 }, () => person.call('GET', '/api/v1/session'))])
  expect(gone).toMatchObject({ status: 204, headers: { 'set-cookie': expect.stringMatching(/=; Path=\/; Secure; HttpOnly; SameSite=Strict; Max-Age=0$/), 'clear-site-data': '"cache", "cookies", "storage"' } })
  for (const [method, path] of doors) expect((await person.call(method, path)).status).toBe(401)
  expect((await owner.call('GET', '/api/v1/session')).status).toBe(200)
})

test('a revoked key opens nothing from then on, at any door', async () => {
  const person = await server.renew(owner)
  for (const [method, path] of doors) expect((await person.program(method, path)).status).toBe(200)
  const [gone] = await Promise.all([owner.call('DELETE', `/api/v1/keys/${person.keyId}`), ...Array.from({ length: 10 }, () => person.program('GET', '/v1/models'))])
  expect(gone.status).toBe(204)
  for (const [method, path] of doors) expect((await person.program(method, path)).status).toBe(401)
  expect((await owner.call('DELETE', `/api/v1/keys/${person.keyId}`)).status).toBe(404)
  expect((await owner.call('GET', '/api/v1/keys')).text).not.toContain(person.keyId)
  expect((await owner.program('GET', '/v1/models')).status).toBe(200)
})

test('a session ends after an hour without a call, and after twelve hours in any case; a key at its end', async () => {
  const [busy, idle] = [await server.renew(owner), await server.renew(owner)]
  const key = await server.newKey(owner, 1)
  const byKey = () => server.call('GET', '/v1/models', { headers: { 'x-api-key': key } })
  for (let minutes = 0; minutes < 700; minutes += 50) {
    server.clock.advance(50 * 60_000)
    expect((await busy.call('GET', '/api/v1/session')).status).toBe(200)
  }
  expect((await idle.call('GET', '/api/v1/session')).status).toBe(401)
  server.clock.advance(25 * 60_000)
  expect((await busy.call('GET', '/api/v1/session')).status).toBe(401)
  expect((await byKey()).status).toBe(200)
  server.clock.advance(12 * 3_600_000)
  expect((await byKey()).status).toBe(401)
})

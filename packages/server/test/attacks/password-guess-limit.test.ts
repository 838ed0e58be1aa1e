import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestServer, PASSWORD, type TestServer } from '../../src/testing/server.ts'

const HOUR = 3_600_000
let server: TestServer
beforeAll(async () => {
  server = await openTestServer()
  await server.setUpOwner()
})
afterAll(async () => { await server[Symbol.asyncDispose]() })

let guesser = 0
/** From another address each time, so that no address's own rate is what stops it; with forged forwarding headers on top. */
const guess = (password: string, email = 'owner@example.org') => {
  guesser += 1
  return server.call('POST', '/api/v1/session', {
    from: `127.9.${Math.floor(guesser / 200)}.${1 + guesser % 200}`, body: { email, password }, headers: { 'x-forwarded-for': `198.51.100.${guesser % 250}`, forwarded: `for=203.0.113.${guesser % 250}`, 'x-real-ip': '192.0.2.1' },
  })
}

/** Scoreboard S9. */
test('within any hour no more than ten passwords are tried for one account, from however many addresses', async () => {
  server.clock.stop()
  const acceptedAt: number[] = []
  for (let minute = 0; minute < 150; minute += 3) {
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const { status } = await guess(`wrong guess number ${minute} ${attempt}`)
      if (status === 401) acceptedAt.push(minute)
      else expect(status).toBe(429)
    }
    server.clock.advance(180_000)
  }
  for (const from of acceptedAt) expect(acceptedAt.filter((minute) => minute >= from && minute < from + 60).length).toBeLessThanOrEqual(10)
  expect(acceptedAt.length).toBeGreaterThanOrEqual(16)
})

test('many at once gain nothing', async () => {
  server.clock.advance(2 * HOUR)
  const replies = await Promise.all(Array.from({ length: 40 }, (_, index) => guess(`parallel guess ${index}`)))
  // The first four without a wait; the fifth has to.
  expect(replies.filter(({ status }) => status === 401)).toHaveLength(4)
  const { headers, json } = replies.find(({ status }) => status === 429) ?? { headers: {}, json: {} }
  expect(headers).toHaveProperty('retry-after')
  expect(json).toMatchObject({ code: 'too-many-requests', retryAfterSeconds: expect.any(Number) })
})

test('nor does writing the address in another way', async () => {
  server.clock.advance(2 * HOUR)
  const ways = ['owner@example.org', 'OWNER@example.org', 'Owner@Example.Org', 'owner@EXAMPLE.ORG']
  let tried = 0
  for (let attempt = 0; attempt < 14; attempt += 1) {
    if ((await guess(`guess ${attempt}`, ways[attempt % ways.length])).status === 401) tried += 1
    server.clock.advance(200_000)
  }
  expect(tried).toBe(8)
})

test('a right password costs no guess, and one address has a rate of its own', async () => {
  server.clock.advance(2 * HOUR)
  for (let time = 0; time < 15; time += 1) expect((await guess(PASSWORD)).status).toBe(200)
  const statuses: number[] = []
  for (let time = 0; time < 7; time += 1) statuses.push((await server.call('POST', '/api/v1/session', { from: '127.10.0.1', body: { email: `person${time}@example.org`, password: 'x' }, headers: { 'x-forwarded-for': `198.51.100.${time}` } })).status)
  expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429])
})

import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestServer, PASSWORD, type TestServer } from '../../src/testing/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await openTestServer()
  await server.setUpOwner()
})
afterAll(async () => { await server[Symbol.asyncDispose]() })

const signIn = (email: string, password: string) => {
  server.clock.advance(61_000)
  return server.call('POST', '/api/v1/session', { body: { email, password } })
}

test('a wrong password and an unknown address are answered alike: status, headers and words', async () => {
  const strip = ({ status, headers, json }: Awaited<ReturnType<typeof signIn>>) => {
    const { 'x-request-id': _id, date: _date, ...rest } = headers
    return { status, headers: rest, json: { ...(json as object), instance: '' } }
  }
  const wrong = strip(await signIn('owner@example.org', 'not the password at all'))
  expect(wrong).toMatchObject({ status: 401, json: { code: 'wrong-credentials' } })
  expect(wrong.headers).not.toHaveProperty('set-cookie')
  for (const email of ['nobody@example.org', 'owner@example.com', 'owner+x@example.org']) expect(strip(await signIn(email, 'not the password at all'))).toEqual(wrong)
  expect(strip(await signIn('nobody@example.org', PASSWORD))).toEqual(wrong)
})

test('the right password opens, however the address is written', async () => {
  for (const email of ['owner@example.org', 'OWNER@Example.ORG']) expect((await signIn(email, PASSWORD)).status).toBe(200)
})

test('the limit of guesses is the same for an address that exists and one that does not', async () => {
  const until429 = async (email: string) => {
    for (let guess = 1; guess <= 30; guess += 1) {
      server.clock.advance(13_000)
      const { status } = await server.call('POST', '/api/v1/session', { body: { email, password: 'a wrong guess, again' } })
      if (status === 429) return guess
    }
    return null
  }
  server.clock.advance(3_600_000 * 2)
  const nobody = await until429('nobody-else@example.org')
  server.clock.advance(3_600_000 * 2)
  expect(await until429('owner@example.org')).toBe(nobody)
  expect(nobody).not.toBeNull()
})

test('nor does being suspended or having no password show', async () => {
  server.clock.advance(3_600_000 * 2)
  const { read } = server.sallyport.database
  const [suspended, passwordless] = [await server.addAccount('suspended'), await server.addAccount('passwordless')]
  await server.sallyport.database.write([
    { query: read.updateTable('account').set({ status: 'suspended' }).where('id', '=', suspended.account.id).compile() },
    { query: read.updateTable('account').set({ password_sealed: null }).where('id', '=', passwordless.account.id).compile() },
  ])
  const answers = []
  for (const [email, password] of [['nobody@example.org', PASSWORD], ['suspended@example.org', PASSWORD], ['passwordless@example.org', PASSWORD], ['passwordless@example.org', ' ']] as const) {
    const { status, json } = await signIn(email, password)
    answers.push({ status, json: { ...(json as object), instance: '' } })
  }
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
  expect(answers[0]).toMatchObject({ status: 401, json: { code: 'wrong-credentials' } })
})

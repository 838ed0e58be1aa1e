import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { callerLike } from '../../src/testing/caller.ts'
import type { SentHeaders } from '../../src/testing/http-client.ts'
import { openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'

// Whoever stole a key trades it for a token in time, and goes on by that after the key got another value. The token ends with the value.

const HOUR = 3_600_000
const MINUTE = 60_000

let server: TestServer
beforeAll(async () => {
  server = await openTestServer()
  await server.setUpOwner()
})
afterAll(async () => { await server[Symbol.asyncDispose]() })

let asked = 0
/** From another address each time, for an address gets few tokens in a minute. */
async function trade(body: Readonly<Record<string, string>>, headers: SentHeaders = {}) {
  asked += 1
  return server.call('POST', '/api/v1/auth/token', { body: { grant_type: 'client_credentials', ...body }, headers, from: `127.6.0.${asked}` })
}
const tokenIn = ({ json }: { readonly json: unknown }) => z.object({ access_token: z.string() }).parse(json).access_token
const status = async (token: string) => (await server.call('GET', '/v1/models', { headers: { authorization: `Bearer ${token}` } })).status
const rotate = async ({ account, keyId }: Person, graceHours: number) => (await server.sallyport.domains.keys.rotate(callerLike(account.id, 'member'), keyId, graceHours)).value

/** Every way to trade a key's value for a token. */
const trades: Readonly<Record<string, (keyId: string, value: string) => ReturnType<typeof trade>>> = {
  'in the body': (keyId, value) => trade({ client_id: keyId, client_secret: value }),
  'as bearer': (_, value) => trade({}, { authorization: `Bearer ${value}` }),
  'as X-API-Key': (_, value) => trade({}, { 'x-api-key': value }),
  'as Basic': (keyId, value) => trade({}, { authorization: `Basic ${Buffer.from(`${keyId}:${value}`).toString('base64')}` }),
}

describe.each(Object.entries(trades))('a value that was traded %s', (way, get) => {
  const name = way.replaceAll(/\W/g, '-').toLowerCase()

  test('takes its tokens with it when it is rotated away without grace', async () => {
    const person = await server.addAccount(`${name}-none`)
    const old = tokenIn(await get(person.keyId, person.key))
    expect(await status(old)).toBe(200)
    const value = await rotate(person, 0)
    expect([await status(old), (await get(person.keyId, person.key)).status]).toEqual([401, 401])
    const next = tokenIn(await get(person.keyId, value))
    expect([await status(next), await status(old)]).toEqual([200, 401])
  })

  test('takes them with it when its grace ends, to the moment, while the new value\'s hold', async () => {
    const person = await server.addAccount(`${name}-grace`)
    const value = await rotate(person, 1)
    server.clock.advance(HOUR - MINUTE)
    const [old, next] = [tokenIn(await get(person.keyId, person.key)), tokenIn(await get(person.keyId, value))]
    server.clock.advance(MINUTE - 5_000)
    expect([await status(old), await status(next)]).toEqual([200, 200])
    server.clock.advance(5_000)
    expect([await status(old), await status(next)]).toEqual([401, 200])
  })
})

test('a grace is cut short for tokens too by a rotation without one', async () => {
  const person = await server.addAccount('short')
  const old = tokenIn(await trade({ client_id: person.keyId, client_secret: person.key }))
  await rotate(person, 24)
  expect(await status(old)).toBe(200)
  await rotate(person, 0)
  expect(await status(old)).toBe(401)
})

test('a token that names no value, another key\'s or none that the key had holds nothing, well signed as it is', async () => {
  const [person, other] = [await server.addAccount('signed'), await server.addAccount('unsigned')]
  const payload = (token: string) => z.looseObject({ value_id: z.string() }).parse(JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')))
  const real = tokenIn(await trade({ client_id: person.keyId, client_secret: person.key }))
  const { value_id: valueId, ...claims } = payload(real)
  const { value_id: foreign } = payload(tokenIn(await trade({ client_id: other.keyId, client_secret: other.key })))
  const { id, privateKey } = await server.sallyport.domains.signingKeys.signer()
  const sign = (more: Readonly<Record<string, unknown>>) => new SignJWT({ ...claims, ...more }).setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: id }).sign(privateKey)
  expect(await status(await sign({ value_id: valueId }))).toBe(200)
  for (const more of [{}, { value_id: foreign }, { value_id: 'AAAAAAAAAAA' }, { value_id: '' }, { value_id: null }, { value_id: `${valueId}A` }, { value_id: [valueId] }]) expect({ more, status: await status(await sign(more)) }).toEqual({ more, status: 401 })
  expect(await status(real)).toBe(200)
})

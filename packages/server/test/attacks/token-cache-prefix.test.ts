import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'
import { signInProgram } from '../../src/testing/tokens.ts'

// Abuse 42 (CVE-2026-35030): a cache of checked tokens that is keyed by a part of the token answers for whoever shares that part.

let server: TestServer
let owner: Person
let member: Person
beforeAll(async () => {
  server = await openTestServer()
  owner = await server.setUpOwner()
  member = await server.addAccount('member')
})
afterAll(async () => { await server[Symbol.asyncDispose]() })

const who = async (token: string) => {
  const reply = await server.call('GET', '/api/v1/session', { headers: { authorization: `Bearer ${token}` } })
  return reply.status === 200 ? (reply.json as { readonly account: { readonly id: string } }).account.id : reply.status
}
const shared = (one: string, other: string) => { let index = 0; while (index < one.length && one[index] === other[index]) index += 1; return index }

test('of tokens that begin alike each opens its own account and no other, however they alternate', async () => {
  const [mine, theirs] = [(await signInProgram(server, owner)).access_token, (await signInProgram(server, member)).access_token]
  // They do begin alike: the header is the same, and longer than any cut that was ever made.
  expect(shared(mine, theirs)).toBeGreaterThan(100)
  for (let round = 0; round < 20; round += 1) {
    expect(await who(mine)).toBe(owner.account.id)
    expect(await who(theirs)).toBe(member.account.id)
  }
})

test('a token with the same beginning as one that was just checked is checked for itself', async () => {
  const { access_token: token } = await signInProgram(server, owner)
  expect(await who(token)).toBe(owner.account.id)
  const [header, claims, signature = ''] = token.split('.')
  const forged = JSON.parse(Buffer.from(claims ?? '', 'base64url').toString('utf8')) as object
  const other = Buffer.from(JSON.stringify({ ...forged, sub: member.account.id })).toString('base64url')
  for (const attempt of [`${header}.${claims}.${'A'.repeat(signature.length)}`, `${header}.${other}.${signature}`, `${header}.${claims}.${signature.slice(0, -4)}AAAA`, `${header}.${claims}.`, `${header}.${claims}`]) {
    expect(await who(attempt)).toBe(401)
    expect(await who(token)).toBe(owner.account.id)
  }
})

test('a token that was remembered ends at its second, and its memory with it', async () => {
  const { access_token: token } = await signInProgram(server, owner)
  expect(await who(token)).toBe(owner.account.id)
  server.clock.advance(898_000)
  expect(await who(token)).toBe(owner.account.id)
  server.clock.advance(2_000)
  expect(await who(token)).toBe(401)
})

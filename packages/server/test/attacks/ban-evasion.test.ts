// Whoever is banned comes back as somebody else: from another address of the same IPv6 network, with a forged forwarding header, with
// another header for the same key, or with the account's next key.
import { afterEach, expect, test, vi } from 'vitest'
import { openTestServer, type TestServer } from '../../src/testing/server.ts'

let server: TestServer | undefined
afterEach(async () => { await server?.[Symbol.asyncDispose](); server = undefined })

const open = async (settings: Readonly<Record<string, string>> = {}) => {
  server = await openTestServer({ settings: { LIMITS_BAN_POINTS: '40', ...settings } })
  server.clock.stop()
  return server
}
const codeOf = ({ json }: { readonly json: unknown }) => (json as { code?: string } | null)?.code
const untilBanned = (call: () => Promise<{ readonly json: unknown }>) => vi.waitFor(async () => { expect(codeOf(await call())).toBe('banned') }, { timeout: 10_000, interval: 1 })

test('an IPv6 network counts as one; the next network is somebody else', async () => {
  const at = await open({ HTTP_PROXIES: '127.0.0.1' })
  const from = (address: string) => at.call('GET', '/api/v1/models', { headers: { authorization: 'Bearer slp_wrong', 'x-forwarded-for': address } })
  await untilBanned(() => from('2001:db8:1:2::1'))
  expect([codeOf(await from('2001:db8:1:2:aaaa:bbbb:cccc:dddd')), codeOf(await from('2001:db8:1:3::1'))]).toEqual(['banned', 'not-signed-in'])
  // A network with zeros in it is one as well, and not its neighbour.
  await untilBanned(() => from('2001:db8:7::5'))
  expect([codeOf(await from('2001:db8:7:0:5:6:7:8')), codeOf(await from('2001:db8:7:1::5'))]).toEqual(['banned', 'not-signed-in'])
})

test('a forged forwarding header neither frees the sender nor bans another', async () => {
  const at = await open()
  const guess = (headers: Readonly<Record<string, string>>) => at.call('GET', '/api/v1/models', { from: '127.0.0.9', headers: { authorization: 'Bearer slp_wrong', ...headers } })
  await untilBanned(() => guess({ 'x-forwarded-for': '198.51.100.7' }))
  for (const name of ['x-forwarded-for', 'forwarded', 'x-real-ip', 'cf-connecting-ip']) expect(codeOf(await guess({ [name]: '203.0.113.5' }))).toBe('banned')
  expect(at.sallyport.domains.penalties.banOf([{ kind: 'address', id: '198.51.100.7' }])).toBeNull()
})

test('a banned key is banned in every header, and a banned account with every key', async () => {
  const at = await open()
  const owner = await at.setUpOwner()
  const member = await at.addAccount('member')
  const { penalties } = at.sallyport.domains
  const read = (headers: Readonly<Record<string, string>>) => at.call('GET', '/api/v1/models', { headers })
  for (let time = 0; time < 40; time += 1) penalties.note({ kind: 'key', id: owner.keyId }, 'limit-reached')
  await untilBanned(() => read({ authorization: `Bearer ${owner.key}` }))
  expect([codeOf(await read({ 'x-api-key': owner.key })), (await read({ authorization: `Bearer ${await at.newKey(owner, 1)}` })).status]).toEqual(['banned', 200])
  for (let time = 0; time < 40; time += 1) penalties.note({ kind: 'account', id: member.account.id }, 'limit-reached')
  await untilBanned(() => read({ cookie: member.cookie }))
  expect(codeOf(await read({ authorization: `Bearer ${await at.newKey(member, 1)}` }))).toBe('banned')
})

test('many at once do not slip by: the one after the last point is refused', async () => {
  const at = await open()
  const guess = () => at.call('GET', '/api/v1/models', { from: '127.0.0.9', headers: { authorization: 'Bearer slp_wrong' } })
  await Promise.all(Array.from({ length: 100 }, guess))
  await untilBanned(guess)
  // All of them were one ban, not several on top of each other.
  expect((await at.sallyport.database.read.selectFrom('penalty').select(['bans', 'kind']).execute())).toEqual([{ bans: 1, kind: 'address' }])
})

import { UsageReport } from '@sallyport/contract'
import { afterEach, expect, test } from 'vitest'
import { addressKey } from '../../src/kernel/address-key.ts'
import { rateNames, rates } from '../../src/policy/limits.ts'
import { createRateRules } from '../../src/policy/rate-rules.ts'
import { callerLike } from '../../src/testing/caller.ts'
import { operationPolicy } from '../../src/policy/operations.ts'
import { openTestServer, type TestServer } from '../../src/testing/server.ts'

let server: TestServer | undefined
afterEach(async () => { await server?.[Symbol.asyncDispose](); server = undefined })

const open = async (rows: Readonly<Record<string, number>>, settings: Readonly<Record<string, string>> = {}) => {
  server = await openTestServer({ settings: { LIMITS_RATES: JSON.stringify({ 'turn-by-address': 1_000_000, ...rows }), ...settings } })
  server.clock.stop()
  return server
}
const question = { model: 'sallyport/library', messages: [{ role: 'user', content: 'Hello' }] }

test('every class of operation but health has a rate, and every rate counts a class or is taken by name', () => {
  const counted = new Set(rateNames.map((name) => rates[name].budget))
  for (const { budget } of Object.values(operationPolicy)) expect(budget === 'none' || counted.has(budget), budget).toBe(true)
  expect(rateNames.filter((name) => rates[name].budget === null)).toEqual(['address', 'refusal'])
  expect(rates.unlisted).toMatchObject({ count: { default: 100 }, windowSeconds: 3_600 })
})

test('answers carry the limits that they met, and a refusal says when to come back', async () => {
  const { call, clock, ...at } = await open({ read: 10 })
  const owner = await at.setUpOwner()
  const first = await owner.call('GET', '/api/v1/models')
  expect(first.headers['ratelimit-policy']).toBe('"read";q=10;w=60')
  expect(first.headers['ratelimit']).toMatch(/^"read";r=9;t=6[01]$/)
  for (let request = 0; request < 9; request += 1) await owner.call('GET', '/api/v1/models')
  const refused = await owner.call('GET', '/api/v1/models')
  expect([refused.status, refused.headers['ratelimit']?.startsWith('"read";r=0;t=6'), refused.headers['ratelimit-policy']]).toEqual([429, true, '"read";q=10;w=60'])
  const wait = Number(refused.headers['retry-after'])
  expect(refused.json).toMatchObject({ code: 'too-many-requests', retryAfterSeconds: wait, detail: `An account may make 10 reading requests a minute. Wait ${wait} seconds, then try again.` })
  clock.advance((wait - 1) * 1_000)
  expect((await owner.call('GET', '/api/v1/models')).status).toBe(429)
  clock.advance(1_000)
  expect((await owner.call('GET', '/api/v1/models')).status).toBe(200)
  expect((await call('GET', '/healthz')).headers['ratelimit']).toBeUndefined()
})

test.each(['conversation', 'chat', 'gateway'] as const)('the limits of questions are on answers from the entrance %s, whole and streamed', async (entrance) => {
  const at = await open({ 'turn-by-key': 5 })
  const owner = await at.setUpOwner()
  const ask = async (streams: boolean) => {
    const headers = { authorization: `Bearer ${owner.key}`, ...(streams && { accept: 'text/event-stream' }) }
    if (entrance === 'gateway') return at.call('POST', '/v1/chat/completions', { headers, body: { ...question, stream: streams } })
    const path = entrance === 'chat' ? '/api/v1/chat' : `/api/v1/conversations/${await owner.newConversation()}/turns`
    return at.call('POST', path, { headers, body: { text: 'Hello', model: 'sallyport/library' } })
  }
  expect((await ask(false)).headers['ratelimit']).toMatch(/"turn";r=\d+;t=\d+, "turn-by-address";r=\d+;t=\d+, "turn-by-key";r=4;t=36\d\d$/)
  expect((await ask(true)).headers['ratelimit']).toMatch(/"turn-by-key";r=3;t=36\d\d$/)
  for (let left = 3; left > 0; left -= 1) await ask(false)
  const refused = await ask(true)
  expect([refused.status, refused.text.includes('This API key may make 5 questions an hour. Wait 6')]).toEqual([429, true])
})

test('a window longer than a minute survives a restart, and a short one does not', async () => {
  const at = await open({ 'turn-by-key': 2, feedback: 1 })
  const owner = await at.setUpOwner()
  for (const status of [200, 200, 429]) expect((await owner.program('POST', '/v1/chat/completions', question)).status).toBe(status)
  await at.restart()
  expect((await owner.program('POST', '/v1/chat/completions', question)).status).toBe(429)
  at.clock.advance(3_700_000)
  expect((await owner.program('POST', '/v1/chat/completions', question)).status).toBe(200)
})

test('what remains is told to whom it belongs, and asking for it uses nothing of a question', async () => {
  const at = await open({ 'turn-by-key': 2 }, { LIMITS_TURNS_PER_MINUTE: '7' })
  const owner = await at.setUpOwner()
  await owner.program('POST', '/v1/chat/completions', question)
  const reportOf = async (by: 'call' | 'program') => {
    const { limits } = UsageReport.parse((await owner[by]('GET', '/api/v1/usage')).json)
    return Object.fromEntries(limits.map(({ name, remaining }) => [name, remaining]))
  }
  expect(await reportOf('program')).toMatchObject({ turn: 6, 'turn-by-key': 1, read: 239 })
  // The page is no key: it has no limit by key.
  expect(await reportOf('call')).toMatchObject({ turn: 6, read: 238 })
  expect(Object.keys(await reportOf('call'))).not.toContain('turn-by-key')
  const other = await at.addAccount('other')
  expect(UsageReport.parse((await other.call('GET', '/api/v1/usage')).json).limits.find(({ name }) => name === 'turn')).toMatchObject({ remaining: 7, count: 7 })
})

test('an IPv6 client is its /64, an IPv4 client its address, however it is written', () => {
  expect(addressKey('2001:db8:1:2:aaaa::1')).toBe(addressKey('2001:db8:1:2:bbbb:cccc:dddd:eeee'))
  expect(addressKey('2001:db8:1:3::1')).not.toBe(addressKey('2001:db8:1:2::1'))
  for (const mapped of ['::ffff:192.0.2.7', '::ffff:c000:207', '0:0:0:0:0:ffff:192.0.2.7', '::FFFF:C000:0207']) expect(addressKey(mapped)).toBe(addressKey('192.0.2.7'))
  // The same bits in other spellings, wherever the zeros are; and other bits that look alike.
  for (const [one, same] of [['2001:db8:1::5', '2001:db8:1:0:5:6:7:8'], ['2001:db8::1', '2001:0db8:0:0:ffff:0:0:1'], ['2001::5', '2001:0:0:0:1:2:3:4'], ['::1', '0:0:0:0:1::'], ['fe80::1%eth0', 'fe80::2']] as const) expect(addressKey(one), one).toBe(addressKey(same))
  for (const [one, other] of [['2001:0:0:1::7', '2001:0:0:9:2:3:4:5'], ['2001:db8:1::5', '2001:db8:1:1::5'], ['::5:0:0:0:1', '::6:0:0:0:1']] as const) expect(addressKey(one), one).not.toBe(addressKey(other))
  expect(['local', 'unknown', ':::'].map(addressKey)).toEqual(['local', 'unknown', ':::'])
})

test('what no operation answers has a class of its own, by caller and address, also where the address cannot be read', async () => {
  const at = await open({ unlisted: 10, 'unlisted-by-address': 15 })
  const owner = await at.setUpOwner()
  const statuses: number[] = []
  for (let time = 0; time < 12; time += 1) statuses.push((await owner.call(time % 2 === 0 ? 'POST' : 'GET', time % 2 === 0 ? `/zz${time}` : '/api/v1/conversations/%zz')).status)
  expect(statuses).toEqual([404, 400, 404, 400, 404, 400, 404, 400, 404, 400, 429, 429])
  const first = await at.call('POST', '/zz', { from: '127.0.0.9' })
  expect([first.status, first.headers['ratelimit-policy']]).toEqual([404, '"unlisted";q=10;w=3600, "unlisted-by-address";q=15;w=3600'])
  const nobody = []
  for (let time = 0; time < 12; time += 1) nobody.push((await at.call('POST', '/zz')).status)
  expect(nobody).toEqual([...Array<number>(10).fill(404), 429, 429])
  expect((await owner.call('GET', '/api/v1/models')).status).toBe(200)
})

test('a caller who has solved a check asks questions with the limits whole', () => {
  const rules = createRateRules({ turn: 20 }, () => 0.2)
  const member = callerLike('acc_1', 'member')
  const countOf = (caller: typeof member) => rules.of('turn', caller).find(({ name }) => name === 'turn')?.count
  expect([countOf(member), countOf({ ...member, isCheckedHuman: true })]).toEqual([4, 20])
})

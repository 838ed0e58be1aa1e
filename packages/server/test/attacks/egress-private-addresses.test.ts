import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/kernel/clock.ts'
import { createEgress, type Egress } from '../../src/kernel/egress.ts'
import { isRefusedAddress, namesPrivateHost } from '../../src/kernel/egress-address.ts'
import type { ResolvedAddress } from '../../src/kernel/egress-connect.ts'
import { defaultEgressRules } from '../../src/policy/egress.ts'
import { EgressFailure } from '../../src/ports/egress.ts'
import { watchConnects, type ConnectWatch } from '../../src/testing/watch-connects.ts'

// Abuse cases 2 and 4, scoreboard S6: an address inside, however it is spelled, and whoever gives it: the URL or a name server.

/** Hosts as they stand in a URL. WHATWG URL reads most of the numbers below as the address that they mean. */
const loopback = [
  '127.0.0.1', '127.1', '127.0.1', '127.0.0.01', '127.0.0.1.', '127.255.255.254', '127.8.8.8', '0x7f000001', '0x7f.1', '0x7F.0x0.0x0.0x1', '0x7f.0.0.1', '0x7f.0.1',
  '0177.0.0.1', '0177.1', '017700000001', '2130706433', '127.0x1', '127.00000001', '%31%32%37.0.0.1', '127%2e0%2e0%2e1', '１２７．０．０．１', '①②⑦.⓪.⓪.①', '127。0。0。1', '127.0.0.¹',
  '[::1]', '[0:0:0:0:0:0:0:1]', '[0000:0000:0000:0000:0000:0000:0000:0001]', '[::0.0.0.1]', '[0::1]',
]
const unspecified = ['0.0.0.0', '0', '0x0', '00000000', '0.1', '0.0.0.1', '0.255.255.255', '[::]', '[0:0:0:0:0:0:0:0]']
const privateNetworks = [
  '10.0.0.1', '10.1', '10.255.255.255', '0xa.0.0.1', '012.0.0.1', '167772161', '0x0a000001', '172.16.0.1', '172.31.255.255', '0xac100001', '2886729729', '0254.020.0.1',
  '192.168.0.1', '192.168.1', '192.168.255.255', '0xc0a80001', '3232235521', '0300.0250.0.1', '100.64.0.1', '100.127.255.255', '1681915905',
  '[fc00::1]', '[fd00::1]', '[fdff:ffff:ffff::1]', '[FD12:3456:789A::1]',
]
const linkLocal = ['169.254.0.1', '169.254.255.255', '[fe80::1]', '[febf::1]', '[fec0::1]', '[feff::1]']
const metadata = [
  '169.254.169.254', '0xa9fea9fe', '2852039166', '0251.0376.0251.0376', '169.254.43518', '169.16689662', '0xa9.0xfe.0xa9.0xfe', '169.254.170.2', '169.254.170.23', '100.100.100.200', '192.0.0.192',
  '168.63.129.16', '[fd00:ec2::254]', '[fd00:0ec2:0:0:0:0:0:0254]', '[fd00:ec2::23]', '[fd20:ce::254]', '[fe80::a9fe:a9fe]',
]
const reserved = [
  '192.0.0.1', '192.0.2.1', '192.88.99.1', '198.18.0.1', '198.19.255.255', '198.51.100.1', '203.0.113.1', '192.31.196.1', '192.52.193.1', '192.175.48.1',
  '224.0.0.1', '239.255.255.255', '240.0.0.1', '254.255.255.255', '255.255.255.255', '4294967295', '0xffffffff',
  '[100::1]', '[2001:db8::1]', '[3fff::1]', '[2001:2::1]', '[2001:3::1]', '[2001:4:112::1]', '[2001:10::1]', '[2001:20::1]', '[2001:30::1]', '[2620:4f:8000::1]', '[5f00::1]',
  '[ff01::1]', '[ff02::1]', '[ff05::2]', '[ff0e::1]', '[1::1]', '[1fff::1]', '[4000::1]', '[8000::1]', '[c000::1]', '[e000::1]', '[fe00::1]',
]
/** IPv4 inside IPv6: mapped, compatible, translated, NAT64, 6to4, Teredo; with addresses inside and, for the mapped, outside. */
const embedded = [
  '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[::FFFF:7F00:0001]', '[0:0:0:0:0:ffff:127.0.0.1]', '[::ffff:10.0.0.1]', '[::ffff:a00:1]', '[::ffff:192.168.0.1]', '[::ffff:169.254.169.254]', '[::ffff:a9fe:a9fe]',
  '[::ffff:0.0.0.0]', '[::ffff:8.8.8.8]', '[::ffff:0:127.0.0.1]', '[::ffff:0:a9fe:a9fe]', '[::127.0.0.1]', '[::7f00:1]', '[::a9fe:a9fe]', '[::10.0.0.1]',
  '[64:ff9b::127.0.0.1]', '[64:ff9b::7f00:1]', '[64:ff9b::a9fe:a9fe]', '[64:ff9b::10.0.0.1]', '[64:ff9b:1::a9fe:a9fe]', '[64:ff9b:1:ffff::1]',
  '[2002:7f00:1::]', '[2002:7f00:0001::1]', '[2002:a9fe:a9fe::]', '[2002:a00:1::]', '[2002:c0a8:1::]', '[2001::1]', '[2001:0:7f00:1::]', '[2001:0:53aa:64c:0:7fff:f5ff:fffe]',
]
/** What is no URL at all, and so cannot be asked for. */
const nonsense = ['127.0.0.1.5', '[::1%25lo]', '[fe80::1%25eth0]', '[::ffff:127.0.0.1.1]', '256.0.0.1', '0x100000000', '127.0.0.1:80@', '[::1', '1.2.3.08']

const refusedHosts = [...loopback, ...unspecified, ...privateNetworks, ...linkLocal, ...metadata, ...reserved, ...embedded]
const publicHosts = [
  '8.8.8.8', '1.1.1.1', '93.184.216.34', '9.255.255.255', '11.0.0.1', '100.63.255.255', '100.128.0.1', '126.255.255.255', '128.0.0.1', '169.253.255.255', '169.255.0.1', '172.15.255.255', '172.32.0.1',
  '192.167.255.255', '192.169.0.1', '198.17.255.255', '198.20.0.1', '223.255.255.255', '134744072', '0x08080808', '[2606:4700::1111]', '[2a00:1450:4001::200e]', '[2001:470::1]', '[2001:200::1]', '[3ffe::1]',
]

let egress: Egress
let watch: ConnectWatch
let answers: readonly ResolvedAddress[] = []
let asked = 0
beforeEach(() => {
  watch = watchConnects()
  asked = 0
  egress = createEgress({ clock: systemClock, rules: defaultEgressRules, resolveName: () => { asked += 1; return Promise.resolve(answers) } })
})
afterEach(async () => { watch.stop(); await egress.close() })

async function ask(url: URL, allowPrivateAddress: boolean): Promise<string> {
  egress.list('provider', { origin: url, allowPrivateAddress })
  const error: unknown = await egress.fetchConfigured({ url, method: 'GET', headers: { authorization: 'Bearer key' }, signal: new AbortController().signal }).catch((error: unknown) => error)
  if (!(error instanceof EgressFailure)) throw new Error('Something answered.')
  return error.kind
}
const literal = (host: string) => host.replace(/^\[(.*)\]$/, '$1')
const addressOf = (host: string) => literal(new URL(`https://${host}/`).hostname)

test('there are at least 120 forms of refused addresses', () => {
  expect(new Set(refusedHosts).size).toBeGreaterThanOrEqual(120)
})

describe.each(['https', 'http'])('%s', (scheme) => {
  test.each(refusedHosts)('%s: nothing is sent there', async (host) => {
    const url = URL.parse(`${scheme}://${host}/v1`)
    // Some forms are no number to a URL but a name; then the name server gives the address inside.
    answers = [{ address: '127.0.0.1', family: 4 }]
    if (url !== null) expect(await ask(url, false)).toBe('refused-address')
    expect(watch.attempts).toEqual([])
  })
})

test.each(nonsense)('%s is no address of a URL', (host) => {
  expect(URL.parse(`https://${host}/`)).toBeNull()
})

test.each(refusedHosts.map((host) => literal(URL.parse(`https://${host}/`)?.hostname ?? '')).filter((address) => /^[\d.]+$|:/.test(address)))('a name that leads to %s is refused, alone and beside a public address', async (address) => {
  const url = new URL('https://vendor.example/v1')
  const family = address.includes(':') ? 6 : 4
  for (const list of [[{ address, family }], [{ address: '8.8.8.8', family: 4 }, { address, family }], [{ address, family }, { address: '8.8.8.8', family: 4 }]]) {
    answers = list
    expect(await ask(url, false)).toBe('refused-address')
  }
  expect(asked).toBe(3)
  expect(watch.attempts).toEqual([])
})

test.each(['', 'vendor.example', '999.1.1.1', '::1%lo', 'fe80::1%eth0', '127.0.0.1:80', '0x7f.1', '1.2.3.4/8'])('a name server that gives %j as an address is refused', async (address) => {
  answers = [{ address, family: 4 }]
  expect(await ask(new URL('https://vendor.example/'), false)).toBe('refused-address')
  expect(watch.attempts).toEqual([])
})

test.each(['localhost', 'LOCALHOST', 'localhost.', 'api.localhost'])('the name %s is refused unless listed as private', async (name) => {
  answers = [{ address: '127.0.0.1', family: 4 }]
  const url = new URL(`http://${name}:9/`)
  expect(await ask(url, false)).toBe('refused-address')
  expect(watch.attempts).toEqual([])
  expect(namesPrivateHost(url)).toBe(true)
  expect(await ask(url, true)).toBe('unreachable')
  expect(watch.attempts).toEqual(['127.0.0.1:9'])
})

test.each(metadata)('the metadata address %s is refused even where private addresses are listed', async (host) => {
  expect(await ask(new URL(`http://${host}/latest/meta-data/`), true)).toBe('refused-address')
  answers = [{ address: addressOf(host), family: 4 }]
  expect(await ask(new URL('http://inside.example/'), true)).toBe('refused-address')
  expect(watch.attempts).toEqual([])
})

test.each([...unspecified, ...linkLocal, ...reserved, ...embedded])('%s is refused even where private addresses are listed', (host) => {
  expect(isRefusedAddress(addressOf(host), 'any')).toBe(true)
})

test('localhost that leads into the network is refused though its own address is listed', async () => {
  answers = [{ address: '10.0.0.1', family: 4 }]
  expect(await ask(new URL('http://localhost:9/'), true)).toBe('refused-address')
  expect(watch.attempts).toEqual([])
})

describe('the watch can see', () => {
  test.each(publicHosts)('%s is public, and tried at exactly that address', async (host) => {
    expect(await ask(new URL(`https://${host}/`), false)).toBe('unreachable')
    expect(watch.attempts).toEqual([`${new URL(`https://${host}/`).hostname}:443`])
  })

  test.each(['127.0.0.1', '[::1]', '10.0.0.1', '192.168.0.1', '172.16.0.1', '100.64.0.1', '[fd00::1]'])('%s is tried where private addresses are listed', async (host) => {
    expect(namesPrivateHost(new URL(`http://${host}:9/`))).toBe(true)
    expect(await ask(new URL(`http://${host}:9/`), true)).toBe('unreachable')
    expect(watch.attempts).toEqual([`${host}:9`])
  })
})

test('a credential does not cross the open internet in plain text', async () => {
  expect(await ask(new URL('http://8.8.8.8/'), false)).toBe('refused-address')
  expect(watch.attempts).toEqual([])
})

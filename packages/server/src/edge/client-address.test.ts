import { describe, expect, test } from 'vitest'
import { parseAddressRange, type AddressRange } from '../kernel/address-range.ts'
import { clientAddress } from './client-address.ts'

const ranges = (...texts: readonly string[]): readonly AddressRange[] => texts.map((text) => parseAddressRange(text)).filter((range) => range !== null)
const inner = ranges('10.0.0.0/8', '2001:db8:ffff::/48')

describe('whose request it is', () => {
  test.each([
    { rule: 'without a list nobody is believed', peer: '10.0.0.1', sent: '198.51.100.7', proxies: ranges(), is: '10.0.0.1' },
    { rule: 'a stranger is not believed', peer: '203.0.113.9', sent: '198.51.100.7', proxies: inner, is: '203.0.113.9' },
    { rule: 'a listed proxy without the header stands for itself', peer: '10.0.0.1', sent: undefined, proxies: inner, is: '10.0.0.1' },
    { rule: 'a listed proxy names its client', peer: '10.0.0.1', sent: '198.51.100.7', proxies: inner, is: '198.51.100.7' },
    { rule: 'what a client wrote itself stands further left and counts for nothing', peer: '10.0.0.1', sent: '192.0.2.1, 192.0.2.2, 198.51.100.7', proxies: inner, is: '198.51.100.7' },
    { rule: 'a chain of listed proxies is followed to the first that is not', peer: '10.0.0.1', sent: '192.0.2.1, 198.51.100.7, 10.1.1.1, 10.2.2.2', proxies: inner, is: '198.51.100.7' },
    { rule: 'an address that claims to be a proxy, left of an unlisted one, is not reached', peer: '10.0.0.1', sent: '10.9.9.9, 198.51.100.7', proxies: inner, is: '198.51.100.7' },
    { rule: 'when all are proxies, the leftmost', peer: '10.0.0.1', sent: '10.3.3.3, 10.2.2.2', proxies: inner, is: '10.3.3.3' },
    { rule: 'what is no address ends the walk at the proxy that sent it', peer: '10.0.0.1', sent: '198.51.100.7, unknown', proxies: inner, is: '10.0.0.1' },
    { rule: 'an empty hop as well', peer: '10.0.0.1', sent: '198.51.100.7,', proxies: inner, is: '10.0.0.1' },
    { rule: 'a host name as well', peer: '10.0.0.1', sent: 'localhost', proxies: inner, is: '10.0.0.1' },
    { rule: 'an address with a zone as well', peer: '10.0.0.1', sent: 'fe80::1%eth0', proxies: inner, is: '10.0.0.1' },
    { rule: 'a port is left out', peer: '10.0.0.1', sent: '198.51.100.7:4711', proxies: inner, is: '198.51.100.7' },
    { rule: 'of IPv6 too', peer: '2001:db8:ffff::5', sent: '[2001:DB8:0:0:1::7]:443', proxies: inner, is: '2001:db8::1:0:0:7' },
    { rule: 'IPv4 mapped into IPv6 is the same peer and the same proxy', peer: '::ffff:10.0.0.1', sent: '::ffff:198.51.100.7', proxies: inner, is: '198.51.100.7' },
    { rule: 'one address has one spelling', peer: '2001:0db8:0000:0000:0000:0000:0000:0001', sent: undefined, proxies: ranges(), is: '2001:db8::1' },
    { rule: 'a header without end is cut', peer: '10.0.0.1', sent: `198.51.100.7, ${'10.1.1.1, '.repeat(4_000)}10.1.1.1`, proxies: inner, is: '10.1.1.1' },
    { rule: 'the administration socket has no address', peer: 'local', sent: '198.51.100.7', proxies: inner, is: 'local' },
  ])('$rule', ({ peer, sent, proxies, is }) => {
    expect(clientAddress(peer, sent, proxies)).toBe(is)
  })
})

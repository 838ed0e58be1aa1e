import { isIPv6 } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { coarseAddress, formatAddressRange, isInRange, parseAddressRange } from './address-range.ts'

const range = (text: string) => {
  const parsed = parseAddressRange(text)
  if (parsed === null) throw new Error(`${text} is no range.`)
  return parsed
}

test.each([
  ['10.0.0.0/8', '10.255.0.1', true], ['10.0.0.0/8', '11.0.0.0', false], ['10.0.0.0/8', '::ffff:10.1.1.1', true], ['10.0.0.0/8', '::ffff:a01:101', true],
  ['::ffff:10.0.0.0/104', '10.1.2.3', true], ['::ffff:10.0.0.0/104', '11.1.2.3', false], ['::ffff:10.1.2.3', '10.1.2.3', true],
  ['0.0.0.0/0', '203.0.113.1', true], ['0.0.0.0/0', '2001:db8::1', false], ['::/0', '203.0.113.1', false], ['::/0', '2001:db8::1', true],
  ['2001:db8::/32', '2001:db8:ffff::1', true], ['2001:db8::/32', '2001:db9::1', false], ['fe80::/10', 'fe80::1%eth0', false], ['127.0.0.1', '127.0.0.1', true],
  ['10.0.0.0/8', '', false], ['10.0.0.0/8', 'local', false], ['10.0.0.0/8', '010.0.0.1', false], ['10.0.0.0/8', '167772161', false],
])('%s holds %s: %s', (block, address, holds) => {
  expect(isInRange(address, range(block))).toBe(holds)
})

test.each(['', '10', '10.0.0/8', '10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/8/8', '10.0.0.0/ 8', '10.0.0.0/08x', '::/129', 'example.org', '10.0.0.0/', 'fe80::1%eth0', '0x7f.1', '::192.0.2.1', '::ffff:10.0.0.0/64'])('%j is no range', (text) => {
  expect(parseAddressRange(text)).toBeNull()
})

test.each([['10.1.2.3/8', '10.0.0.0/8'], ['::ffff:10.1.2.3/104', '10.0.0.0/8'], ['192.0.2.7', '192.0.2.7/32'], ['2001:db8:1:2::3/47', '2001:db8::/47'], ['2001:DB8:0:0::1', '2001:db8::1/128']])('%s is kept as %s', (given, kept) => {
  expect(formatAddressRange(range(given))).toBe(kept)
})

test('what is kept means what was given', () => {
  const block = fc.oneof(fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })), fc.tuple(fc.ipV6().filter(isIPv6), fc.integer({ min: 0, max: 128 }))).map(([address, bits]) => `${address}/${bits}`).filter((text) => parseAddressRange(text) !== null)
  fc.assert(fc.property(block, fc.oneof(fc.ipV4(), fc.ipV6().filter(isIPv6)), (given, address) => {
    const first = range(given)
    expect(isInRange(address, range(formatAddressRange(first)))).toBe(isInRange(address, first))
    expect(isInRange(given.slice(0, given.indexOf('/')), first)).toBe(true)
  }))
})

test.each([['203.0.113.77', '203.0.113.0/24'], ['::ffff:203.0.113.77', '203.0.113.0/24'], ['2001:db8:1:2:3::4', '2001:db8:1::/48'], ['local', 'local']])('%s is coarsely %s', (address, coarse) => {
  expect(coarseAddress(address)).toBe(coarse)
})

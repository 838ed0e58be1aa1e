import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

const MAPPED_BITS = 96
const IPV4_BITS = 32
const IPV6_BITS = 128

/** A block of addresses: its network and the length of its prefix. */
export interface AddressRange { readonly network: ipaddr.IPv4 | ipaddr.IPv6; readonly bits: number }

/** One address without a zone. IPv4-compatible spellings such as `::192.0.2.1` are none: RFC 4291 deprecates them, and parsers differ on what they mean. */
const isAddress = (text: string): boolean => isIP(text) !== 0 && !text.includes('%') && !/^::\d+\./.test(text)

/**
 * Reads an address or a block in CIDR notation (RFC 4632, RFC 4291 section 2.3); null for anything else. A block of IPv4-mapped
 * addresses is the IPv4 block that it holds, so that one rule covers both ways in which a socket names a peer.
 */
export function parseAddressRange(text: string): AddressRange | null {
  const [address = '', length, ...more] = text.split('/')
  if (!isAddress(address) || more.length > 0) return null
  const parsed = ipaddr.parse(address)
  const most = parsed.kind() === 'ipv4' ? IPV4_BITS : IPV6_BITS
  const bits = length === undefined ? most : /^\d{1,3}$/.test(length) ? Number(length) : -1
  if (bits < 0 || bits > most) return null
  if (!(parsed instanceof ipaddr.IPv6) || !parsed.isIPv4MappedAddress()) return { network: parsed, bits }
  // A wider one would hold addresses of both kinds.
  return bits >= MAPPED_BITS ? { network: parsed.toIPv4Address(), bits: bits - MAPPED_BITS } : null
}

/** Whether an address, in any spelling, lies in a block. What is no address lies nowhere. */
export function isInRange(address: string, { network, bits }: AddressRange): boolean {
  if (!isAddress(address)) return false
  const parsed = ipaddr.process(address)
  return parsed.kind() === network.kind() && parsed.match(network, bits)
}

/** The text of a block as it is kept: the first address of the network, then the length. */
export function formatAddressRange({ network, bits }: AddressRange): string {
  const bytes = network.toByteArray().map((byte, index) => {
    const kept = Math.min(8, Math.max(0, bits - index * 8))
    return byte & (0xff << (8 - kept))
  })
  return `${ipaddr.fromByteArray(bytes).toString()}/${bits}`
}

/** Where somebody is, as much as is kept: the /24 of an IPv4 address, the /48 of an IPv6 one; `local` and the like stay as they are. */
export function coarseAddress(address: string): string {
  if (!isAddress(address)) return address
  const parsed = ipaddr.process(address)
  return formatAddressRange({ network: parsed, bits: parsed.kind() === 'ipv4' ? 24 : 48 })
}

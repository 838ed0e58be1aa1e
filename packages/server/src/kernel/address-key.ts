import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/**
 * Whom an address counts as: an IPv4 address alone, an IPv6 address with its /64, as what its bits say and not as how it is written. One that
 * is IPv4 in IPv6 is the IPv4 address. What is no address counts as itself.
 */
export function addressKey(address: string): string {
  // Most are IPv4, and this is asked several times in each request.
  if (!address.includes(':')) return address
  const [bare = ''] = address.split('%', 1)
  if (isIP(bare) !== 6) return address
  const parsed = ipaddr.IPv6.parse(bare)
  if (parsed.isIPv4MappedAddress()) return parsed.toIPv4Address().toString()
  return `${parsed.parts.slice(0, 4).map((part) => part.toString(16)).join(':')}::/64`
}

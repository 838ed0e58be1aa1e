import ipaddr from 'ipaddr.js'
import { isIP } from 'node:net'
import { isInRange, type AddressRange } from '../kernel/address-range.ts'

/** More hops than any chain of proxies has. */
const MOST_HOPS = 32

/**
 * Whose request this is (NET-7). The connection's own address, unless that is a listed proxy's: then the rightmost address of
 * `X-Forwarded-For` that is no listed proxy, because each proxy appends the address that it was asked from, and only what listed ones
 * appended can be believed. What a client wrote further left counts for nothing. Where the next address cannot be read, the proxy that
 * sent it stands for whom it hides. Addresses come back in one spelling (RFC 5952), IPv4 without its mapping into IPv6.
 */
export function clientAddress(peer: string, forwardedFor: string | undefined, proxies: readonly AddressRange[]): string {
  let address = spelled(peer)
  if (proxies.length === 0 || forwardedFor === undefined) return address
  const isProxy = (candidate: string) => proxies.some((range) => isInRange(candidate, range))
  const hops = forwardedFor.split(',').slice(-MOST_HOPS)
  while (isProxy(address)) {
    const hop = withoutPort((hops.pop() ?? '').trim())
    if (isIP(hop) === 0 || hop.includes('%')) return address
    address = spelled(hop)
  }
  return address
}

const spelled = (address: string): string => (isIP(address) !== 6 || address.includes('%') ? address : ipaddr.process(address).toString())

/** Some proxies name the port as well: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
const withoutPort = (hop: string): string => /^\[([^\]]+)\](?::\d{1,5})?$/.exec(hop)?.[1] ?? /^(\d{1,3}(?:\.\d{1,3}){3}):\d{1,5}$/.exec(hop)?.[1] ?? hop

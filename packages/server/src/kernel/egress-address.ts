import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/** Which addresses beside public ones an administrator listed with the host. */
export type PrivateAddresses = 'none' | 'loopback' | 'any'

const PRIVATE_RANGES: ReadonlySet<string> = new Set(['private', 'loopback', 'uniqueLocal', 'carrierGradeNat'])

/** Where clouds answer with credentials. Refused whatever an administrator listed; those in link-local ranges are refused with the range. */
const METADATA_ADDRESSES: ReadonlySet<string> = new Set([
  '169.254.169.254', '169.254.170.2', '169.254.170.23', // AWS, GCP, Azure; ECS; EKS
  '100.100.100.200', // Alibaba
  '192.0.0.192', // Oracle
  '168.63.129.16', // Azure's host agent: public by its number
  'fd00:ec2::254', 'fd00:ec2::23', 'fd20:ce::254', // AWS, EKS, GCP
].map((address) => ipaddr.parse(address).toNormalizedString()))

/**
 * Whether nothing may be sent to this address. Judges the number, whatever its spelling; what is no address is refused.
 * Allowed are public unicast addresses, and with `privateAddresses` those of private networks. An IPv4 address inside an IPv6 one
 * (mapped, NAT64, 6to4, Teredo) is refused: a name has no need of it, and what it reaches depends on the network.
 */
export function isRefusedAddress(address: string, privateAddresses: PrivateAddresses): boolean {
  if (isIP(address) === 0 || address.includes('%')) return true
  const parsed = ipaddr.parse(address)
  if (METADATA_ADDRESSES.has(parsed.toNormalizedString())) return true
  const range = parsed.range()
  if (range === 'unicast') return parsed.kind() === 'ipv6' && !isGlobalIPv6(parsed.toByteArray())
  if (privateAddresses === 'any') return !PRIVATE_RANGES.has(range)
  return !(privateAddresses === 'loopback' && range === 'loopback')
}

// Only 2000::/3 is handed out (RFC 4291 section 2.4, IANA); ipaddr.js calls unicast whatever has no name of its own, ::127.0.0.1 among it.
const isGlobalIPv6 = (bytes: readonly number[]) => ((bytes[0] ?? 0) & 0xe0) === 0x20

/** Whether this is an address on this machine or in a private network. */
export const isPrivateAddress = (address: string): boolean => isIP(address) !== 0 && PRIVATE_RANGES.has(ipaddr.parse(address).range())

/** The host of a URL as `isIP` knows it: without the brackets of IPv6 and the root's dot. */
export const hostOf = (url: URL): string => url.hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '')

const isLocalName = (host: string) => host === 'localhost' || host.endsWith('.localhost')

/** Whether the address names this machine or a private network in so many words: an administrator who saves it means it. */
export function namesPrivateHost(url: URL): boolean {
  const host = hostOf(url)
  return isLocalName(host) || isPrivateAddress(host)
}

/** What listing a host with `allowPrivateAddress` allows: this machine for its own name, private networks for any other. */
export const privateAddressesOf = (origin: URL, allowPrivateAddress: boolean): PrivateAddresses =>
  !allowPrivateAddress ? 'none' : isLocalName(hostOf(origin)) ? 'loopback' : 'any'

const ipv6Site = /^((?:[0-9a-f]{1,4}:){1,4})/

/** Whom an address counts as: an IPv4 address alone, an IPv6 address with its /64. */
export function addressKey(address: string): string {
  if (!address.includes(':')) return address
  return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : ipv6Site.exec(address)?.[1] ?? address
}

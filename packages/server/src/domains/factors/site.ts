import { parseAddressRange } from '../../kernel/address-range.ts'
import { ProblemError } from '../../kernel/problem.ts'

/** What a passkey is bound to: the relying party's id, which is the host name, and the origins from which it may be used. */
export interface Site { readonly domain: string; readonly origins: readonly string[] }

const LOOPBACK = /^(?:.+\.)?localhost$/

/**
 * The site of a request, by the host that it was sent to: one of the names that the server knows, as the edge has checked. Its scheme
 * may differ behind a proxy that ends TLS, but browsers have passkeys on `http:` for the machine itself alone. Throws `conflict` where
 * the host is an address: WebAuthn needs a name (level 3, section 5.1.2).
 */
export function siteOf(host: string): Site {
  const domain = host.replace(/:\d+$/, '').toLowerCase()
  if (domain === '' || domain.startsWith('[') || parseAddressRange(domain) !== null) {
    throw new ProblemError('conflict', { detail: 'Passkeys belong to a host name, and this is an address. Open Sallyport by its name; on this machine that is http://localhost with the same port.' })
  }
  return { domain, origins: [`https://${host}`, ...(LOOPBACK.test(domain) ? [`http://${host}`] : [])] }
}

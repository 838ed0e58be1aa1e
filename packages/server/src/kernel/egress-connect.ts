import { lookup } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { getCACertificates } from 'node:tls'
import buildConnector from 'undici/lib/core/connect.js'
import { EgressFailure } from '../ports/egress.ts'
import { isPrivateAddress, isRefusedAddress, type PrivateAddresses } from './egress-address.ts'

export interface ResolvedAddress { readonly address: string; readonly family: number }
/** Every address of a name, in the order in which to try them. Rejects when there is none. */
export type ResolveName = (hostname: string) => Promise<readonly ResolvedAddress[]>

export interface ConnectRules {
  readonly privateAddresses: PrivateAddresses
  readonly connectSeconds: number
  /** PEM. Trusted beside the usual ones. */
  readonly additionalAuthorities: readonly string[]
  readonly unsafelyAllowPlainHttpToPublicAddresses: boolean
  readonly resolveName: ResolveName
}

/** Asks the operating system, as every other program on this machine does. */
export const resolveWithSystem: ResolveName = (hostname) => new Promise((resolve, reject) => {
  lookup(hostname, { all: true }, (error, addresses) => { if (error === null) resolve(addresses); else reject(error) })
})

/**
 * Opens connections to allowed addresses alone. A name is resolved once, every one of its addresses must be allowed, and the socket goes
 * to those same addresses: nothing can change between check and connect (rebinding). The connected address is checked again before a
 * byte of the request is sent. Certificates are always verified.
 */
export function createConnector(rules: ConnectRules): buildConnector.connector {
  const connect = buildConnector({
    timeout: rules.connectSeconds * 1_000,
    lookup: pinnedLookup(rules),
    allowH2: false,
    // Said outright, so that NODE_TLS_REJECT_UNAUTHORIZED cannot turn it off (PRV-2).
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    ...(rules.additionalAuthorities.length > 0 && { ca: [...getCACertificates('default'), ...rules.additionalAuthorities] }),
  })
  return (options, callback) => {
    const plain = options.protocol === 'http:'
    const host = options.hostname.replace(/^\[(.*)\]$/, '$1')
    // Node asks no lookup for an address, so this is its only check before the socket opens.
    if (isIP(host) !== 0 && isRefused(host, rules, plain)) return callback(refusal(host), null)
    connect({ ...options, hostname: host }, (...[error, socket]) => {
      if (error !== null) return callback(error, null)
      if (isRefused(socket.remoteAddress ?? '', rules, plain)) {
        socket.destroy()
        return callback(refusal(options.hostname), null)
      }
      callback(null, socket)
    })
  }
}

const isRefused = (address: string, rules: ConnectRules, plain: boolean) =>
  isRefusedAddress(address, rules.privateAddresses)
  || (plain && !rules.unsafelyAllowPlainHttpToPublicAddresses && !isPrivateAddress(address))

const refusal = (host: string) => new EgressFailure('refused-address', `${host} has an address to which nothing is sent.`)

function pinnedLookup(rules: ConnectRules): LookupFunction {
  return (hostname, options, answer) => {
    rules.resolveName(hostname).then((addresses) => {
      const [first] = addresses
      if (first === undefined) return answer(new EgressFailure('unreachable', `${hostname} has no address.`), '')
      if (addresses.some(({ address }) => isRefusedAddress(address, rules.privateAddresses))) return answer(refusal(hostname), '')
      if (options.all === true) return answer(null, addresses.map(({ address, family }) => ({ address, family })))
      return answer(null, first.address, first.family)
    }, () => answer(new EgressFailure('unreachable', `${hostname} has no address.`), ''))
  }
}

// Only the parts that are used: undici's index loads its fetch, its caches and more, 10 MB and a sixth of a second at start.
import Pool from 'undici/lib/dispatcher/pool.js'
import { EgressFailure, type EgressRequest, type EgressResponse } from '../ports/egress.ts'
import type { Clock } from './clock.ts'
import { privateAddressesOf } from './egress-address.ts'
import { createConnector, resolveWithSystem, type ResolveName } from './egress-connect.ts'
import { Exchange } from './egress-exchange.ts'

/** Rows of `policy/egress.ts`, with the values that settings picked. */
export interface EgressRules {
  readonly connectSeconds: number
  /** From the request's last byte to the answer's headers. */
  readonly firstByteSeconds: number
  /** The same for an answer that comes whole or not at all. */
  readonly wholeAnswerSeconds: number
  /** Between two chunks of an answer. */
  readonly idleSeconds: number
  /** From the call to the answer's last byte, redirects included. */
  readonly totalSeconds: number
  readonly responseBytes: number
  readonly connectionsPerOrigin: number
  readonly redirects: { readonly methods: readonly string[]; readonly max: number }
  readonly unsafelyAllowPlainHttpToPublicAddresses: boolean
}

export interface EgressEntry {
  /** Its scheme, host and port are listed; the rest is ignored. */
  readonly origin: URL
  /** Whether an administrator means a host of a private network or of this machine. See `namesPrivateHost`. */
  readonly allowPrivateAddress: boolean
}

export interface EgressOptions {
  readonly clock: Pick<Clock, 'monotonic'>
  readonly rules: EgressRules
  /** PEM certificates of private authorities, trusted beside the usual ones (PRV-2). */
  readonly additionalAuthorities?: readonly string[]
  readonly resolveName?: ResolveName
}

/** The one way out to hosts that an administrator configured (PRV-8). */
export interface Egress {
  /** Lists an origin for a holder (a provider's id), in place of what that holder listed before. Throws `EgressFailure` for what is no web origin. */
  list(holder: string, entry: EgressEntry): void
  /** Takes back what the holder listed. New calls are refused at once unless another holder lists the origin; running ones end by themselves. */
  unlist(holder: string): void
  /** Throws `EgressFailure`, and sends nothing, where the URL's origin is not listed or leads to an address that is not allowed. */
  fetchConfigured(request: EgressRequest): Promise<EgressResponse>
  /** Ends every connection and every call. */
  close(): Promise<void>
}

interface Listing { readonly pool: Pool; readonly allowPrivateAddress: boolean }
const REDIRECT_STATUSES: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
/** What goes along to another origin: nothing that could be a credential. */
const HEADERS_FOR_ANOTHER_ORIGIN: ReadonlySet<string> = new Set(['accept', 'x-request-id'])

/** Makes the egress path. Connections are kept and used again per listed origin; holds no timer while nothing is under way. */
export function createEgress(options: EgressOptions): Egress {
  const { clock, rules } = options
  const pools = new Set<Pool>()
  const entries = new Map<string, { origin: string; allowPrivateAddress: boolean }>()
  const listings = new Map<string, Listing>()
  let closed = false

  /** Brings the pool of one origin in line with its holders. */
  const settle = (origin: string) => {
    const holders = [...entries.values()].filter((entry) => entry.origin === origin)
    const allowPrivateAddress = holders.some((entry) => entry.allowPrivateAddress)
    const current = listings.get(origin)
    if (current !== undefined && holders.length > 0 && current.allowPrivateAddress === allowPrivateAddress) return
    listings.delete(origin)
    if (current !== undefined) current.pool.close(() => pools.delete(current.pool))
    if (holders.length === 0) return
    const pool = openPool(origin, allowPrivateAddress, options)
    pools.add(pool)
    listings.set(origin, { allowPrivateAddress, pool })
  }

  const exchange = (request: EgressRequest, pool: Pool, totalSeconds: number) => {
    const firstByteSeconds = request.awaitsWhole === true ? rules.wholeAnswerSeconds : rules.firstByteSeconds
    const running = new Exchange(request.url.origin, request.signal, { ...rules, totalSeconds, firstByteSeconds })
    if (request.signal.aborted) return running.response
    try {
      pool.dispatch({
        path: request.url.pathname + request.url.search, method: request.method, body: request.body ?? null, headers: toHeaderList(request.headers),
        // The exchange keeps its own time.
        headersTimeout: 0, bodyTimeout: 0,
      }, running)
    } catch (error) { running.refuse(error) }
    return running.response
  }

  const listedPool = (url: URL) => {
    const listing = isWebOrigin(url) && !closed ? listings.get(url.origin) : undefined
    if (listing === undefined) throw new EgressFailure('refused-address', `${url.origin} is not listed.`)
    return listing.pool
  }

  return {
    list(holder, { origin, allowPrivateAddress }) {
      if (closed || !isWebOrigin(origin)) throw new EgressFailure('refused-address', `${origin.protocol} is not a web origin.`)
      const before = entries.get(holder)
      entries.set(holder, { origin: origin.origin, allowPrivateAddress })
      if (before !== undefined && before.origin !== origin.origin) settle(before.origin)
      settle(origin.origin)
    },
    unlist(holder) {
      const before = entries.get(holder)
      entries.delete(holder)
      if (before !== undefined) settle(before.origin)
    },
    async fetchConfigured(request) {
      const deadline = clock.monotonic() + rules.totalSeconds * 1_000
      const response = await exchange(request, listedPool(request.url), rules.totalSeconds)
      if (!REDIRECT_STATUSES.has(response.status)) return response
      const fetchHop = (hop: EgressRequest) => exchange(hop, listedPool(hop.url), Math.max((deadline - clock.monotonic()) / 1_000, 0))
      return followRedirects(request, response, { redirects: rules.redirects, fetchHop })
    },
    async close() {
      closed = true
      listings.clear()
      entries.clear()
      await Promise.all([...pools].map((pool) => pool.destroy()))
    },
  }
}

// The scheme is asked for too: a blob: URL has the origin of the URL inside it (WHATWG URL section 4.7).
const isWebOrigin = ({ protocol, username, password }: URL) => /^https?:$/.test(protocol) && username === '' && password === ''

const openPool = (origin: string, allowPrivateAddress: boolean, { rules, additionalAuthorities, resolveName }: EgressOptions) => new Pool(origin, {
  connections: rules.connectionsPerOrigin,
  connect: createConnector({
    privateAddresses: privateAddressesOf(new URL(origin), allowPrivateAddress),
    connectSeconds: rules.connectSeconds,
    additionalAuthorities: additionalAuthorities ?? [],
    unsafelyAllowPlainHttpToPublicAddresses: rules.unsafelyAllowPlainHttpToPublicAddresses,
    resolveName: resolveName ?? resolveWithSystem,
  }),
})

/** undici takes a flat list fastest. */
function toHeaderList(headers: Readonly<Record<string, string>>): string[] {
  const list = ['user-agent', 'Sallyport', 'accept-encoding', 'identity']
  for (const name in headers) list.push(name, headers[name] ?? '')
  return list
}

interface RedirectContext { readonly redirects: EgressRules['redirects']; readonly fetchHop: (request: EgressRequest) => Promise<EgressResponse> }

/** Follows as far as the policy row goes. Each hop is listed, goes through the same address check, and never from TLS to plain text. */
async function followRedirects(first: EgressRequest, firstResponse: EgressResponse, { redirects, fetchHop }: RedirectContext): Promise<EgressResponse> {
  let request = first
  let response = firstResponse
  for (let hops = 0; REDIRECT_STATUSES.has(response.status); hops += 1) {
    await response.body.return()
    if (!redirects.methods.includes(request.method)) throw new EgressFailure('refused-address', `${request.url.origin} redirects, which a ${request.method} does not follow.`)
    if (hops >= redirects.max) throw new EgressFailure('refused-address', `${first.url.origin} redirects more than ${redirects.max} times.`)
    const location = response.headers['location']
    const url = location === undefined ? null : URL.parse(location, request.url.href)
    if (url === null) throw new EgressFailure('refused-address', `${request.url.origin} redirects to no address.`)
    if (request.url.protocol === 'https:' && url.protocol !== 'https:') throw new EgressFailure('refused-address', `${request.url.origin} redirects away from TLS.`)
    const headers = url.origin === request.url.origin ? request.headers : withoutCredentials(request.headers)
    request = { url, method: request.method, headers, signal: request.signal }
    response = await fetchHop(request)
  }
  return response
}

const withoutCredentials = (headers: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => HEADERS_FOR_ANOTHER_ORIGIN.has(name)))

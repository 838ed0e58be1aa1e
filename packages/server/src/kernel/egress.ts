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
  /** Lists an origin for a holder (a provider's name), in place of what that holder listed before. Throws `EgressFailure` for what is no web origin. */
  list(holder: string, entry: EgressEntry): void
  /** Takes back what the holder listed. Its new calls are refused at once; running ones end by themselves. */
  unlist(holder: string): void
  /**
   * The way out of one holder: to the origin that it lists, under its own permission alone, whatever others list, and with redirects
   * inside that origin. Throws `EgressFailure`, and sends nothing, for any other origin and for an address that is not allowed.
   */
  fetchFor(holder: string): (request: EgressRequest) => Promise<EgressResponse>
  /** For a way out that has one owner: to every listed origin. A private address needs the permission of all who list its origin. */
  fetchConfigured(request: EgressRequest): Promise<EgressResponse>
  /** Ends every connection and every call. */
  close(): Promise<void>
}

interface Listed { readonly origin: string; readonly allowPrivateAddress: boolean }
const REDIRECT_STATUSES: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
/** What goes along to another origin: nothing that could be a credential. */
const HEADERS_FOR_ANOTHER_ORIGIN: ReadonlySet<string> = new Set(['accept', 'x-request-id'])

/** Makes the egress path. Connections are kept and used again per listed origin and permission; holds no timer while nothing is under way. */
export function createEgress(options: EgressOptions): Egress {
  const { clock, rules } = options
  const listings = createListings(options)

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
  const fetchAs = async (holder: string | null, request: EgressRequest) => {
    const deadline = clock.monotonic() + rules.totalSeconds * 1_000
    const response = await exchange(request, listings.poolFor(request.url, holder), rules.totalSeconds)
    if (!REDIRECT_STATUSES.has(response.status)) return response
    const fetchHop = (hop: EgressRequest) => exchange(hop, listings.poolFor(hop.url, holder), Math.max((deadline - clock.monotonic()) / 1_000, 0))
    return followRedirects(request, response, { redirects: rules.redirects, fetchHop })
  }
  const { list, unlist, close } = listings
  return { list, unlist, close, fetchFor: (holder) => (request) => fetchAs(holder, request), fetchConfigured: (request) => fetchAs(null, request) }
}

/** Who listed what, and the connections there. */
function createListings(options: EgressOptions) {
  const pools = new Set<Pool>()
  const entries = new Map<string, Listed>()
  const listings = new Map<string, Pool>()
  let closed = false

  /** Opens or closes the pool of one origin and permission, as its holders need it. */
  const settle = (listed: Listed) => {
    const key = poolKey(listed)
    const current = listings.get(key)
    const needed = [...entries.values()].some((entry) => poolKey(entry) === key)
    if (needed === (current !== undefined)) return
    if (current !== undefined) {
      listings.delete(key)
      current.close(() => pools.delete(current))
      return
    }
    const pool = openPool(listed, options)
    pools.add(pool)
    listings.set(key, pool)
  }

  /** What lets a call to this origin out: the holder's own entry, or the strictest of all where it is nobody's in particular. */
  const entryFor = (origin: string, holder: string | null) => {
    const own = holder === null ? [...entries.values()] : [entries.get(holder)]
    const matching = own.filter((entry) => entry?.origin === origin)
    return matching.find((entry) => entry?.allowPrivateAddress === false) ?? matching[0]
  }
  return {
    list(holder: string, { origin, allowPrivateAddress }: EgressEntry): void {
      if (closed || !isWebOrigin(origin)) throw new EgressFailure('refused-address', `${origin.protocol} is not a web origin.`)
      const before = entries.get(holder)
      const listed = { origin: origin.origin, allowPrivateAddress }
      entries.set(holder, listed)
      if (before !== undefined) settle(before)
      settle(listed)
    },
    unlist(holder: string): void {
      const before = entries.get(holder)
      entries.delete(holder)
      if (before !== undefined) settle(before)
    },
    /** The connections for a call of this holder. Throws `EgressFailure` where it lists no such origin. */
    poolFor(url: URL, holder: string | null): Pool {
      const entry = isWebOrigin(url) && !closed ? entryFor(url.origin, holder) : undefined
      const pool = entry === undefined ? undefined : listings.get(poolKey(entry))
      if (pool === undefined) throw new EgressFailure('refused-address', `${url.origin} is not listed.`)
      return pool
    },
    async close(): Promise<void> {
      closed = true
      listings.clear()
      entries.clear()
      await Promise.all([...pools].map((pool) => pool.destroy()))
    },
  }
}

// The scheme is asked for too: a blob: URL has the origin of the URL inside it (WHATWG URL section 4.7).
const isWebOrigin = ({ protocol, username, password }: URL) => /^https?:$/.test(protocol) && username === '' && password === ''

/** Connections to a private address are nobody's who may not reach it: the permission is part of the key. */
const poolKey = ({ origin, allowPrivateAddress }: Listed) => `${allowPrivateAddress ? 'private' : 'public'} ${origin}`

const openPool = ({ origin, allowPrivateAddress }: Listed, { rules, additionalAuthorities, resolveName }: EgressOptions) => new Pool(origin, {
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

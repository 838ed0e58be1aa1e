import { readFileSync } from 'node:fs'
import type pg from 'pg'
import { readPostgresAddress, type PostgresAddress } from '../../kernel/postgres-address.ts'

/** Where the scaled store is, told so that another thread can open it too. */
export interface PostgresPlace {
  readonly url: string
  /** Wins over one in the address. */
  readonly password?: string | null
  /** PEM of the only authority that is trusted; those of the system when left out. */
  readonly authority?: string | null
  /** How many connections the pool may hold; 10 when left out. */
  readonly connections?: number
}

/** The store cannot be opened; the message says why, and the mend. It holds no address with a password. */
export class PostgresRefused extends Error { override readonly name = 'PostgresRefused' }

const POOL_CONNECTIONS = 10
const CONNECT_MILLISECONDS = 10_000
const IDLE_MILLISECONDS = 30_000

/**
 * How every connection to the scaled store is made. Over a network it is encrypted, by TLS 1.2 or 1.3, and the certificate must be of a trusted authority
 * and for that very name. Nothing of the process's environment can make it milder. Throws `PostgresRefused` for an address that is refused.
 */
export function connectionOf({ url, password, authority }: PostgresPlace): pg.ClientConfig {
  const address = readPostgresAddress(url)
  if ('refusal' in address) throw new PostgresRefused(`store.url: ${address.refusal}`)
  const { host, port, user, database, options, applicationName } = address
  const secret = password ?? address.password
  return {
    host, ...(port !== null && { port }), ...(user !== '' && { user }), ...(secret !== '' && { password: secret }), ...(database !== '' && { database }), ...(options !== null && { options }),
    application_name: applicationName ?? 'sallyport', connectionTimeoutMillis: CONNECT_MILLISECONDS, ssl: address.isEncrypted ? tlsOf(address, authority ?? null) : false,
  }
}

/** The same for a pool: it holds no more connections than it may, gives back those that idle, and lets nobody wait for ever. */
export const poolOf = (place: PostgresPlace): pg.PoolConfig => ({ ...connectionOf(place), max: place.connections ?? POOL_CONNECTIONS, idleTimeoutMillis: IDLE_MILLISECONDS })

function tlsOf({ host, files }: PostgresAddress, authority: string | null) {
  const ca = authority ?? read(files.sslrootcert)
  const [cert, key] = [read(files.sslcert), read(files.sslkey)]
  return {
    rejectUnauthorized: true, minVersion: 'TLSv1.2', ...(ca !== null && { ca }), ...(cert !== null && { cert }), ...(key !== null && { key }),
    // The driver gives no name where the host is an address, and then any certificate for "localhost" would do.
    host,
  } as const
}

function read(path: string | null): string | null {
  if (path === null) return null
  try { return readFileSync(path, 'utf8') } catch { throw new PostgresRefused(`store.url: the file ${path} cannot be read. Make it readable for this user.`) }
}

const UNTRUSTED = /^(?:DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT(?:_LOCALLY)?|CERT_SIGNATURE_FAILURE|CERT_UNTRUSTED|INVALID_CA)$/
const reasons: readonly (readonly [RegExp, (host: string, code: string) => string])[] = [
  [/^no-tls$/, (host) => `PostgreSQL at ${host} does not speak TLS, so nothing was sent to it. Give it a certificate: ssl = on in postgresql.conf. See docs/operations/postgresql.md.`],
  [UNTRUSTED, (host, code) => `The certificate of PostgreSQL at ${host} is of no authority that is trusted here (${code}), so nothing was sent to it. Name its authority in store.authority.`],
  [/^ERR_TLS_CERT_ALTNAME_INVALID$/, (host) => `The certificate of PostgreSQL is not for ${host}, so nothing was sent to it. Give it one for that name, or the name of its certificate in store.url.`],
  [/^CERT_(?:HAS_EXPIRED|NOT_YET_VALID)$/, (host, code) => `The certificate of PostgreSQL at ${host} is out of its time (${code}). Renew it, or set the clock.`],
  [/^28/, (host, code) => `PostgreSQL at ${host} refuses to sign this role in (${code}). See the role in store.url, its password in store.credential, and pg_hba.conf there.`],
  [/^3D000$/, (host, code) => `PostgreSQL at ${host} has no such database (${code}). Make it: createdb. See docs/operations/postgresql.md.`],
  [/^53300$/, (host, code) => `PostgreSQL at ${host} gives no more connections (${code}). Lower store.connections, or raise max_connections there.`],
  [/^(?:42501|3F000)$/, (_, code) => `The store must be made or migrated, and this role may not make tables (${code}). Let its owner do it: npm run sallyport -- database migrate. See docs/operations/postgresql.md.`],
  [/^(?:ECONN|ENOTFOUND|EAI_|EHOST|ENET|ETIMEDOUT|ENOENT|EACCES|timeout)/, (host, code) => `PostgreSQL at ${host} does not answer (${code}). See that it runs, and that store.url leads to it.`],
]

/** What went wrong with a connection, for the person who starts the server; what is none of it stays as it is. */
export function explainRefusal(error: unknown, { url }: PostgresPlace): unknown {
  if (!(error instanceof Error) || error instanceof PostgresRefused) return error
  const address = readPostgresAddress(url)
  const code = codeOf(error)
  const reason = reasons.find(([pattern]) => pattern.test(code))
  return reason === undefined || 'refusal' in address ? error : new PostgresRefused(reason[1](address.host, code), { cause: error })
}

/** The driver has no code for what it says itself. */
function codeOf(error: Error): string {
  if (/does not support SSL/.test(error.message)) return 'no-tls'
  if (/timeout|terminated unexpectedly/.test(error.message)) return 'timeout'
  return 'code' in error ? String(error.code) : ''
}

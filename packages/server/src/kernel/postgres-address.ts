import { isLoopback } from './loopback.ts'

/** An address of PostgreSQL, taken apart. */
export interface PostgresAddress {
  /** A name, an address, or the directory of a socket. */
  readonly host: string
  readonly port: number | null
  readonly user: string
  readonly password: string
  readonly database: string
  readonly options: string | null
  readonly applicationName: string | null
  /** Whether it is reached without leaving this machine. */
  readonly isLocal: boolean
  /** Whether it is asked over TLS. Then its certificate is always verified, and its name too: there is no milder way. */
  readonly isEncrypted: boolean
  /** Files with an authority, and with a certificate and its key for signing in. */
  readonly files: Readonly<Record<'sslrootcert' | 'sslcert' | 'sslkey', string | null>>
}

const KNOWN = new Set(['host', 'options', 'application_name', 'sslmode', 'sslrootcert', 'sslcert', 'sslkey'])
const WITH_TLS = new Set(['require', 'verify-ca', 'verify-full'])

/** Takes `postgres://USER@HOST:PORT/DATABASE` apart, or says why that is refused, with the mend. What would go over a network unencrypted or unverified is refused (DAT-6). */
export function readPostgresAddress(url: string): PostgresAddress | { readonly refusal: string } {
  if (!URL.canParse(url)) return { refusal: 'It is no address. Give postgres://USER@HOST/DATABASE.' }
  const { hostname, port, username, password, pathname, searchParams } = new URL(url)
  const unknown = [...searchParams.keys()].find((name) => !KNOWN.has(name))
  if (unknown !== undefined) return { refusal: `It has the parameter ${unknown.slice(0, 40)}, which has no meaning here. Take it out.` }
  const host = (searchParams.get('host') ?? decode(hostname)).replace(/^\[(.+)\]$/, '$1') || 'localhost'
  const isLocal = host.startsWith('/') || isLoopback(host)
  const mode = searchParams.get('sslmode')
  const refusal = refusalOf(mode, isLocal)
  if (refusal !== null) return { refusal }
  return {
    host, port: port === '' ? null : Number(port), user: decode(username), password: decode(password), database: decode(pathname.slice(1)), options: searchParams.get('options'), applicationName: searchParams.get('application_name'), isLocal,
    isEncrypted: !host.startsWith('/') && (!isLocal || WITH_TLS.has(mode ?? '')),
    files: { sslrootcert: searchParams.get('sslrootcert'), sslcert: searchParams.get('sslcert'), sslkey: searchParams.get('sslkey') },
  }
}

function refusalOf(mode: string | null, isLocal: boolean): string | null {
  if (mode === null || WITH_TLS.has(mode)) return null
  if (mode !== 'disable') return `sslmode=${mode.slice(0, 20)} lets the server, or whoever is on the way, decide whether anything is encrypted. Give sslmode=verify-full, or leave it out.`
  return isLocal ? null : 'PostgreSQL is on another machine, and with sslmode=disable all that is read and written would travel in clear, the password of the database too. Take sslmode=disable out, and give PostgreSQL a certificate; name a private authority in store.authority.'
}

function decode(text: string): string {
  try { return decodeURIComponent(text) } catch { return text }
}

import dns from 'node:dns'
import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { makeCertificate } from '../../testing/certificate.ts'
import { describeWith } from '../../testing/needs.ts'
import { createRoledDatabase } from '../../testing/postgres.ts'
import { startPostgres } from '../../testing/services.ts'
import { connectionOf, explainRefusal, poolOf, type PostgresPlace } from './connection.ts'
import { openPostgres } from './open.ts'
import { openPostgresSnapshot } from './snapshot.ts'
import { readStanding } from './standing.ts'

const HOST = 'db.example.org'
const OTHER = 'other.example.org'
const PASSWORDS = { inAddress: 'of-the-address', planted: 'swordfish' }

/** Names that are on no list of this machine's lead to it in these tests: so a connection counts as one over a network, and stays on loopback. */
function leadHere(): void {
  const real = dns.lookup
  vi.spyOn(dns, 'lookup').mockImplementation(((name: string, ...rest: [dns.LookupAllOptions, (error: Error | null, found: dns.LookupAddress[] | string, family?: number) => void]) => {
    if (name !== HOST && name !== OTHER) { Reflect.apply(real, dns, [name, ...rest]); return }
    const [options, done] = rest
    if (options.all) done(null, [{ address: '127.0.0.1', family: 4 }])
    else done(null, '127.0.0.1', 4)
  }) as typeof dns.lookup)
}
afterEach(() => { vi.restoreAllMocks() })

const refusal = (place: PostgresPlace) => openPostgres(place).then(async (database) => { await database.close(); return 'It was opened.' }, (error: unknown) => (error instanceof Error ? `${error.name}: ${error.message}` : 'no error'))

describeWith('postgres', 'PostgreSQL over a network', () => {
  const own = makeCertificate(HOST)
  const stranger = makeCertificate(HOST)
  // For the name, and for no address.
  const localOnly = makeCertificate('LOCALHOST')
  const servers: { stop(): Promise<void> }[] = []
  let encrypted: string
  let plain: string
  let named: string
  beforeAll(async () => {
    const [withTls, without, local] = [await startPostgres({ tls: own }), await startPostgres(), await startPostgres({ tls: localOnly })]
    if (!('url' in withTls) || !('url' in without) || !('url' in local)) throw new Error('No server could be started.')
    servers.push(withTls, without, local);
    [encrypted, plain, named] = [withTls.url, without.url, local.url]
  }, 60_000)
  afterAll(async () => { await Promise.all(servers.map((server) => server.stop())) })
  const over = (url: string, host = HOST) => { const address = new URL(url); address.hostname = host; return address.href }

  test('is asked over TLS, with a certificate of the named authority and for that very name', async () => {
    leadHere()
    await using roled = await createRoledDatabase(encrypted)
    const place = { ...roled.owner, url: over(roled.owner.url), authority: own.certificate }
    const database = await openPostgres(place)
    await database.close()
    expect((await readStanding(place)).tls).toMatch(/^TLSv1\.[23]$/)
    // A backup's connection is made in the same way.
    const snapshot = await openPostgresSnapshot(place)
    expect(snapshot.migrations.length).toBeGreaterThan(10)
    await snapshot.close()
    await expect(openPostgresSnapshot({ ...place, authority: stranger.certificate })).rejects.toThrow()
  })

  test('with a certificate of another authority, or of none that is known, is refused', async () => {
    leadHere()
    for (const authority of [stranger.certificate, null]) expect(await refusal({ url: over(encrypted), authority })).toMatch(/^PostgresRefused: The certificate of PostgreSQL at db\.example\.org is of no authority that is trusted here \(\w+\), so nothing was sent to it\. Name its authority in store\.authority\.$/)
  })

  test('with a certificate for another name is refused, by name and by address', async () => {
    leadHere()
    expect(await refusal({ url: over(encrypted, OTHER), authority: own.certificate })).toMatch(/The certificate of PostgreSQL is not for other\.example\.org/)
    expect(await refusal({ url: `${named}?sslmode=verify-full`, authority: localOnly.certificate })).toMatch(/is not for 127\.0\.0\.1/)
    expect(await refusal({ url: `${over(named, 'localhost')}?sslmode=verify-full`, authority: localOnly.certificate })).toBe('It was opened.')
  })

  test('that speaks no TLS is refused, whatever the environment says', async () => {
    leadHere()
    vi.stubEnv('PGSSLMODE', 'disable')
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
    try {
      expect(await refusal({ url: over(plain) })).toMatch(/PostgreSQL at db\.example\.org does not speak TLS, so nothing was sent to it/)
      expect(await refusal({ url: over(encrypted) })).toMatch(/of no authority that is trusted/)
    } finally {
      vi.unstubAllEnvs()
    }
  })

  test('on this machine may be plain: then it is told so', async () => {
    expect((await readStanding({ url: plain })).tls).toBeNull()
    expect(await refusal({ url: `${plain}?sslmode=require` })).toMatch(/does not speak TLS/)
  })
})

test('a server that declines TLS hears nothing but the question for it: no role, no password, no database', async () => {
  leadHere()
  const heard: Buffer[] = []
  const liar = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (chunk: Buffer) => { heard.push(chunk); socket.write('N') })
  })
  liar.listen(0, '127.0.0.1')
  await once(liar, 'listening')
  const { port } = liar.address() as AddressInfo
  try {
    expect(await refusal({ url: `postgres://sallyport@${HOST}:${port}/sallyport`, password: 'swordfish-swordfish' })).toMatch(/does not speak TLS/)
    // Length 8 and the code of an SSLRequest (PostgreSQL manual, section 55.7).
    expect(new Set(heard.map((chunk) => chunk.toString('hex')))).toEqual(new Set(['0000000804d2162f']))
  } finally {
    liar.close()
  }
})

describe('a connection', () => {
  test('names its host, its own certificate rules and its bounds, and keeps the password of the reference over that of the address', () => {
    const place = { url: `postgres://sallyport:${PASSWORDS.inAddress}@${HOST}/x`, password: 'of-the-reference', connections: 7 }
    expect(poolOf(place)).toMatchObject({ host: 'db.example.org', password: 'of-the-reference', max: 7, connectionTimeoutMillis: 10_000, ssl: { rejectUnauthorized: true, minVersion: 'TLSv1.2' } })
    expect(connectionOf({ url: 'postgres:///x' })).toMatchObject({ host: 'localhost', ssl: false })
    expect(() => connectionOf({ url: 'postgres://a@db.example.org/b?sslmode=disable' })).toThrow(/would travel in clear/)
  })

  test('that fails is told with its mend and without a password', () => {
    const place = { url: `postgres://sallyport:${PASSWORDS.planted}@${HOST}/x` }
    const told = (code: string) => String(explainRefusal(Object.assign(new Error('failed for swordfish'), { code }), place))
    expect(['28P01', '3D000', '53300', '42501', 'ECONNREFUSED', 'CERT_HAS_EXPIRED'].map(told)).toEqual([/store\.credential/, /createdb/, /store\.connections/, /database migrate/, /does not answer/, /Renew it/].map((pattern) => expect.stringMatching(pattern) as string))
    for (const code of ['28P01', 'ENOTFOUND', 'ERR_TLS_CERT_ALTNAME_INVALID']) expect(told(code)).not.toContain('swordfish')
  })
})

describeWith('postgres', 'the pool', () => {
  test('holds no more connections than it may, and lets others wait', async () => {
    await using roled = await createRoledDatabase()
    await (await openPostgres(roled.owner)).close()
    const database = await openPostgres({ ...roled.runTime, connections: 2 })
    const administrator = new pg.Client(connectionOf(roled.administrator))
    await administrator.connect()
    try {
      const audit = { at: 1, action: 'tried', actor: 'system', credential: 'none', outcome: 'allowed' as const, detail: '{}' }
      const writes = Array.from({ length: 40 }, () => database.write([{ audit }]))
      const { rows } = await administrator.query<{ count: number }>(`select count(*)::int as count from pg_stat_activity where usename = $1`, [new URL(roled.runTime.url).username])
      expect(rows[0]?.count).toBeLessThanOrEqual(2)
      await Promise.all(writes)
      expect((await database.read.selectFrom('audit_entry').select('sequence').execute()).length).toBe(40)
    } finally {
      await administrator.end()
      await database.close()
    }
  })
})

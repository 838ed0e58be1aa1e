import { spawn, spawnSync, type ChildProcess, type SpawnOptions } from 'node:child_process'
import { chownSync, existsSync, globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { Found } from './needs.ts'

export interface Services {
  readonly postgres: Found
  /** What must be there: doing without it is a failure. */
  readonly required: readonly string[]
  stop(): Promise<void>
}

const LOCAL = 'postgres://postgres@127.0.0.1:5432/postgres'
const nothingToStop = () => Promise.resolve()

/**
 * PostgreSQL for tests: the one that `SALLYPORT_TEST_POSTGRES_URL` names, else one on this machine that lets `postgres` in,
 * else one started from Debian's programs in a temporary directory, else the reason why there is none.
 */
export async function startServices(environment: Readonly<Record<string, string | undefined>>): Promise<Services> {
  const required = (environment['SALLYPORT_TEST_REQUIRE'] ?? '').split(',').map((name) => name.trim()).filter((name) => name !== '')
  const given = environment['SALLYPORT_TEST_POSTGRES_URL']
  if (given !== undefined) {
    const refusal = await refusalOf(given)
    const postgres = refusal === undefined ? { url: given } : { reason: `PostgreSQL at SALLYPORT_TEST_POSTGRES_URL: ${refusal}` }
    return { postgres, required, stop: nothingToStop }
  }
  if (await refusalOf(LOCAL) === undefined) return { postgres: { url: LOCAL }, required, stop: nothingToStop }
  const own = await startPostgres()
  return 'reason' in own ? { postgres: own, required, stop: nothingToStop } : { postgres: { url: own.url }, required, stop: own.stop }
}

/** Why a server cannot be used; undefined when it can. */
async function refusalOf(url: string): Promise<string | undefined> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 })
  try {
    await client.connect()
    await client.query('select 1')
    await client.end()
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : 'it does not answer'
  }
}

interface OwnPostgres { readonly url: string; readonly port: number; stop(): Promise<void> }
/** With a certificate and its key, both PEM, the server speaks TLS too. */
export interface PostgresOptions { readonly tls?: { readonly certificate: string; readonly privateKey: string } }

/** PostgreSQL refuses to run as root, so root runs it as the user that Debian's package made. */
function userToRunAs(): Pick<SpawnOptions, 'uid' | 'gid'> | undefined {
  if (process.getuid?.() !== 0) return {}
  const [uid, gid] = ['-u', '-g'].map((flag) => Number.parseInt(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout, 10))
  return uid === undefined || gid === undefined || Number.isNaN(uid) || Number.isNaN(gid) ? undefined : { uid, gid }
}

/** Starts one from Debian's programs, without syncing: its data is gone with its process. */
export async function startPostgres({ tls }: PostgresOptions = {}): Promise<OwnPostgres | { readonly reason: string }> {
  const initdb = globSync('/usr/lib/postgresql/*/bin/initdb').toSorted().at(-1)
  if (initdb === undefined) return { reason: 'PostgreSQL is not installed and none answers on 127.0.0.1:5432' }
  const user = userToRunAs()
  if (user === undefined) return { reason: 'PostgreSQL does not run as root and there is no user "postgres"' }
  const directory = mkdtempSync(join(tmpdir(), 'sallyport-postgres-'))
  if (user.uid !== undefined && user.gid !== undefined) chownSync(directory, user.uid, user.gid)
  const data = join(directory, 'data')
  const made = spawnSync(initdb, ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync'], { ...user, encoding: 'utf8', cwd: directory })
  if (made.status !== 0) return { reason: `PostgreSQL could not be set up: ${made.stderr.trim()}` }
  const port = await freePort()
  const options = ['-D', data, '-p', String(port), '-k', directory, '-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off', ...(tls === undefined ? [] : withTls(data, tls, user))]
  const child = spawn(join(dirname(initdb), 'postgres'), options, { ...user, cwd: directory, stdio: 'ignore' })
  const stop = async () => {
    await ended(child)
    rmSync(directory, { recursive: true, force: true })
  }
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  for (let attempt = 0; attempt < 100; attempt += 1) {
    if (await refusalOf(url) === undefined) return { url, port, stop }
    if (child.exitCode !== null || !existsSync(data)) break
    await sleep(100)
  }
  await stop()
  return { reason: 'PostgreSQL did not start' }
}

/** The key must be its owner's alone, or the server refuses it. */
function withTls(data: string, { certificate, privateKey }: NonNullable<PostgresOptions['tls']>, { uid, gid }: Pick<SpawnOptions, 'uid' | 'gid'>): readonly string[] {
  for (const [name, text] of [['server.crt', certificate], ['server.key', privateKey]] as const) {
    writeFileSync(join(data, name), text, { mode: 0o600 })
    if (uid !== undefined && gid !== undefined) chownSync(join(data, name), uid, gid)
  }
  return ['-c', 'ssl=on']
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    child.once('exit', () => { resolve() })
    // Fast shutdown: ends the connections, writes, exits.
    child.kill('SIGINT')
  })
}

/** A port of loopback that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => {
        if (address === null || typeof address === 'string') reject(new Error('no port'))
        else resolve(address.port)
      })
    })
  })
}

import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Account, type Role } from '@sallyport/contract'
import { sql } from 'kysely'
import * as z from 'zod'
import { compose, type Sallyport } from '../compose/index.ts'
import { loadConfig } from '../config/load.ts'
import { createAccountStore } from '../domains/accounts/index.ts'
import { SERVER_KEYS } from '../domains/secrets/index.ts'
import { toMoment } from '../kernel/clock.ts'
import type { Caller } from '../kernel/handler.ts'
import { newId } from '../kernel/ids.ts'
import type { Log } from '../kernel/log.ts'
import { openScope } from '../kernel/scope.ts'
import { keyedHash } from '../kernel/seal.ts'
import { rolePermissions } from '../policy/roles.ts'
import { beginHttp, callHttp, type BegunCall, type HttpReply, type SentHeaders } from './http-client.ts'
import { createTestClock, type TestClock } from './test-clock.ts'
import { startVendorServer, type VendorName, type VendorScenario, type VendorServer } from './vendor-server.ts'

export type { TestClock } from './test-clock.ts'
export const PASSWORD = 'four unrelated words here'

export interface LogLine { readonly level: 'info' | 'warn' | 'error'; readonly event: string; readonly fields: Readonly<Record<string, unknown>> }

export interface CallOptions { readonly body?: unknown; readonly headers?: SentHeaders; readonly from?: string }

/** Somebody with an account, a session and a key. */
export interface Person {
  readonly account: Account
  readonly cookie: string
  readonly key: string
  readonly keyId: string
  /** Calls as the page does: with the session's cookie and this server's origin. */
  call(method: string, path: string, body?: unknown): Promise<HttpReply>
  /** Calls as a program does: with the key. */
  program(method: string, path: string, body?: unknown): Promise<HttpReply>
  /** Begins a conversation and gives its id. */
  newConversation(): Promise<string>
}

export interface TestServerOptions {
  /** Settings by their environment name, without the prefix: `LIMITS_TURNS_PER_MINUTE`. */
  readonly settings?: Readonly<Record<string, string>>
  /** Whether the first call waits until the handbook is indexed. */
  readonly withHandbook?: boolean
}

export interface TestServer extends AsyncDisposable {
  readonly sallyport: Sallyport
  readonly clock: TestClock
  readonly logs: readonly LogLine[]
  /** The data directory, the directory of configuration and key file, and the one that holds both. */
  readonly dataDirectory: string
  readonly configDirectory: string
  readonly port: number
  readonly url: string
  /** The name of the session cookie. */
  readonly cookieName: string
  call(method: string, path: string, options?: CallOptions): Promise<HttpReply>
  begin(method: string, path: string, options?: CallOptions): BegunCall
  /** Makes the owner with the set-up token, by the same calls as the page. */
  setUpOwner(): Promise<Person>
  /** Makes a further account. There is no operation for that yet, so it goes through the stores. */
  addAccount(name: string, role?: Role): Promise<Person>
  /** The same person with a new session and a new key. */
  renew(person: Person): Promise<Person>
  /** Makes a key that ends after so many days. */
  newKey(person: Person, expiresInDays: number): Promise<string>
  /** A vendor's server, saved as a provider with its models; closed with this server. */
  addVendor(owner: Person, vendor: VendorName, scenario?: VendorScenario): Promise<VendorServer>
  /** Every row of every table as text, with bytes as Latin-1: what is stored. */
  storedRows(): Promise<string>
  /** A digest of each table's rows, to tell that nothing has changed. */
  storedDigests(): Promise<Readonly<Record<string, string>>>
  /** Every byte in the data directory and the configuration's. */
  storedBytes(): Promise<Buffer>
  /** Ends the server and starts it again over the same directories, from then on with further settings. */
  restart(settings?: Readonly<Record<string, string>>): Promise<void>
}

/** High enough that only tests of the limits meet them. */
const wideLimits = {
  LIMITS_RATES: JSON.stringify({ 'turn-by-address': 10_000_000, 'turn-by-key': 100_000_000, unlisted: 100_000, 'unlisted-by-address': 100_000, conversation: 100_000, 'conversation-by-key': 1_000_000 }),
  RESILIENCE_BREAKER_FAILURES: '1000000', LIMITS_BAN_POINTS: '1000000000', LOAD_LOOP_DELAY_MILLISECONDS: '600000',
  LIMITS_TURNS_PER_MINUTE: '1000000', LIMITS_CONCURRENT_TURNS: '1000', LIMITS_REQUESTS_PER_MINUTE: '10000000',
}

/** The whole server over directories of its own, listening on a free port. Everything is gone when it is disposed of. */
export async function openTestServer({ settings = {}, withHandbook = false }: TestServerOptions = {}): Promise<TestServer> {
  const home = await mkdtemp(join(tmpdir(), 'sallyport-server-'))
  const places = { SALLYPORT_DATA_DIR: join(home, 'data'), SALLYPORT_CONFIG_DIR: join(home, 'config') }
  const named = (each: Readonly<Record<string, string>>) => Object.fromEntries(Object.entries(each).map(([name, value]) => [`SALLYPORT_${name}`, value]))
  let chosen = named({ HTTP_PORT: '0', LIBRARY_WORD_MILLISECONDS: '0', ...wideLimits, ...settings })
  const clock = createTestClock()
  const logs: LogLine[] = []
  const line = (level: LogLine['level']) => (fields: LogLine['fields'], event: string) => { logs.push({ level, event, fields }) }
  const log: Log = { info: line('info'), warn: line('warn'), error: line('error') }
  const vendors: VendorServer[] = []

  const start = async () => {
    const sallyport = await compose(loadConfig({}, { ...places, ...chosen }), { clock, log })
    const { url, jobs } = await sallyport.listen()
    if (withHandbook) await jobs.handbook
    return { sallyport, url, jobs, port: Number(new URL(url).port) }
  }
  const stop = async () => {
    await Promise.all([running.jobs.handbook, running.jobs.models])
    await running.sallyport.close()
  }
  let running = await start()

  const call = (method: string, path: string, { body, headers, from }: CallOptions = {}) =>
    callHttp({ port: running.port, method, path, body, ...(headers !== undefined && { headers }), ...(from !== undefined && { from }) })
  const server: TestServer = {
    get sallyport() { return running.sallyport },
    get port() { return running.port },
    get url() { return running.url },
    get cookieName() { return `__Host-sallyport-${running.port}` },
    clock, logs, call,
    dataDirectory: places.SALLYPORT_DATA_DIR, configDirectory: places.SALLYPORT_CONFIG_DIR,
    begin: (method, path, { body, headers, from } = {}) => beginHttp({ port: running.port, method, path, body, ...(headers !== undefined && { headers }), ...(from !== undefined && { from }) }),
    async setUpOwner() {
      const token = running.sallyport.setupToken?.reveal()
      const reply = await call('POST', '/api/v1/setup', { body: { token, email: 'owner@example.org', name: 'Olive Owner', password: PASSWORD } })
      if (reply.status !== 200) throw new Error(`Set-up answered ${reply.status}: ${reply.text}`)
      return personOf(server, SessionReply.parse(reply.json).account)
    },
    async addAccount(name, role = 'member') {
      const { sallyport } = running
      const { keyRing, accounts } = sallyport.domains
      const at = clock.now()
      const id = newId('account', at)
      const email = `${name}@example.org`
      const { sealer, step } = await keyRing.create(id)
      const serverSealer = await keyRing.sealerOf(SERVER_KEYS)
      const lookupKey = serverSealer.derive('account e-mail look-up')
      const owner = await accounts.firstOwner()
      const password = owner === null ? null : (await createAccountStore(sallyport.database).byId(owner.id))?.password_sealed ?? null
      const passwordAt = { table: 'account', column: 'password_sealed' }
      const hash = owner === null || password === null ? null : serverSealer.open({ ...passwordAt, rowId: owner.id }, password)
      await sallyport.database.write([step, createAccountStore(sallyport.database).insert({
        // The owner's hash again: every account of a test has the same password, and a hash takes its time.
        id, role, created_at: at, password_sealed: hash === null ? null : serverSealer.seal({ ...passwordAt, rowId: id }, hash), name_sealed: sealer.seal({ table: 'account', rowId: id, column: 'name_sealed' }, name), email_lookup: keyedHash(lookupKey, email),
        email_sealed: sealer.seal({ table: 'account', rowId: id, column: 'email_sealed' }, email),
      })])
      return personOf(server, { id, name, role, email, status: 'active', createdAt: toMoment(at) })
    },
    renew: (person) => personOf(server, person.account),
    async newKey({ account }, expiresInDays) {
      return (await running.sallyport.domains.keys.create(callerOf(account), { name: 'short', expiresInDays })).value
    },
    async addVendor(owner, vendor, scenario = {}) {
      const started = await startVendorServer(vendor, scenario)
      vendors.push(started)
      const saved = await owner.call('PUT', `/api/v1/providers/${vendor}`, { adapter: vendor, baseUrl: started.baseUrl, credential: scenario.credential ?? 'a-credential-of-tests', allowPrivateAddress: true })
      if (saved.status !== 200) throw new Error(`The provider was not saved: ${saved.text}`)
      return started
    },
    async storedRows() {
      await running.jobs.handbook
      return (await readTables(running.sallyport)).map(([name, rows]) => `${name} ${rows}`).join('\n')
    },
    async storedDigests() {
      await running.jobs.handbook
      // The word index of messages, the points of who went over a limit and the uses of secrets follow by themselves, a moment later; what limits count, they count of refused requests too.
      const tables = (await readTables(running.sallyport)).filter(([name]) => !/^(?:message_(?:index|word)|penalty$|rate_slot$|secret_use)/.test(name))
      // Keys and sessions remember when and from where they were last used, a provider's key how much, and a security event that it was told; that is no change of anything.
      const isUse = (name: string) => (name === 'provider_credential' ? /"(?:last_used_at|calls|input_tokens|output_tokens|cost)":(?:null|\d+)/g : /"(?:last_(?:used_at|used_address_sealed|seen_at)|alert_due_at|mailed_at)":(?:null|\d+|"(?:[^"\\]|\\.)*")/g)
      // The uses of secrets in an hour that is over are told in the log at some moment, and follow from nothing that is called.
      const kept = (name: string, rows: string) => (name === 'audit_entry' ? JSON.stringify(z.array(z.looseObject({ action: z.string() })).parse(JSON.parse(rows)).filter(({ action }) => action !== 'secret-used')) : rows)
      return Object.fromEntries(tables.map(([name, rows]) => [name, createHash('sha256').update(kept(name, rows).replaceAll(isUse(name), '')).digest('hex')]))
    },
    storedBytes: () => readAll([places.SALLYPORT_DATA_DIR, places.SALLYPORT_CONFIG_DIR]),
    async restart(further = {}) {
      await stop()
      chosen = { ...chosen, ...named(further) }
      running = await start()
    },
    async [Symbol.asyncDispose]() {
      await stop()
      await Promise.all(vendors.map((vendor) => vendor.close()))
      await rm(home, { recursive: true, force: true })
    },
  }
  return server
}

const SessionReply = z.object({ account: Account })
const Created = z.object({ id: z.string() })

/** A session and a key for an account, made by the domains themselves, so that no rate of the edge is used up. */
async function personOf(server: TestServer, account: Account): Promise<Person> {
  const { sessions, keys } = server.sallyport.domains
  // Always freshly proved, however far a test moves the clock. What freshness means is for tests that sign in.
  const { token } = await sessions.begin(callerOf(account), account, { authenticatedAt: Number.MAX_SAFE_INTEGER, secondFactorAt: null })
  const { key, value } = await keys.create(callerOf(account), { name: 'test' })
  const cookie = () => `${server.cookieName}=${token}`
  const person: Person = {
    account, key: value, keyId: key.id,
    get cookie() { return cookie() },
    call: (method, path, body) => server.call(method, path, { body, headers: { cookie: cookie(), origin: server.url } }),
    program: (method, path, body) => server.call(method, path, { body, headers: { authorization: `Bearer ${value}` } }),
    async newConversation() {
      return Created.parse((await person.call('POST', '/api/v1/conversations', {})).json).id
    },
  }
  return person
}

const callerOf = ({ id, role }: Account): Caller =>
  ({ scope: openScope(id), role, permissions: rolePermissions[role], credential: { kind: 'session', id: 'test' }, sessionId: null, authenticatedAt: Number.MAX_SAFE_INTEGER, secondFactorAt: null, hasSecondFactor: false, pending: null, userAgent: 'test', deviceToken: null, isCheckedHuman: false, keyId: null, restriction: null, expiresAt: 0, address: '127.0.0.1' })

async function readTables({ database }: Sallyport): Promise<readonly (readonly [name: string, rows: string])[]> {
  const tables = await database.read.introspection.getTables()
  return Promise.all(tables.map(async ({ name }) => {
    const { rows } = await sql<Record<string, unknown>>`select * from ${sql.table(name)}`.execute(database.read)
    return [name, JSON.stringify(rows.map((row) => Object.fromEntries(Object.entries(row).map(([column, value]) => [column, value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value]))))] as const
  }))
}

async function readAll(directories: readonly string[]): Promise<Buffer> {
  const files: Buffer[] = []
  for (const directory of directories) {
    for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) files.push(await readFile(join(entry.parentPath, entry.name)))
    }
  }
  return Buffer.concat(files)
}

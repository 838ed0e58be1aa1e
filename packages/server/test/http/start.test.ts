import { randomBytes } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { callHttp } from '../../src/testing/http-client.ts'
import { startServerProcess } from '../../src/testing/server-process.ts'
import { compose } from '../../src/compose/index.ts'
import { loadConfig } from '../../src/config/load.ts'

let home: string
let environment: Record<string, string>
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'sallyport-start-'))
  environment = { SALLYPORT_DATA_DIR: join(home, 'data'), SALLYPORT_CONFIG_DIR: join(home, 'config'), SALLYPORT_HTTP_PORT: '0', SALLYPORT_LOG_LEVEL: 'info' }
})
afterEach(async () => { await rm(home, { recursive: true, force: true }) })

const data = (name: string) => join(home, 'data', name)
const keyFile = () => join(home, 'config', 'sallyport.key')
const start = () => compose(loadConfig({}, environment))
/** Composes the server once and closes it: there is a store now. */
async function makeStore(): Promise<void> {
  const sallyport = await start()
  await sallyport.close()
}
/** Every file that a start must not change, by its bytes. The lock's own are the engine's business. */
async function bytes(): Promise<Readonly<Record<string, string>>> {
  const entries = (await readdir(home, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile() && entry.name !== 'lock' && !entry.name.endsWith('-shm') && !entry.name.endsWith('-wal'))
  return Object.fromEntries(await Promise.all(entries.map(async (entry) => [join(entry.parentPath, entry.name), (await readFile(join(entry.parentPath, entry.name))).toString('hex')])))
}
async function expectRefusal(message: RegExp): Promise<void> {
  const before = await bytes()
  const refusal = await start().then(async (sallyport) => { await sallyport.close(); return 'It started.' }, (error: unknown) => (error instanceof Error ? error.message : String(error)))
  expect(refusal).toMatch(message)
  expect(await bytes()).toEqual(before)
}

describe('a process', () => {
  test('says where it is, keeps its files to itself, and ends in peace', async () => {
    await using server = startServerProcess(environment)
    const url = await server.ready()
    expect(server.out()).toMatch(/http:\/\/127\.0\.0\.1:\d+\/setup#[\w-]{43}/)
    expect(server.err()).not.toMatch(/setup#/)
    expect((await callHttp({ port: Number(new URL(url).port), path: '/readyz' })).status).toBe(200)

    for (const entry of [...await readdir(join(home, 'data'), { recursive: true, withFileTypes: true }), ...await readdir(join(home, 'config'), { withFileTypes: true })]) {
      const path = join(entry.parentPath, entry.name)
      expect({ path, mode: ((await stat(path)).mode & 0o777).toString(8) }).toEqual({ path, mode: entry.isDirectory() ? '700' : '600' })
    }
    expect(((await stat(data(''))).mode & 0o777).toString(8)).toBe('700')
    const socket = await stat(data('run/admin.sock'))
    expect(socket.isSocket()).toBe(true)
    expect((socket.mode & 0o777).toString(8)).toBe('600')
    expect((await callHttp({ port: 0, socketPath: data('run/admin.sock'), path: '/api/v1/setup' })).json).toEqual({ open: true })

    await using second = startServerProcess(environment)
    expect(await second.ended()).toBe(1)
    expect(second.err()).toMatch(/Another Sallyport uses .*\. Stop it first, or name another directory/)
    expect(second.out()).toBe('')
    expect((await callHttp({ port: Number(new URL(url).port), path: '/healthz' })).status).toBe(200)
    expect((await callHttp({ port: 0, socketPath: data('run/admin.sock'), path: '/healthz' })).status).toBe(200)

    server.child.kill('SIGTERM')
    expect(await server.ended()).toBe(0)
  }, 40_000)

  test('that finds its configuration bad says all of it, makes nothing and fails', async () => {
    await using server = startServerProcess({ ...environment, SALLYPORT_HTTP_PORT: 'eighty', SALLYPORT_NONSENSE: '1' }, ['--log.level', 'loud'])
    expect(await server.ended()).toBe(1)
    for (const setting of ['http.port', 'SALLYPORT_NONSENSE', 'log.level']) expect(server.err()).toContain(setting)
    expect(server.err()).not.toMatch(/\.ts:\d|node_modules/)
    expect(server.out()).toBe('')
    expect(await readdir(home)).toEqual([])
  }, 40_000)

  test('that others could reach, with what would harm them, says all of it and fails', async () => {
    await using server = startServerProcess({ ...environment, SALLYPORT_HTTP_HOST: '0.0.0.0', SALLYPORT_LOG_LEVEL: 'debug', SALLYPORT_HTTP_PROXIES: '::/0', NODE_TLS_REJECT_UNAUTHORIZED: '0' })
    expect(await server.ended()).toBe(1)
    for (const about of ['NODE_TLS_REJECT_UNAUTHORIZED: Certificates', 'log.level: The log tells everything', 'http.proxies: Every address counts']) expect(server.err()).toContain(about)
    expect(server.out()).toBe('')
    expect(await readdir(home)).toEqual([])
  }, 40_000)

  test('reads its settings from an encrypted .env file, and does not start with another key', async () => {
    const identity = await generateX25519Identity()
    const encrypter = new Encrypter()
    encrypter.addRecipient(await identityToRecipient(identity))
    await mkdir(join(home, 'config'), { mode: 0o700 })
    await writeFile(join(home, 'config', '.env.age'), await encrypter.encrypt('SALLYPORT_HTTP_HOSTS=planted.example.org\nOPENAI_API_KEY=sk-planted-in-an-env-file-8\n'))
    await writeFile(join(home, 'identity.txt'), `${identity}\n`, { mode: 0o600 })
    {
      await using server = startServerProcess({ ...environment, SALLYPORT_ENV_IDENTITY: join(home, 'identity.txt') })
      const port = Number(new URL(await server.ready()).port)
      expect((await callHttp({ port, path: '/healthz', headers: { host: 'planted.example.org' } })).status).toBe(200)
      expect((await callHttp({ port, path: '/healthz', headers: { host: 'stranger.example.org' } })).status).toBe(421)
      expect(server.out()).not.toContain('No model provider is configured')
      expect(`${server.out()}${server.err()}`).not.toContain('sk-planted')
    }
    await writeFile(join(home, 'identity.txt'), `${await generateX25519Identity()}\n`)
    await using refused = startServerProcess({ ...environment, SALLYPORT_ENV_IDENTITY: join(home, 'identity.txt') })
    expect(await refused.ended()).toBe(1)
    expect(refused.err()).toMatch(/\.env\.age: the identity in .* does not open it/)
  }, 60_000)

  test('whose port is taken says which mend there is', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    try {
      await using server = startServerProcess({ ...environment, SALLYPORT_HTTP_PORT: String((other.address() as AddressInfo).port) })
      expect(await server.ended()).toBe(1)
      expect(server.err()).toMatch(/The port \d+ is in use\. .*--http\.port/)
      expect(server.out()).toBe('')
    } finally {
      other.close()
    }
  }, 40_000)
})

describe('a key file', () => {
  test.each([
    ['is missing', () => rm(keyFile()), /The key file .* is missing.*put the file back/],
    ['is another one', () => writeFile(keyFile(), `${randomBytes(32).toString('hex')}\n`), /This store needs key [0-9a-f]{16}; the key-file holds key [0-9a-f]{16} .*nothing was changed/],
    ['is empty', () => writeFile(keyFile(), ''), /does not hold 64 hexadecimal digits/],
    ['is cut', async () => { await writeFile(keyFile(), (await readFile(keyFile(), 'utf8')).slice(0, 40)) }, /does not hold 64 hexadecimal digits/],
    ['is no text', () => writeFile(keyFile(), randomBytes(64)), /does not hold 64 hexadecimal digits/],
    ['can be read by others', () => chmod(keyFile(), 0o644), /Others can read the key file .* Run: chmod 600/],
    ['can be read by a group', () => chmod(keyFile(), 0o640), /Others can read the key file/],
    ['can be written by others', () => chmod(keyFile(), 0o602), /Others can read the key file/],
  ])('that %s stops the start with its mend, and is not touched', async (_, damage, message) => {
    await makeStore()
    await damage()
    await expectRefusal(message)
  })

  test('never prints its key', async () => {
    await makeStore()
    const key = (await readFile(keyFile(), 'utf8')).trim()
    await chmod(keyFile(), 0o644)
    const error: unknown = await start().catch((error: unknown) => error)
    expect(`${String(error)} ${JSON.stringify(error)}`).not.toContain(key.slice(0, 16))
  })

  test('that is whole opens the store again', async () => {
    await makeStore()
    await makeStore()
    expect((await stat(keyFile())).mode & 0o777).toBe(0o600)
  })
})

describe('a store', () => {
  const record = () => data('store.json')
  test.each([
    ['whose record is no JSON', () => writeFile(record(), '{"format":'), /store\.json is damaged or of a newer version\. Put it back/],
    ['whose record is empty', () => writeFile(record(), ''), /store\.json is damaged/],
    ['whose record is of a newer version', async () => { await writeFile(record(), (await readFile(record(), 'utf8')).replace('"format": 1', '"format": 2')) }, /store\.json is damaged or of a newer version/],
    ['whose record has a field that nobody knows', async () => { await writeFile(record(), (await readFile(record(), 'utf8')).replace('"format"', '"more": 1, "format"')) }, /store\.json is damaged or of a newer version/],
    ['whose record is gone', () => rm(record()), /store\.json is missing beside sallyport\.sqlite/],
    ['whose wrapped key was changed', async () => {
      const kept = JSON.parse(await readFile(record(), 'utf8')) as { pageKey: string }
      const raw = Buffer.from(kept.pageKey, 'base64')
      raw[20] = (raw[20] ?? 0) ^ 1
      await writeFile(record(), JSON.stringify({ ...kept, pageKey: raw.toString('base64') }))
    }, /A wrapped key \(page-key\) does not open/],
    ['made with another vault', async () => { await writeFile(record(), (await readFile(record(), 'utf8')).replace('"key-file"', '"keyring"')) }, /was made with the vault "keyring".*Set vault\.kind to "keyring"/],
    ['whose database is no database', () => writeFile(data('sallyport.sqlite'), randomBytes(8_192)), /sallyport\.sqlite|not a database/],
    ['whose database was damaged at its head', async () => {
      const file = await readFile(data('sallyport.sqlite'))
      randomBytes(2_048).copy(file)
      await writeFile(data('sallyport.sqlite'), file)
    }, /sallyport\.sqlite|not a database/],
  ])('%s stops the start with its mend, and nothing is changed', async (_, damage, message) => {
    await makeStore()
    await damage()
    await expectRefusal(message)
  })

  test('that could not be opened is let go: mended, it opens', async () => {
    await makeStore()
    const kept = await readFile(record())
    await writeFile(record(), '{}')
    await expectRefusal(/store\.json is damaged/)
    await writeFile(record(), kept)
    await makeStore()
  })

  test('whose files others could read is mended at the start', async () => {
    await makeStore()
    await chmod(data(''), 0o755)
    await chmod(data('sallyport.sqlite'), 0o644)
    await makeStore()
    expect((await stat(data(''))).mode & 0o777).toBe(0o700)
    expect((await stat(data('sallyport.sqlite'))).mode & 0o777).toBe(0o600)
  })

  test('cannot lie where a file is', async () => {
    await writeFile(data('').replace(/\/$/, ''), 'a file')
    await expect(start()).rejects.toThrow(/The data directory .* cannot be used\. Make it writable/)
  })
})

import { execFile, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:tls'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { compose } from '../../compose/index.ts'
import { loadConfig } from '../../config/load.ts'
import { makeCertificate } from '../../testing/certificate.ts'
import { examine, type Examined, type Finding } from './index.ts'

const CLI = join(import.meta.dirname, '../../../../cli/src/main.ts')
const PLANTED = 'me:swordfish-swordfish'
const isWindows = process.platform === 'win32'

let home: string
let environment: Record<string, string>
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'sallyport-doctor-'))
  environment = { SALLYPORT_DATA_DIR: join(home, 'data'), SALLYPORT_CONFIG_DIR: join(home, 'config'), SALLYPORT_LOG_LEVEL: 'silent' }
})
afterEach(async () => { await rm(home, { recursive: true, force: true }) })

const data = (name: string) => join(home, 'data', name)
async function makeStore(): Promise<void> {
  const sallyport = await compose(loadConfig({}, environment))
  await sallyport.close()
  // As the server's own process makes them, whose mask lets nobody else in.
  if (!isWindows) spawnSync('chmod', ['-R', 'go-rwx', home])
}
/** What was found in an area, but for what is well. */
const against = ({ findings }: Examined, area: Finding['area']): readonly Finding[] => findings.filter((finding) => finding.area === area && finding.health !== 'good')
const look = (further: Record<string, string> = {}) => examine({ ...environment, ...further })
async function modes(): Promise<readonly string[]> {
  const entries = await readdir(home, { recursive: true, withFileTypes: true })
  return Promise.all(entries.map(async (entry) => { const path = join(entry.parentPath, entry.name); return `${path} ${((await stat(path)).mode & 0o777).toString(8)}` }))
}

describe('doctor', () => {
  test('finds nothing against a new store but that it has no backup, and changes nothing', async () => {
    await makeStore()
    const before = await modes()
    const examined = await look()
    expect(examined.findings.filter(({ health, area }) => health !== 'good' && area !== 'room').map(({ area, health }) => ({ area, health }))).toEqual([{ area: 'backups', health: 'problem' }])
    expect(await modes()).toEqual(before)
    expect(examined.ok).toBe(false)
  })

  test('looks at an empty place without making anything there', async () => {
    const examined = await look()
    expect(examined.ok).toBe(true)
    expect(await readdir(home)).toEqual([])
  })

  test('says that it looks at the embedded store alone, and what to set where the store is elsewhere', async () => {
    const database = ({ findings }: Examined) => findings.filter(({ area }) => area === 'database')
    const elsewhere = expect.stringMatching(/embedded store alone.*PostgreSQL.*SALLYPORT_STORE_URL/) as string
    expect(database(await look())).toEqual([expect.objectContaining({ health: 'good', found: elsewhere })])
    await makeStore()
    expect(database(await look())).toEqual([expect.objectContaining({ health: 'good', found: elsewhere })])
    // As the directory of a server over PostgreSQL looks to a command that was not told of it.
    for (const file of (await readdir(join(home, 'data'))).filter((name) => name.startsWith('sallyport.sqlite'))) await rm(data(file))
    const examined = await look()
    expect(database(examined)).toEqual([expect.objectContaining({ health: 'problem', found: expect.stringContaining('is not there') as string, means: expect.stringContaining('nothing of it was looked at') as string, mend: expect.stringContaining('SALLYPORT_STORE_URL') as string })])
    expect(examined.ok).toBe(false)
    // The control: with its address it is PostgreSQL that is looked at.
    expect(database(await look({ SALLYPORT_STORE_URL: 'postgres://sallyport@127.0.0.1:1/nothing' })).map(({ found }) => found)).toEqual([expect.stringMatching(/^PostgreSQL at 127\.0\.0\.1/)])
  })

  test('tells every problem of the configuration at once', async () => {
    const examined = await look({ SALLYPORT_HTTP_PORT: 'x', SALLYPORT_NONSENSE: '1', OPENAI_API_KEY: 'your-api-key-here' })
    expect(examined.ok).toBe(false)
    expect(examined.findings.every(({ area, health }) => area === 'configuration' && health === 'problem')).toBe(true)
    for (const part of ['http.port', 'SALLYPORT_NONSENSE', 'providers.openai.credential']) expect(JSON.stringify(examined.findings)).toContain(part)
  })

  test('says what each concern means, by cookies, settings and CORS', async () => {
    const examined = await look({ SALLYPORT_HTTP_PUBLIC_URL: 'https://localhost:1', SALLYPORT_HTTP_PROXIES: '0.0.0.0/0', SALLYPORT_LOG_LEVEL: 'debug' })
    expect(against(examined, 'cookies').map(({ found }) => found)).toEqual([expect.stringMatching(/^http\.proxies: Every address counts as a proxy/)])
    expect(against(examined, 'settings').map(({ found }) => found)).toEqual([expect.stringMatching(/^preset/), expect.stringMatching(/^log\.level/)].toReversed())
    expect(against(examined, 'cors')).toEqual([])
    for (const { means, mend } of examined.findings.filter(({ health }) => health !== 'good')) expect(`${means} ${mend}`).toMatch(/\w{3,}.*\w{3,}/)
  })

  test('gives every setting with where it comes from, and no secret', async () => {
    await mkdir(join(home, 'config'), { mode: 0o700 })
    await writeFile(join(home, 'config', 'sallyport.json'), JSON.stringify({ limits: { answerTokens: 900 }, store: { url: `postgres://${PLANTED}@127.0.0.1/x` } }), { mode: 0o600 })
    await writeFile(join(home, 'config', '.env'), 'SALLYPORT_HTTP_PORT=9001\n', { mode: 0o600 })
    const { settings } = await look({ SALLYPORT_PRESET: 'public', SALLYPORT_VAULT_KIND: 'passphrase', SALLYPORT_VAULT_PASSPHRASE: 'env:PHRASE', PHRASE: 'swordfish-swordfish' })
    const from = Object.fromEntries(settings.map((setting) => [setting.setting, setting]))
    expect(from['limits.answerTokens']).toMatchObject({ value: '900', from: 'file' })
    expect(from['http.port']).toMatchObject({ value: '9001', from: '.env' })
    expect(from['preset']).toMatchObject({ value: '"public"', from: 'environment' })
    expect(from['limits.questionCharacters']).toMatchObject({ value: '1000', from: 'preset' })
    expect(from['sessions.hours']).toMatchObject({ from: 'default' })
    expect(from['vault.passphrase']).toMatchObject({ value: '"[secret]"' })
    expect(JSON.stringify(settings)).not.toContain('swordfish')
  })
})

describe.skipIf(isWindows)('doctor, of files', () => {
  test.each<readonly [string, { readonly path: () => string; readonly mode: number; readonly mend: RegExp }]>([
    ['the data directory', { path: () => data(''), mode: 0o755, mend: /chmod 700/ }], ['the store', { path: () => data('sallyport.sqlite'), mode: 0o644, mend: /chmod go-rwx/ }], ['the record', { path: () => data('store.json'), mode: 0o640, mend: /chmod go-rwx/ }],
    ['the directory of the socket', { path: () => data('run'), mode: 0o711, mend: /chmod go-rwx/ }], ['the key file', { path: () => join(home, 'config', 'sallyport.key'), mode: 0o604, mend: /chmod 600/ }], ['the configuration directory', { path: () => join(home, 'config'), mode: 0o777, mend: /chmod go-w/ }],
  ])('tells of %s that others can reach, with the command that mends it', async (_, { path, mode, mend }) => {
    await makeStore()
    await chmod(path(), mode)
    const [finding, ...more] = against(await look(), 'files')
    expect(more).toEqual([])
    expect(finding).toMatchObject({ health: 'problem', found: `${path()} has the mode ${mode.toString(8)}.` })
    expect(finding?.mend).toMatch(mend)
    const [command = '', ...words] = finding?.mend.split(' ') ?? []
    expect(spawnSync(command, words).status).toBe(0)
    expect(against(await look(), 'files')).toEqual([])
  })
})

describe('doctor, of keys', () => {
  test.each<readonly [string, () => Promise<unknown>, RegExp]>([
    ['is missing', () => rm(join(home, 'config', 'sallyport.key')), /is missing/],
    ['is another one', () => writeFile(join(home, 'config', 'sallyport.key'), `${'ab'.repeat(32)}\n`), /This store needs key/],
    ['wraps no page key of this store', async () => { const record = JSON.parse(await readFile(data('store.json'), 'utf8')) as { pageKey: string }; await writeFile(data('store.json'), JSON.stringify({ ...record, pageKey: Buffer.alloc(60, 1).toString('base64') })) }, /does not open/],
  ])('tells of one that %s, and makes none', async (_, damage, found) => {
    await makeStore()
    await damage()
    const before = await readdir(join(home, 'config'))
    expect(against(await look(), 'keys')).toEqual([expect.objectContaining({ health: 'problem', found: expect.stringMatching(found) as string })])
    expect(await readdir(join(home, 'config'))).toEqual(before)
  })

  test('tells of a damaged record', async () => {
    await makeStore()
    await writeFile(data('store.json'), '{}')
    expect(against(await look(), 'files').map(({ found }) => found)).toEqual([expect.stringMatching(/store\.json is damaged/)])
  })
})

describe('doctor, of the clock', () => {
  test('tells of one that went back behind the last write', async () => {
    await makeStore()
    expect(against(await look(), 'clock').filter(({ health }) => health === 'problem')).toEqual([])
    const ahead = new Date(Date.now() + 3_600_000)
    await utimes(data('sallyport.sqlite'), ahead, ahead)
    expect(against(await look(), 'clock')).toEqual([expect.objectContaining({ health: 'problem', found: expect.stringMatching(/it went back/) as string })])
  })
})

describe('doctor, of certificates', () => {
  /** Runs `doctor` as a process of its own, because what it trusts is told at its start. */
  async function withServer(certificate: { readonly certificate: string; readonly privateKey: string }, trusted: boolean): Promise<Examined> {
    const server = createServer({ cert: certificate.certificate, key: certificate.privateKey }, (socket) => { socket.end() }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    try {
      await writeFile(join(home, 'ca.pem'), certificate.certificate)
      const publicUrl = `https://localhost:${(server.address() as AddressInfo).port}`
      return await run({ SALLYPORT_HTTP_PUBLIC_URL: publicUrl, ...(trusted && { NODE_EXTRA_CA_CERTS: join(home, 'ca.pem') }) })
    } finally {
      server.close()
    }
  }

  test('one that is trusted and lasts is well', async () => {
    expect(against(await withServer(makeCertificate(), true), 'certificates')).toEqual([])
  }, 60_000)
  test('one that nobody vouches for, or for another name, is a problem', async () => {
    expect(against(await withServer(makeCertificate(), false), 'certificates')).toEqual([expect.objectContaining({ health: 'problem', found: expect.stringMatching(/not trusted here/) as string })])
    expect(against(await withServer(makeCertificate('other.example.org'), true), 'certificates')).toEqual([expect.objectContaining({ health: 'problem' })])
  }, 60_000)
  test('one that ends soon is a warning, and one that ends within the week a problem', async () => {
    const ending = (days: number) => makeCertificate('localhost', new Date(Date.now() + days * 86_400_000))
    expect(against(await withServer(ending(14), true), 'certificates')).toEqual([expect.objectContaining({ health: 'warning', found: expect.stringMatching(/1[34] more days/) as string })])
    expect(against(await withServer(ending(3), true), 'certificates')).toEqual([expect.objectContaining({ health: 'problem' })])
  }, 60_000)
  test('an address that does not answer is told of', async () => {
    expect(against(await look({ SALLYPORT_HTTP_PUBLIC_URL: 'https://localhost:1' }), 'certificates')).toEqual([expect.objectContaining({ health: 'problem', found: expect.stringMatching(/does not answer with TLS/) as string })])
  })
})

/** The command itself, as people run it. */
const run = (further: Record<string, string> = {}) => new Promise<Examined>((resolve, reject) => {
  execFile(process.execPath, [CLI, 'doctor', '--json'], { env: { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', ...environment, ...further } }, (_, out, err) => { if (out === '') reject(new Error(err)); else resolve(JSON.parse(out) as Examined) })
})

describe('the command', () => {
  const command = (words: readonly string[], further: Record<string, string> = {}) => spawnSync(process.execPath, [CLI, 'doctor', ...words], { encoding: 'utf8', env: { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', ...environment, ...further } })

  test('ends with 0 where nothing is a problem, and with 1 where something is, in text and in JSON', async () => {
    expect(command([]).status).toBe(0)
    await makeStore()
    const text = command([])
    expect(text.status).toBe(1)
    expect(text.stdout).toMatch(/^PROBLEM {2}backups: No backup of this store has succeeded/m)
    expect(text.stdout).toMatch(/backup init/)
    const json = command(['--json', '--settings'])
    expect(json.status).toBe(1)
    const examined = JSON.parse(json.stdout) as Examined
    expect(examined.ok).toBe(false)
    expect(examined.settings.length).toBeGreaterThan(50)
    const refused = command(['--json'], { SALLYPORT_NONSENSE: '1' })
    expect(refused.status).toBe(1)
    expect((JSON.parse(refused.stdout) as Examined).findings).toEqual([expect.objectContaining({ area: 'configuration' })])
  }, 60_000)
})

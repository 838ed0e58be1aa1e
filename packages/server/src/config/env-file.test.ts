import { execFileSync, spawnSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { armor, Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ConfigProblem, readConfig } from './load.ts'

const hasAge = spawnSync('age', ['--version']).status === 0
const KEY = 'sk-planted-in-an-env-file-7'
const TEXT = `# what a server needs\nOPENAI_API_KEY="${KEY}"\nSALLYPORT_HTTP_PORT=9001\n`

/** No service keeps secrets here. */
const nobody = () => Promise.reject(new Error('Nobody was to be asked.'))

let home: string
let environment: Record<string, string>
let identity: string
const at = (name: string) => join(home, 'config', name)
const identityFile = () => join(home, 'identity.txt')
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'sallyport-env-'))
  await mkdir(at(''))
  environment = { SALLYPORT_CONFIG_DIR: at(''), SALLYPORT_DATA_DIR: join(home, 'data') }
  identity = await generateX25519Identity()
  await writeFile(identityFile(), `# made for a test\n${identity}\n`, { mode: 0o600 })
})
afterEach(async () => { await rm(home, { recursive: true, force: true }) })

const encrypted = async (text = TEXT, forWhom = identity) => {
  const encrypter = new Encrypter()
  encrypter.addRecipient(await identityToRecipient(forWhom))
  return encrypter.encrypt(text)
}
const withIdentity = () => ({ ...environment, SALLYPORT_ENV_IDENTITY: identityFile() })
async function problems(given: Record<string, string>): Promise<string> {
  try {
    await readConfig(nobody, given)
    return 'It was taken.'
  } catch (error) {
    if (error instanceof ConfigProblem) return error.problems.join('\n')
    throw error
  }
}

describe('a .env file', () => {
  test('adds to the environment, which wins over it', async () => {
    await writeFile(at('.env'), TEXT, { mode: 0o600 })
    const config = await readConfig(nobody, environment)
    expect(config.http.port).toBe(9001)
    expect(config.providers['openai']?.credential?.reveal()).toBe(KEY)
    expect((await readConfig(nobody, { ...environment, SALLYPORT_HTTP_PORT: '9002' })).http.port).toBe(9002)
    expect(process.env['OPENAI_API_KEY']).not.toBe(KEY)
  })

  test('that others can read is refused with the command that mends it', async () => {
    await writeFile(at('.env'), TEXT)
    for (const mode of [0o640, 0o604, 0o666]) {
      await chmod(at('.env'), mode)
      const told = await problems(environment)
      expect(told).toContain(`chmod 600 ${at('.env')}`)
      expect(told).not.toContain(KEY)
    }
    execFileSync('chmod', ['600', at('.env')])
    expect((await readConfig(nobody, environment)).http.port).toBe(9001)
  })

  test('that sets nothing, sets its own place, or stands beside another one is refused', async () => {
    await writeFile(at('.env'), '# nothing yet\n', { mode: 0o600 })
    expect(await problems(environment)).toMatch(/sets nothing/)
    await writeFile(at('.env'), 'SALLYPORT_CONFIG_DIR=/elsewhere\n')
    expect(await problems(environment)).toMatch(/SALLYPORT_CONFIG_DIR cannot be set in it/)
    await writeFile(at('.env'), TEXT)
    await writeFile(at('.env.age'), await encrypted())
    expect(await problems(environment)).toMatch(/one too many/)
  })

  test('that is named and not there is refused', async () => {
    expect(await problems({ ...environment, SALLYPORT_ENV_FILE: join(home, 'nowhere') })).toMatch(/nowhere: it cannot be read/)
  })

  test('has its problems told with all others at once', async () => {
    await writeFile(at('.env'), TEXT, { mode: 0o644 })
    const told = await problems({ ...environment, SALLYPORT_HTTP_PORT: 'x', SALLYPORT_NONSENSE: '1' })
    for (const part of ['.env', 'http.port', 'SALLYPORT_NONSENSE']) expect(told).toContain(part)
  })
})

describe('an encrypted .env file', () => {
  test.each(['.env', '.env.age'])('named %s is opened with an identity that lies elsewhere', async (name) => {
    await writeFile(at(name), await encrypted(), { mode: 0o644 })
    expect((await readConfig(nobody, withIdentity())).providers['openai']?.credential?.reveal()).toBe(KEY)
    expect(await readFile(at(name))).not.toContain(KEY)
  })

  test('may be armoured', async () => {
    await writeFile(at('.env'), armor.encode(await encrypted()))
    expect((await readConfig(nobody, withIdentity())).http.port).toBe(9001)
  })

  test.skipIf(!hasAge)('is one that the age of the system makes', async () => {
    execFileSync('age', ['-r', await identityToRecipient(identity), '-o', at('.env')], { input: TEXT })
    expect((await readConfig(nobody, withIdentity())).providers['openai']?.credential?.reveal()).toBe(KEY)
  })

  test.each([
    ['without its identity', () => Promise.resolve(environment), /Name the file with its identity in SALLYPORT_ENV_IDENTITY/],
    ['with the identity of somebody else', async () => { await writeFile(identityFile(), `${await generateX25519Identity()}\n`); return withIdentity() }, /does not open it, or it was altered/],
    ['with an identity beside it', async () => { await writeFile(at('identity.txt'), `${identity}\n`, { mode: 0o600 }); return { ...environment, SALLYPORT_ENV_IDENTITY: at('identity.txt') } }, /must not lie beside what it opens/],
    ['with an identity that others can read', async () => { await chmod(identityFile(), 0o644); return withIdentity() }, /identity\.txt: others can read it.*chmod 600/],
    ['with a file that holds no identity', async () => { await writeFile(identityFile(), 'age1notanidentity\n'); return withIdentity() }, /holds no identity/],
    ['that was altered', async () => { const bytes = Buffer.from(await encrypted()); bytes[bytes.length - 5] = (bytes[bytes.length - 5] ?? 0) ^ 1; await writeFile(at('.env'), bytes); return withIdentity() }, /does not open it, or it was altered/],
    ['that was cut', async () => { await writeFile(at('.env'), (await encrypted()).subarray(0, -30)); return withIdentity() }, /does not open it, or it was altered/],
    ['of which others can write the file', async () => { await chmod(at('.env'), 0o646); return withIdentity() }, /others can write it\. Run: chmod go-w/],
  ])('%s stops the start, and never yields empty values', async (_, damage, message) => {
    await writeFile(at('.env'), await encrypted(), { mode: 0o600 })
    const told = await problems(await damage())
    expect(told).toMatch(message)
    expect(told).not.toContain(KEY)
    expect(told).not.toContain(identity)
  })
})

import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { compose } from '../../src/compose/index.ts'
import { loadConfig } from '../../src/config/load.ts'
import { openTestServer } from '../../src/testing/server.ts'
import { startServerProcess } from '../../src/testing/server-process.ts'

const KEY = 'sk-unguessable-0123456789abcdef'
const OTHER = 'sk-unguessable-of-another-0123456789'

let home: string
let environment: Record<string, string>
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'sallyport-names-'))
  environment = { SALLYPORT_DATA_DIR: join(home, 'data'), SALLYPORT_CONFIG_DIR: join(home, 'config') }
})
afterEach(async () => { await rm(home, { recursive: true, force: true }) })

async function written(): Promise<string> {
  const entries = (await readdir(home, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
  return (await Promise.all(entries.map((entry) => readFile(join(entry.parentPath, entry.name), 'latin1')))).join('')
}

describe('a started process', () => {
  test('listens where FLASK_HOST and FLASK_PORT say, and tells of every name that has no effect yet, with no value', async () => {
    await using server = startServerProcess({ ...environment, FLASK_HOST: '127.0.0.2', FLASK_PORT: '0', ENV: 'prod', QDRANT_URL: 'http://qdrant:6333', QDRANT_API_KEY: KEY, MAX_AUDIO_SIZE_MB: '10', RATE_LIMIT_VOICE_CONCURRENT: '10', FORCE_HTTPS: '1', ALLOWED_ORIGINS: 'https://app.example.org', LOG_LEVEL: 'WARNING', SALLYPORT_LOG_LEVEL: 'error' })
    const url = new URL('/readyz', await server.ready())
    expect(url.hostname).toBe('127.0.0.2')
    expect((await fetch(url)).status).toBe(200)
    for (const name of ['QDRANT_URL', 'QDRANT_API_KEY', 'MAX_AUDIO_SIZE_MB', 'RATE_LIMIT_VOICE_CONCURRENT', 'FORCE_HTTPS', 'ALLOWED_ORIGINS']) expect(server.out()).toMatch(new RegExp(`^- ${name} has no effect\\. `, 'm'))
    expect(server.out()).toMatch(/^- LOG_LEVEL says something else than log\.level, which wins\./m)
    expect(server.out() + server.err()).not.toMatch(/unguessable|app\.example|6333/)
  })

  test('does not start in production with debug mode, and says how to mend it', async () => {
    await using server = startServerProcess({ ...environment, FLASK_PORT: '0', FLASK_DEBUG: '1', DEBUG: 'True' })
    expect(await server.ended()).toBe(1)
    expect(server.err()).toMatch(/2 problems:\n.*- DEBUG: debug mode.*\n.*- FLASK_DEBUG: debug mode/)
    expect(await readdir(home)).toEqual([])
  })
})

describe('a key of a provider in the environment', () => {
  test('sets the provider up at the start, and is written nowhere', async () => {
    const sallyport = await compose(loadConfig({}, { ...environment, OPENAI_API_KEY: KEY, GEMINI_API_KEY: OTHER, OPENROUTER_API_KEY: OTHER, OPENROUTER_MODEL: 'meta-llama/llama-4' }))
    try {
      const { items } = await sallyport.domains.models.listProviders()
      expect(items.map(({ name, adapter, origin, hasCredential }) => ({ name, adapter, origin, hasCredential }))).toEqual(expect.arrayContaining(['openai', 'gemini', 'openrouter'].map((name) => ({ name, adapter: name, origin: 'configuration', hasCredential: true }))))
      expect(sallyport.domains.models.list(null).map(({ id }) => id)).toEqual(['sallyport/library', 'openrouter/meta-llama/llama-4'])
      expect(sallyport.domains.models.defaultModel(null)).toBe('sallyport/library')
      expect(sallyport.hasProviders()).toBe(true)
    } finally {
      await sallyport.close()
    }
    expect(await written()).not.toMatch(/unguessable/)
  })

  test('stands before a provider that was saved under its name, and that is told', async () => {
    await using server = await openTestServer()
    const vendor = await server.addVendor(await server.setUpOwner(), 'openai')
    expect((await server.sallyport.notices()).join('\n')).not.toMatch(/openai/)
    await writeFile(join(server.configDirectory, 'of-openai'), 'a-credential-of-tests', { mode: 0o600 })
    await writeFile(join(server.configDirectory, 'sallyport.json'), JSON.stringify({ providers: { openai: { adapter: 'openai', baseUrl: vendor.baseUrl, credential: `file:${join(server.configDirectory, 'of-openai')}`, allowPrivateAddress: true } } }), { mode: 0o600 })
    await server.restart()
    expect((await server.sallyport.notices()).join('\n')).toMatch(/The provider openai that was saved is not used/)
  })
})

import { describe, expect, test } from 'vitest'
import { requireSafe } from './greet.ts'
import { ConfigProblem, loadConfig } from './load.ts'
import { isExposed, reviewConfig } from './review.ts'

const PLACES = { SALLYPORT_CONFIG_DIR: '/nowhere/config', SALLYPORT_DATA_DIR: '/nowhere/data' }
const SOUND = { SALLYPORT_HTTP_PUBLIC_URL: 'https://chat.example.org', SALLYPORT_HTTP_HOSTS: 'chat.example.org', SALLYPORT_HTTP_PROXIES: '127.0.0.1', SALLYPORT_PRESET: 'team' }
const review = (settings: Record<string, string>) => {
  const environment = { ...PLACES, ...settings }
  const config = loadConfig({}, environment)
  return { config, concerns: reviewConfig(config, environment) }
}
const told = (settings: Record<string, string>) => review(settings).concerns.map(({ about }) => about)
function refusal(settings: Record<string, string>): readonly string[] {
  const { config, concerns } = review(settings)
  try {
    requireSafe(config, concerns)
    return []
  } catch (error) {
    if (error instanceof ConfigProblem) return error.problems
    throw error
  }
}

describe('a valid configuration', () => {
  test('of one person on one machine, and a sound one of a team, have nothing against them', () => {
    expect(told({})).toEqual([])
    expect(told(SOUND)).toEqual([])
  })

  test.each<readonly [string, Record<string, string>, string]>([
    ['listens to every network, without a proxy', { SALLYPORT_HTTP_HOST: '0.0.0.0', SALLYPORT_PRESET: 'team' }, 'http.host'],
    ['has a public address and no proxy', { ...SOUND, SALLYPORT_HTTP_PROXIES: '' }, 'http.proxies'],
    ['takes everybody for a proxy', { ...SOUND, SALLYPORT_HTTP_PROXIES: '0.0.0.0/0' }, 'http.proxies'],
    ['takes everybody for a proxy by IPv6', { ...SOUND, SALLYPORT_HTTP_PROXIES: '::/0' }, 'http.proxies'],
    ['does not know its own name', { ...SOUND, SALLYPORT_HTTP_HOSTS: 'other.example.org' }, 'http.hosts'],
    ['sends people to plain HTTP', { ...SOUND, SALLYPORT_HTTP_PUBLIC_URL: 'http://chat.example.org' }, 'http.publicUrl'],
    ['is for one person and has a public address', { ...SOUND, SALLYPORT_PRESET: 'personal' }, 'preset'],
    ['lets people sign up and sends no mail', { SALLYPORT_IDENTITY_SIGN_UP_DOMAINS: 'example.org' }, 'identity.signUpDomains'],
    ['asks Redis elsewhere without TLS', { SALLYPORT_REDIS_URL: 'redis://cache.example.org:6379' }, 'redis.url'],
    ['keeps backups within the data', { SALLYPORT_BACKUP_DIRECTORY: '/nowhere/data/backups' }, 'backup.directory'],
    ['trusts every certificate', { NODE_TLS_REJECT_UNAUTHORIZED: '0' }, 'NODE_TLS_REJECT_UNAUTHORIZED'],
    ['opens the debugger', { NODE_OPTIONS: '--max-old-space-size=64 --inspect=0.0.0.0:9229' }, 'NODE_OPTIONS'],
    ['logs everything', { SALLYPORT_LOG_LEVEL: 'debug' }, 'log.level'],
    ['stretches a short passphrase', { SALLYPORT_VAULT_KIND: 'passphrase', SALLYPORT_VAULT_PASSPHRASE: 'env:PHRASE', PHRASE: 'swordfish-nineteen-' }, 'vault.passphrase'],
  ])('that %s is told so, with its mend', (_, settings, about) => {
    const [concern, ...more] = review(settings).concerns
    expect(more).toEqual([])
    expect(concern).toMatchObject({ about })
    for (const text of [concern?.found, concern?.means, concern?.mend]) expect(text).toMatch(/^[A-Z].+/)
    expect(JSON.stringify(concern)).not.toContain('swordfish')
  })

  test.each<readonly [string, Record<string, string>]>([
    ['a socket of this machine', { SALLYPORT_STORE_URL: 'postgres:///sallyport?host=/run/postgresql' }], ['this machine', { SALLYPORT_STORE_URL: 'postgres://a@127.0.0.1/b' }], ['TLS', { SALLYPORT_STORE_URL: 'postgres://a@db.example.org/b?sslmode=verify-full' }],
    ['Redis with TLS', { SALLYPORT_REDIS_URL: 'rediss://cache.example.org:6379' }], ['a backup folder whose name only begins alike', { SALLYPORT_BACKUP_DIRECTORY: '/nowhere/data-backups' }],
  ])('with %s has nothing against it', (_, settings) => { expect(told(settings)).toEqual([]) })
})

describe('a start that others can reach', () => {
  test('is one that listens wider, has a proxy, a public address, or a preset for several', () => {
    for (const settings of [{ SALLYPORT_HTTP_HOST: '0.0.0.0' }, { SALLYPORT_HTTP_PROXIES: '10.0.0.1' }, { SALLYPORT_HTTP_PUBLIC_URL: 'https://chat.example.org' }, { SALLYPORT_PRESET: 'public' }]) expect(isExposed(review(settings).config)).toBe(true)
    for (const settings of [{}, { SALLYPORT_HTTP_HOST: '::1' }, { SALLYPORT_HTTP_PUBLIC_URL: 'http://localhost:8080' }]) expect(isExposed(review(settings).config)).toBe(false)
  })

  test('is refused for everything that is grave, at once', () => {
    const refused = refusal({ ...SOUND, SALLYPORT_LOG_LEVEL: 'debug', SALLYPORT_HTTP_PROXIES: '0.0.0.0/0', NODE_TLS_REJECT_UNAUTHORIZED: '0' })
    expect(refused.map((problem) => problem.split(':')[0])).toEqual(['NODE_TLS_REJECT_UNAUTHORIZED', 'log.level', 'http.proxies'])
    for (const problem of refused) expect(problem).toMatch(/Take|Set|List/)
  })

  test('goes on with what is only worth knowing; and one person\'s own machine is told, not refused', () => {
    expect(refusal({ ...SOUND, SALLYPORT_HTTP_PROXIES: '' })).toEqual([])
    expect(refusal({ SALLYPORT_LOG_LEVEL: 'debug', NODE_TLS_REJECT_UNAUTHORIZED: '0' })).toEqual([])
  })
})

describe('a provider key in the configuration', () => {
  test.each(['your-api-key-here', 'sk-xxxxxxxxxxxxxxxxxxxx', 'changeme-changeme', 'aaaaaaaaaaaaaaaa', 'AKIAIOSFODNN7EXAMPLE'])('that is a placeholder or a published example stops the start: %s', (key) => {
    const problem = (() => { try { loadConfig({}, { ...PLACES, OPENAI_API_KEY: key }); return '' } catch (error) { return String(error) } })()
    expect(problem).toMatch(/providers\.openai\.credential: env:OPENAI_API_KEY does not hold a key\. This is a placeholder or a published example/)
    expect(problem).not.toContain(key)
  })
})

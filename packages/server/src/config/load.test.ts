import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Secret } from '../kernel/secret.ts'
import { ConfigProblem, loadConfig } from './load.ts'
import { settingPaths } from './paths.ts'
import { parseFlags } from './flags.ts'

let directory: string
let environment: Record<string, string>
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sallyport-config-'))
  environment = { SALLYPORT_CONFIG_DIR: directory, SALLYPORT_DATA_DIR: join(directory, 'data') }
})
afterEach(async () => { await rm(directory, { recursive: true, force: true }) })

const file = async (text: string, mode = 0o600) => {
  await writeFile(join(directory, 'sallyport.json'), text)
  await chmod(join(directory, 'sallyport.json'), mode)
}
const problemsOf = (flags = {}, more: Record<string, string> = {}): readonly string[] => {
  try {
    loadConfig(flags, { ...environment, ...more })
  } catch (error) {
    if (error instanceof ConfigProblem) return error.problems
    throw error
  }
  return []
}

describe('the configuration', () => {
  test('has a default for everything, and is frozen to its depths', () => {
    const config = loadConfig({}, environment)
    expect(config).toMatchObject({ http: { host: '127.0.0.1', port: 8080 }, store: { url: 'sqlite:' }, vault: { kind: 'key-file' }, providers: {} })
    expect(config.keyFile).toBe(join(directory, 'sallyport.key'))
    expect(() => { Object.assign(config.http, { port: 1 }) }).toThrow(TypeError)
    expect(() => { Object.assign(config, { preset: 'x' }) }).toThrow(TypeError)
  })

  test('a flag wins over the environment, that over the file, that over the default', async () => {
    await file('{"http":{"port":1001,"host":"127.0.0.5"},"log":{"level":"error"}}')
    expect(loadConfig({}, environment).http.port).toBe(1001)
    expect(loadConfig({}, { ...environment, SALLYPORT_HTTP_PORT: '1002' }).http.port).toBe(1002)
    const config = loadConfig({ 'http.port': '1003' }, { ...environment, SALLYPORT_HTTP_PORT: '1002' })
    expect(config).toMatchObject({ http: { port: 1003, host: '127.0.0.5' }, log: { level: 'error' } })
  })

  test('every setting can be set by its name in the environment', () => {
    for (const path of settingPaths()) {
      const name = `SALLYPORT_${path.map((word) => word.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()).join('_')}`
      expect(problemsOf({}, { [name]: '\u0000nonsense' }).join()).not.toContain('there is no such setting')
    }
    expect(settingPaths().length).toBeGreaterThan(10)
  })

  test('API_KEYS brings keys that were made elsewhere, and says which of them could be guessed without repeating it', () => {
    const [one, other] = ['a-key-of-the-old-server-0123456789', 'QmFzZTY0IG9mIHNvbWV0aGluZyBsb25nLi4u']
    expect(loadConfig({}, { ...environment, API_KEYS: ` ${one}, ${other},` }).importedKeys.map((key) => key.reveal())).toEqual([one, other])
    expect(loadConfig({}, environment).importedKeys).toEqual([])
    for (const [bad, reason] of [['short-key-that-is-31-characters', '32'], ['aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'guessed'], [`${one} with a space`, 'spaces']] as const) {
      const problems = problemsOf({}, { API_KEYS: `${one},${bad}` })
      expect(problems).toEqual([expect.stringMatching(new RegExp(`^API_KEYS: key 2 .*${reason}`))])
      expect(problems.join()).not.toContain(bad)
    }
  })

  test('a secret comes from where its reference points, and prints as [secret]', async () => {
    await writeFile(join(directory, 'key.txt'), 'a-credential-in-a-file\n')
    await file(JSON.stringify({ providers: { one: { adapter: 'openai', credential: 'env:MY_KEY' }, two: { adapter: 'openai', credential: `file:${join(directory, 'key.txt')}` } } }))
    const config = loadConfig({}, { ...environment, MY_KEY: 'a-credential-in-the-environment' })
    expect(config.providers['one']?.credential?.reveal()).toBe('a-credential-in-the-environment')
    expect(config.providers['two']?.credential?.reveal()).toBe('a-credential-in-a-file')
    expect(JSON.stringify(config)).not.toContain('a-credential')
    expect(config.providers['one']?.credential).toBeInstanceOf(Secret)
  })
})

describe('a bad configuration is refused with its mend', () => {
  test.each([
    ['text', 'hello'], ['half an object', '{"http":'], ['a list', '[]'], ['null', 'null'], ['a text', '"x"'], ['nothing', ''], ['a trailing comma', '{"http":{"port":1},}'],
  ])('a file that is %s', async (_, text) => {
    await file(text)
    expect(problemsOf()).toEqual([expect.stringMatching(/sallyport\.json: it is not a JSON object\. Mend it/)])
  })

  test.each([
    [{ http: { port: 'x' } }, /^http\.port: /], [{ http: { port: 70_000 } }, /^http\.port: /], [{ http: { port: -1 } }, /^http\.port: /], [{ http: 1 }, /^http: /], [{ http: { prot: 1 } }, /http\.prot: there is no such setting\. Remove it/],
    [{ nonsense: 1 }, /^nonsense: there is no such setting/], [{ store: { url: 'mysql://x' } }, /^store\.url: Give sqlite: or postgres/], [{ vault: { kind: 'paper' } }, /^vault\.kind: /], [{ log: { level: 'loud' } }, /^log\.level: /],
    [{ limits: { turnsPerMinute: 0 } }, /^limits\.turnsPerMinute: /], [{ limits: { turnsPerMinute: 1e9 } }, /^limits\.turnsPerMinute: /], [{ limits: { concurrentTurns: 2.5 } }, /^limits\.concurrentTurns: /],
    [{ providers: { Bad: { adapter: 'openai' } } }, /^providers/], [{ providers: { one: {} } }, /^providers\.one\.adapter: /], [{ providers: { one: { adapter: 'openai', credential: 'sk-in-clear-and-not-a-reference' } } }, /^providers\.one\.credential: Name where the secret is/],
    [{ providers: { one: { adapter: 'openai', baseUrl: 'ftp://x' } } }, /^providers\.one\.baseUrl: /], [{ providers: { one: { adapter: 'openai', credential: 'env:NOT_THERE' } } }, /^providers\.one\.credential: env:NOT_THERE is empty or too short/],
    [{ providers: { one: { adapter: 'openai', credential: 'file:/nowhere/at/all' } } }, /^providers\.one\.credential: the file \/nowhere\/at\/all cannot be read/], [{ preset: 'fancy' }, /^preset: /],
    [{ guard: { recognisers: ['faces'] } }, /^guard\.recognisers\.0: Choose among person and postal-address/], [{ guard: { models: { 'no-slash': {} } } }, /^guard\.models\.no-slash: /],
    [{ guard: { models: { 'a/*': { preset: 'fancy' } } } }, /^guard\.models\.a\/\*\.preset: /], [{ guard: { models: { 'a/*': { stricter: { emial: { user: 'mask' } } } } } }, /^guard\.models\.a\/\*\.stricter/],
    [{ guard: { models: { 'a/b': { stricter: { email: { user: 'allow' } } } } } }, /^guard\.models\.a\/b: stricter\.email\.user: allow is milder than pseudonymise/],
    [{ guard: { models: { 'a/b': { stricter: { email: { retrieved: 'challenge' } } } } } }, /challenge has no meaning there/],
  ])('%j', async (settings, expected) => {
    await file(JSON.stringify(settings))
    const problems = problemsOf()
    expect(problems.join('\n')).toMatch(new RegExp(expected.source, 'm'))
    expect(problems.join('\n')).not.toContain('sk-in-clear')
  })

  test('a file that others can write', async () => {
    for (const mode of [0o620, 0o602, 0o666]) {
      await file('{}', mode)
      expect(problemsOf()).toEqual([expect.stringMatching(/others can write it\. Run: chmod go-w/)])
    }
    await file('{}', 0o644)
    expect(problemsOf()).toEqual([])
  })

  test('a path that is a directory', async () => {
    await mkdir(join(directory, 'sallyport.json'))
    expect(problemsOf().join()).toMatch(/sallyport\.json/)
  })

  test('a name in the environment that no setting has', () => {
    expect(problemsOf({}, { SALLYPORT_HTTP_PROT: '1' })).toEqual([expect.stringMatching(/^SALLYPORT_HTTP_PROT: there is no such setting/)])
    expect(problemsOf({}, { SALLYPORT_TEST_REQUIRE: 'x', SALLYPORT_API_KEY: 'x', OTHER: 'x' })).toEqual([])
  })

  test('all problems are told at once, from every source', async () => {
    await file(JSON.stringify({ http: { port: 'x' }, nonsense: true, providers: { one: { adapter: 'openai', credential: 'env:NOT_THERE' } } }), 0o666)
    const problems = problemsOf({ 'log.level': 'loud' }, { SALLYPORT_WHAT: '1', SALLYPORT_LIMITS_TURNS_PER_MINUTE: '0' })
    const all = problems.join('\n')
    for (const expected of ['chmod go-w', 'http.port', 'nonsense', 'SALLYPORT_WHAT', 'log.level', 'limits.turnsPerMinute', 'providers.one.credential']) expect(all).toContain(expected)
  })

  test.each(['{"__proto__":{"http":{"port":1}}}', '{"http":{"__proto__":{"port":1}}}', '{"constructor":{"prototype":{"port":1}}}', '{"http":{"constructor":1}}'])('%s reaches no prototype', async (text) => {
    await file(text)
    const problems = problemsOf()
    expect(problems.length > 0 || loadConfig({}, environment).http.port === 8080).toBe(true)
    expect(Object.hasOwn(Object.prototype, 'http') || 'port' in {}).toBe(false)
  })
})

describe('flags', () => {
  test('come with a space or an equals sign', () => {
    expect(parseFlags(['--http.port', '9000', '--log.level=error', '--preset', 'team'])).toEqual({ 'http.port': '9000', 'log.level': 'error', preset: 'team' })
    expect(parseFlags(['--http.hosts=a=b'])).toEqual({ 'http.hosts': 'a=b' })
  })

  test.each([[['http.port', '9000']], [['--http.port']], [['-p', '9000']], [['--']], [['--HTTP.port', '1']], [['--a.b.c', '1']], [['--__proto__.x', '1']], [['']]])('%j are refused, with what to write', (words) => {
    expect(() => parseFlags(words)).toThrow(/give settings as --area\.key VALUE/)
  })

  test('one that no setting has is refused like any other', () => {
    expect(problemsOf({ 'http.prot': '1' })).toEqual([expect.stringMatching(/http\.prot: there is no such setting/)])
    expect(problemsOf({ 'constructor.prototype': '1' })).not.toEqual([])
    expect(problemsOf({ 'http': '1' })).toEqual([expect.stringMatching(/^http: /)])
  })
})

test('the guard\'s recognisers and models are taken from the environment too, the table as JSON', () => {
  const { guard } = loadConfig({}, { ...environment, SALLYPORT_GUARD_RECOGNISERS: 'person, postal-address', SALLYPORT_GUARD_MODELS: '{"far/*":{"preset":"public"}}' })
  expect(guard).toEqual({ recognisers: ['person', 'postal-address'], models: { 'far/*': { preset: 'public' } } })
  expect(problemsOf({}, { SALLYPORT_GUARD_MODELS: '{"far' })).toEqual([expect.stringMatching(/^guard\.models: /)])
})

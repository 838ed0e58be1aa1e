import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { aliases } from './aliases.ts'
import { requireSafe } from './greet.ts'
import { ConfigProblem, loadConfig, type Config, type Flags } from './load.ts'
import { describeAliases, describeSettings } from './reference.ts'
import { reviewConfig } from './review.ts'
import { effectiveSettings } from './settings.ts'

const KEY = 'sk-unguessable-0123456789abcdef'
const PROGRAMS_KEY = 'a-key-of-the-old-server-0123456789'

let directory: string
let places: Record<string, string>
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sallyport-aliases-'))
  places = { SALLYPORT_CONFIG_DIR: directory, SALLYPORT_DATA_DIR: join(directory, 'data') }
})
afterEach(async () => { await rm(directory, { recursive: true, force: true }) })

const file = (settings: object) => writeFile(join(directory, 'sallyport.json'), JSON.stringify(settings), { mode: 0o600 })
const load = (variables: Record<string, string>, flags: Flags = {}): Config => loadConfig(flags, { ...places, ...variables })
const told = (variables: Record<string, string>, flags: Flags = {}) => reviewConfig(load(variables, flags), { ...places, ...variables })
function problemsOf(body: () => unknown): readonly string[] {
  try { body() } catch (error) {
    if (error instanceof ConfigProblem) return error.problems
    throw error
  }
  return []
}
const keyOf = (config: Config, name: string) => config.providers[name]?.credential?.reveal()

/** What each name sets, as the loaded configuration shows it. */
const effects: Readonly<Record<string, { readonly given: string; readonly further?: Record<string, string>; readonly seen: (config: Config) => unknown; readonly is: unknown }>> = {
  OPENAI_API_KEY: { given: KEY, seen: (config) => [config.providers['openai']?.adapter, keyOf(config, 'openai')], is: ['openai', KEY] },
  GEMINI_API_KEY: { given: KEY, seen: (config) => [config.providers['gemini']?.adapter, keyOf(config, 'gemini')], is: ['gemini', KEY] },
  OPENROUTER_API_KEY: { given: KEY, seen: (config) => [config.providers['openrouter']?.adapter, keyOf(config, 'openrouter')], is: ['openrouter', KEY] },
  ANTHROPIC_API_KEY: { given: KEY, seen: (config) => [config.providers['anthropic']?.adapter, keyOf(config, 'anthropic')], is: ['anthropic', KEY] },
  OPENROUTER_MODEL: { given: 'meta-llama/llama-4, openai/gpt-5', further: { OPENROUTER_API_KEY: KEY }, seen: (config) => config.providers['openrouter']?.models, is: ['meta-llama/llama-4', 'openai/gpt-5'] },
  API_KEYS: { given: PROGRAMS_KEY, seen: (config) => config.importedKeys.map((key) => key.reveal()), is: [PROGRAMS_KEY] },
  RATE_LIMIT_MESSAGES_PER_HOUR: { given: '77', seen: (config) => config.limits.rates['turn-by-key'], is: 77 },
  MAX_SESSIONS_PER_API_KEY: { given: '7', seen: (config) => config.limits.ephemeralByKey, is: 7 },
  MAX_TOTAL_SESSIONS: { given: '70', seen: (config) => config.limits.ephemeralInAll, is: 70 },
  MAX_MESSAGE_LENGTH: { given: '2500', seen: (config) => config.limits.questionCharacters, is: 2_500 },
  MAX_HISTORY_MESSAGES: { given: '33', seen: (config) => config.limits.historyMessages, is: 33 },
  SESSION_TTL_MINUTES: { given: '45', seen: (config) => config.retention.ephemeralMinutes, is: 45 },
  LOG_LEVEL: { given: 'CRITICAL', seen: (config) => config.log.level, is: 'error' },
  ENVIRONMENT: { given: 'Staging', seen: (config) => config.environment, is: 'staging' },
  ENV: { given: 'dev', seen: (config) => config.environment, is: 'development' },
  DEBUG: { given: 'true', further: { ENV: 'development' }, seen: (config) => config.log.level, is: 'debug' },
  FLASK_DEBUG: { given: '1', further: { ENV: 'development' }, seen: (config) => config.log.level, is: 'debug' },
  FLASK_HOST: { given: '127.0.0.2', seen: (config) => config.http.host, is: '127.0.0.2' },
  FLASK_PORT: { given: '5000', seen: (config) => config.http.port, is: 5_000 },
}
/** What each name asks for that is not there, and what is told instead. */
const idle: Readonly<Record<string, { readonly given: string; readonly says: RegExp; /** A value that asks for nothing. */ readonly quiet?: string }>> = {
  ALLOWED_ORIGINS: { given: 'https://app.example.org', says: /no effect.*origins/ },
  QDRANT_URL: { given: 'http://qdrant:6333', says: /no effect.*no vector database yet/ },
  QDRANT_API_KEY: { given: KEY, says: /no effect.*no vector database yet/ },
  RATE_LIMIT_VOICE_CONCURRENT: { given: '10', says: /no effect.*no voice yet/ },
  MAX_AUDIO_SIZE_MB: { given: '10', says: /no effect.*no voice yet/ },
  FORCE_HTTPS: { given: 'true', says: /no effect.*does not redirect by itself yet/, quiet: 'false' },
  ENABLE_JSON_LOGGING: { given: 'false', says: /no effect.*always of JSON lines/, quiet: 'true' },
}
/** The names that the control lists. */
const LISTED = `OPENAI_API_KEY GEMINI_API_KEY OPENROUTER_API_KEY OPENROUTER_MODEL ALLOWED_ORIGINS API_KEYS QDRANT_URL QDRANT_API_KEY RATE_LIMIT_MESSAGES_PER_HOUR RATE_LIMIT_VOICE_CONCURRENT
  MAX_SESSIONS_PER_API_KEY MAX_TOTAL_SESSIONS MAX_MESSAGE_LENGTH MAX_AUDIO_SIZE_MB MAX_HISTORY_MESSAGES SESSION_TTL_MINUTES FORCE_HTTPS ENABLE_JSON_LOGGING LOG_LEVEL ENV ENVIRONMENT DEBUG FLASK_HOST FLASK_PORT FLASK_DEBUG`.split(/\s+/)

describe('the usual names of others', () => {
  test('are all known, each in one of the tables of this test and in the reference', () => {
    const known = aliases.map(({ variable }) => variable)
    expect(LISTED.filter((name) => !known.includes(name))).toEqual([])
    expect(known.toSorted()).toEqual([...Object.keys(effects), ...Object.keys(idle)].toSorted())
    expect(describeAliases().map(({ variable }) => variable)).toEqual(known)
  })

  test.each(Object.entries(effects))('%s sets what it means, and nothing without it', (variable, { given, further = {}, seen, is }) => {
    expect(seen(load({ ...further, [variable]: given }))).toEqual(is)
    expect(seen(load(further))).not.toEqual(is)
    expect(seen(load({ ...further, [variable]: '' }))).toEqual(seen(load(further)))
    expect(JSON.stringify(load({ ...further, [variable]: given }))).not.toContain(KEY)
  })

  test.each(Object.entries(idle))('%s changes nothing, and the start says so', (variable, { given, says, quiet }) => {
    const { aliasUses: _, ...with_ } = load({ [variable]: given })
    const { aliasUses: __, ...without } = load({})
    expect(with_).toEqual(without)
    const [concern, ...more] = told({ [variable]: given })
    expect(more).toEqual([])
    expect(concern).toMatchObject({ about: variable, isGrave: false, found: expect.stringMatching(says) as string })
    expect(JSON.stringify(concern)).not.toContain(given === KEY ? KEY : 'app.example')
    if (quiet !== undefined) expect(told({ [variable]: quiet })).toEqual([])
  })

  test.each(['OPENAI_KEY', 'openai_api_key', 'OPENAI_API_KEYS', 'MY_OPENAI_API_KEY', 'API_KEY', 'MAX_MESSAGES_LENGTH', 'FLASK_PORTS', 'FLASK', 'PORT', 'HOST', 'ENVIRONMENTS', 'LOGLEVEL', 'DEBUG_MODE', 'SESSION_TTL', 'QDRANT', 'constructor', '__proto__'])('%s only looks like one, and is not taken', (variable) => {
    expect(load({ [variable]: KEY })).toEqual(load({}))
    expect(told({ [variable]: KEY })).toEqual([])
  })

  test('are read in the ways that others write them', () => {
    expect(['DEBUG', 'INFO', 'Warning', 'ERROR', 'CRITICAL', 'fatal'].map((given) => load({ LOG_LEVEL: given }).log.level)).toEqual(['debug', 'info', 'warn', 'error', 'error', 'error'])
    expect(['prod', 'PRODUCTION', 'stage', 'dev', 'Development'].map((given) => load({ ENV: given }).environment)).toEqual(['production', 'production', 'staging', 'development', 'development'])
    // What shells know as ENV is the file that they read at their start.
    for (const given of ['/home/me/.shrc', '~/.shrc', '$HOME/.shrc']) expect(load({ ENV: given })).toEqual(load({}))
    expect(load({ RATE_LIMIT_MESSAGES_PER_HOUR: '77', SALLYPORT_LIMITS_RATES: '{"turn": 5}' }).limits.rates).toEqual({ turn: 5, 'turn-by-key': 77 })
  })

  test('that fit nowhere are refused, and named beside the setting', () => {
    expect(problemsOf(() => load({ MAX_MESSAGE_LENGTH: 'many' }))).toEqual([expect.stringMatching(/^limits\.questionCharacters: Give a whole number.* It comes from MAX_MESSAGE_LENGTH\.$/)])
    expect(problemsOf(() => load({ ENV: 'moon' }))).toEqual([expect.stringMatching(/^environment: .* It comes from ENV\.$/)])
    expect(problemsOf(() => load({ RATE_LIMIT_MESSAGES_PER_HOUR: '0' }))).toEqual([expect.stringMatching(/It comes from RATE_LIMIT_MESSAGES_PER_HOUR\.$/)])
    expect(problemsOf(() => load({ OPENAI_API_KEY: 'your-api-key-here' }))).toEqual([expect.stringMatching(/^providers\.openai\.credential: env:OPENAI_API_KEY does not hold a key/)])
  })
})

describe('a setting that is given by its own name', () => {
  test('wins over its alias from the environment, from flags and from the file, and that is told', async () => {
    const aliased = { MAX_MESSAGE_LENGTH: '2500' }
    const expected = [expect.objectContaining({ about: 'MAX_MESSAGE_LENGTH', isGrave: false, found: 'MAX_MESSAGE_LENGTH says something else than limits.questionCharacters, which wins.' })]
    expect(load({ ...aliased, SALLYPORT_LIMITS_QUESTION_CHARACTERS: '3000' }).limits.questionCharacters).toBe(3_000)
    expect(told({ ...aliased, SALLYPORT_LIMITS_QUESTION_CHARACTERS: '3000' })).toEqual(expected)
    expect(load(aliased, { 'limits.questionCharacters': '3000' }).limits.questionCharacters).toBe(3_000)
    expect(told(aliased, { 'limits.questionCharacters': '3000' })).toEqual(expected)
    await file({ limits: { questionCharacters: 3_000 } })
    expect(load(aliased).limits.questionCharacters).toBe(3_000)
    expect(told(aliased)).toEqual(expected)
  })

  test('and says the same is nothing to tell of', () => {
    expect(told({ MAX_MESSAGE_LENGTH: '3000', SALLYPORT_LIMITS_QUESTION_CHARACTERS: '3000' })).toEqual([])
  })

  test('wins for providers too: no key is put into an entry whose address may be another\'s', async () => {
    await file({ providers: { openai: { adapter: 'openai-compatible', baseUrl: 'http://127.0.0.1:1/v1' }, openrouter: { adapter: 'openrouter', credential: 'env:OPENROUTER_API_KEY' } } })
    const variables = { OPENAI_API_KEY: KEY, OPENROUTER_API_KEY: KEY, OPENROUTER_MODEL: 'a/b' }
    expect(load(variables).providers).toMatchObject({ openai: { adapter: 'openai-compatible', credential: null }, openrouter: { models: ['a/b'] } })
    expect(told(variables).map(({ about }) => about)).toEqual(['OPENAI_API_KEY'])
  })
})

test('two names that say different things of one setting are a problem, and the same thing is none', () => {
  expect(problemsOf(() => load({ ENV: 'staging', ENVIRONMENT: 'production' }))).toEqual([expect.stringMatching(/^ENV: ENVIRONMENT says something else of environment\. Take one of them out, or set SALLYPORT_ENVIRONMENT\.$/)])
  expect(load({ ENV: 'prod', ENVIRONMENT: 'production' }).environment).toBe('production')
})

test('a model without the key of its provider is told of', () => {
  expect(told({ OPENROUTER_MODEL: 'a/b' })).toEqual([expect.objectContaining({ about: 'OPENROUTER_MODEL', found: 'OPENROUTER_MODEL has no effect: there is no key for openrouter.' })])
})

describe('debug mode', () => {
  test.each(['DEBUG', 'FLASK_DEBUG'])('by %s refuses a production start, whatever its value but plainly off', (variable) => {
    for (const given of ['1', 'true', 'True', 'yes', 'express:*', 'on']) expect(problemsOf(() => load({ [variable]: given }))).toEqual([expect.stringMatching(new RegExp(`^${variable}: debug mode`))])
    for (const given of ['0', 'false', 'False', 'no', 'off', '']) expect(load({ [variable]: given })).toEqual(load({}))
    expect(problemsOf(() => load({ [variable]: '1', ENV: 'staging' }))).toEqual([])
  })

  test('does not stay hidden behind a level that is set, and refuses a server that others can reach', () => {
    expect(problemsOf(() => load({ DEBUG: '1', SALLYPORT_LOG_LEVEL: 'info' }))).toEqual([expect.stringMatching(/^DEBUG/)])
    expect(told({ DEBUG: '1', ENV: 'dev', LOG_LEVEL: 'info' })).toEqual([expect.objectContaining({ about: 'DEBUG', found: 'DEBUG says something else than LOG_LEVEL, which wins.' })])
    const variables = { DEBUG: '1', ENV: 'dev', SALLYPORT_PRESET: 'team' }
    expect(problemsOf(() => { requireSafe(load(variables), told(variables)) })).toEqual([expect.stringMatching(/^log\.level: /)])
  })
})

test('every origin at once refuses a server that others can reach', () => {
  const variables = { ALLOWED_ORIGINS: 'https://a.example.org,*', SALLYPORT_PRESET: 'team' }
  expect(problemsOf(() => { requireSafe(load(variables), told(variables)) })).toEqual([expect.stringMatching(/^ALLOWED_ORIGINS: /)])
  expect(problemsOf(() => { requireSafe(load({ ALLOWED_ORIGINS: '*' }), told({ ALLOWED_ORIGINS: '*' })) })).toEqual([])
})

test('doctor shows where a value came from, also by another name', () => {
  const environment = { ...places, MAX_MESSAGE_LENGTH: '2500', RATE_LIMIT_MESSAGES_PER_HOUR: '77' }
  const settings = effectiveSettings(loadConfig({}, environment), { environment, file: null, fileNames: new Set(['MAX_MESSAGE_LENGTH']), problems: [] })
  expect(settings.find(({ setting }) => setting === 'limits.questionCharacters')).toMatchObject({ value: '2500', from: '.env' })
  expect(settings.find(({ setting }) => setting === 'limits.rates')).toMatchObject({ from: 'environment' })
})

describe('the reference', () => {
  test('has a default, a range and an effect for every setting', () => {
    const settings = describeSettings()
    expect(settings.length).toBeGreaterThan(100)
    for (const { setting, range, effect } of settings) expect({ setting, range, effect }).toEqual({ setting, range: expect.stringMatching(/\w/) as string, effect: expect.stringMatching(/^\S.{8,}/) as string })
    expect(settings.find(({ setting }) => setting === 'limits.questionCharacters')).toMatchObject({ default: '4000', range: '100 to 100000', presets: { team: '10000', public: '1000' } })
  })

  test('the example file sets nothing but defaults when all of it is taken', () => {
    const lines = readFileSync(join(import.meta.dirname, '../../../../.env.example'), 'utf8').split('\n').map((line) => /^# (SALLYPORT_\w+)=(.+)$/.exec(line)).filter((match) => match !== null)
    expect(lines.length).toBeGreaterThan(70)
    expect(load(Object.fromEntries(lines.map(([, name, value]) => [name, value])))).toEqual(load({}))
  })
})

import { X509Certificate } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import * as z from 'zod'
import { Secret } from '../kernel/secret.ts'
import { keyFormRefusal } from '../policy/key-form.ts'
import { importRefusal } from '../policy/imported-keys.ts'
import { presetNamed } from '../policy/presets.ts'
import { ENVIRONMENT_FILE, ENVIRONMENT_IDENTITY, readEnvironmentFile } from './env-file.ts'
import { setAt, settingPaths, variableOf } from './paths.ts'
import { ConfigSchema, REMOTE_REFERENCE, type ParsedConfig } from './schema.ts'
import { secretFilesIn, type SecretFile } from './secret-files.ts'
import { takeAliases, type AliasUse } from './take-aliases.ts'

/** The configuration as the server uses it: frozen, with places resolved and secrets read. */
export interface Config extends Omit<ParsedConfig, 'providers' | 'identityProviders' | 'moderation' | 'mail' | 'vault' | 'redis' | 'backup' | 'humanCheck' | 'store'> {
  /** `authority` is the PEM itself. */
  readonly store: Omit<ParsedConfig['store'], 'credential' | 'authority'> & { readonly credential: Secret | null; readonly authority: string | null }
  readonly backup: Omit<ParsedConfig['backup'], BackupSecret> & Readonly<Record<BackupSecret, Secret | null>>
  readonly vault: Omit<ParsedConfig['vault'], VaultSecret> & VaultSecrets
  readonly dataDirectory: string
  readonly configDirectory: string
  /** The files that settings name as places of secrets. */
  readonly secretFiles: readonly SecretFile[]
  readonly keyFile: string
  /** The folder for backups. */
  readonly backupDirectory: string
  readonly providers: Readonly<Record<string, ResolvedProvider>>
  readonly identityProviders: Readonly<Record<string, ResolvedIdentityProvider>>
  /** Keys that were made elsewhere, from `API_KEYS`; taken up at the start as digests (SEC-13). */
  readonly importedKeys: readonly Secret[]
  /** What became of the usual names of others in the environment. */
  readonly aliasUses: readonly AliasUse[]
  readonly moderation: Omit<ParsedConfig['moderation'], 'credential'> & { readonly credential: Secret | null }
  readonly humanCheck: Omit<ParsedConfig['humanCheck'], 'credential'> & { readonly credential: Secret | null }
  readonly redis: Omit<ParsedConfig['redis'], 'credential'> & { readonly credential: Secret | null }
  readonly mail: Omit<ParsedConfig['mail'], 'credential'> & { readonly credential: Secret | null }
}
export interface ResolvedIdentityProvider extends Omit<ParsedConfig['identityProviders'][string], 'clientSecret'> { readonly clientSecret: Secret | null }
export interface ResolvedProvider extends Omit<ParsedConfig['providers'][string], 'credential'> { readonly credential: Secret | null }

/** Everything that is wrong with the configuration, each with its mend. Printed at start; no value is ever in it. */
export class ConfigProblem extends Error {
  override readonly name = 'ConfigProblem'
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(`The configuration has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`)
    this.problems = problems
  }
}

/** The key with which a command asks a running server: `SALLYPORT_API_KEY`. Null when it is not set. */
export function loadClientKey(environment: Environment = process.env): Secret | null {
  const value = environment['SALLYPORT_API_KEY']?.trim() ?? ''
  return value === '' ? null : new Secret(value)
}

export type Environment = Readonly<Record<string, string | undefined>>
export type Flags = Readonly<Record<string, string>>

/** The environment of this process with what a `.env` file adds to it: what stands in the environment itself wins. */
export interface FullEnvironment { readonly environment: Environment; readonly file: string | null; readonly fileNames: ReadonlySet<string>; readonly problems: readonly string[] }

/** Settings of services that keep secrets, read. */
export interface ReferenceSettings extends Omit<ParsedConfig['references'], ReferenceSecret> { readonly secrets: Readonly<Record<ReferenceSecret, Secret | null>> }
type ReferenceSecret = 'vaultToken' | 'awsAccessKeyId' | 'awsSecretAccessKey' | 'awsSessionToken'
/** Reads what references name out of services: values by reference, and what went wrong. */
export type FetchSecrets = (settings: ReferenceSettings, references: readonly string[]) => Promise<{ readonly values: Readonly<Record<string, string>>; readonly problems: readonly string[] }>

/** Reads the environment, the `.env` file beside the configuration (SEC-5), and what references name in services. The only reader of the environment. */
export async function readEnvironment(fetchSecrets: FetchSecrets, own: Environment = process.env): Promise<FullEnvironment> {
  const { path, values, problems } = await readEnvironmentFile(configDirectoryOf(own), own)
  const environment = { ...values, ...own }
  const fetched = await fetchReferences(environment, fetchSecrets)
  return { environment: { ...environment, ...fetched.values }, file: path, fileNames: new Set(Object.keys(values).filter((name) => own[name] === undefined)), problems: [...problems, ...fetched.problems] }
}

/** The secrets that file and environment name in services. They stand in the environment under their references, which no variable can be called. */
async function fetchReferences(environment: Environment, fetchSecrets: FetchSecrets): ReturnType<FetchSecrets> {
  const told: string[] = []
  const merged = readConfigFile(configFileOf(environment), told)
  applyEnvironment(merged, environment, told)
  const { references, ...others } = merged
  const named = [...new Set(stringsIn(others).filter((text) => REMOTE_REFERENCE.test(text)))]
  const parsed = ConfigSchema.shape.references.safeParse(references ?? {})
  // What does not fit is told with all else, when the configuration is made.
  if (named.length === 0 || !parsed.success) return { values: {}, problems: [] }
  const { vaultToken, awsAccessKeyId, awsSecretAccessKey, awsSessionToken, ...settings } = parsed.data
  const problems: string[] = []
  const read = (name: ReferenceSecret, reference: string | undefined) => (reference === undefined ? null : readSecret(`references.${name}`, { reference, environment, problems }))
  const secrets = { vaultToken: read('vaultToken', vaultToken), awsAccessKeyId: read('awsAccessKeyId', awsAccessKeyId), awsSecretAccessKey: read('awsSecretAccessKey', awsSecretAccessKey), awsSessionToken: read('awsSessionToken', awsSessionToken) }
  if (problems.length > 0) return { values: {}, problems }
  return fetchSecrets({ ...settings, secrets }, named)
}

const stringsIn = (value: unknown): readonly string[] =>
  (typeof value === 'string' ? [value] : typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsIn) : [])

/** The configuration as a start reads it, `.env` file and all. Throws `ConfigProblem` with all problems at once, those of that file too. */
export async function readConfig(fetchSecrets: FetchSecrets, own?: Environment): Promise<Config> {
  const { environment, problems } = await readEnvironment(fetchSecrets, own)
  return loadConfig({}, environment, problems)
}

export const configDirectoryOf = (environment: Environment): string =>
  resolve(environment['SALLYPORT_CONFIG_DIR'] ?? join(environment['XDG_CONFIG_HOME'] ?? join(homedir(), '.config'), 'sallyport'))
export const configFileOf = (environment: Environment): string => join(configDirectoryOf(environment), 'sallyport.json')

/**
 * Makes the configuration out of defaults, the usual names of others, one file, the environment and flags (`area.key`), of which a later one wins. `before` is what was found
 * wrong already. Throws `ConfigProblem` with all problems at once.
 */
export function loadConfig(flags: Flags, environment: Environment, before: readonly string[] = []): Config {
  const configDirectory = configDirectoryOf(environment)
  const problems: string[] = [...before]
  const merged: Record<string, unknown> = readConfigFile(configFileOf(environment), problems)
  applyEnvironment(merged, environment, problems)
  for (const [path, value] of Object.entries(flags)) setAt(merged, path.split('.'), value)
  const aliasUses = takeAliases(merged, environment, problems)

  const parsed = ConfigSchema.safeParse(withPreset(merged))
  if (!parsed.success) problems.push(...parsed.error.issues.map((issue) => describeIssue(issue, aliasUses)))
  // Secrets are looked for also when something else is wrong, so that all is said at once.
  const providerArea = ConfigSchema.shape.providers.safeParse(merged['providers'])
  const providers = resolveProviders(providerArea.data ?? {}, environment, problems)
  const identityProviders = resolveIdentityProviders(ConfigSchema.shape.identityProviders.safeParse(merged['identityProviders']).data ?? {}, environment, problems)
  const reference = ConfigSchema.shape.moderation.safeParse(merged['moderation']).data?.credential
  const moderationCredential = reference === undefined ? null : readSecret('moderation.credential', { reference, environment, problems })
  const mailReference = ConfigSchema.shape.mail.safeParse(merged['mail']).data?.credential
  const mailCredential = mailReference === undefined ? null : readSecret('mail.credential', { reference: mailReference, environment, problems })
  const redisReference = ConfigSchema.shape.redis.safeParse(merged['redis']).data?.credential
  const redisCredential = redisReference === undefined ? null : readSecret('redis.credential', { reference: redisReference, environment, problems })
  const humanCheckReference = ConfigSchema.shape.humanCheck.safeParse(merged['humanCheck'] ?? {}).data?.credential
  const humanCheckCredential = humanCheckReference === undefined ? null : readSecret('humanCheck.credential', { reference: humanCheckReference, environment, problems })
  const vaultArea = ConfigSchema.shape.vault.safeParse(merged['vault'] ?? {}).data
  const vaultSecrets = vaultArea === undefined ? null : resolveVaultSecrets(vaultArea, environment, problems)
  const backupSecrets = resolveBackupSecrets(ConfigSchema.shape.backup.safeParse(merged['backup'] ?? {}).data, environment, problems)
  const storeSettings = resolveStore(ConfigSchema.shape.store.safeParse(merged['store'] ?? {}).data, environment, problems)
  const importedKeys = readImportedKeys(environment['API_KEYS'] ?? '', problems)
  if (!parsed.success || vaultSecrets === null || problems.length > 0) throw new ConfigProblem(problems)
  const dataDirectory = resolve(environment['SALLYPORT_DATA_DIR'] ?? parsed.data.data.directory ?? join(environment['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share'), 'sallyport'))
  return deepFreeze({ ...parsed.data, providers, identityProviders, importedKeys, aliasUses, store: { ...parsed.data.store, ...storeSettings }, moderation: { ...parsed.data.moderation, credential: moderationCredential }, mail: { ...parsed.data.mail, credential: mailCredential }, redis: { ...parsed.data.redis, credential: redisCredential }, humanCheck: { ...parsed.data.humanCheck, credential: humanCheckCredential }, vault: { ...parsed.data.vault, ...vaultSecrets }, backup: { ...parsed.data.backup, ...backupSecrets }, secretFiles: secretFilesIn(parsed.data), dataDirectory, configDirectory, keyFile: resolve(parsed.data.vault.file ?? join(configDirectory, 'sallyport.key')), backupDirectory: resolve(parsed.data.backup.directory ?? `${dataDirectory}-backups`) })
}

/** The vault that a store is to move to: a file with the settings of the area `vault`, as the configuration has them. Throws `ConfigProblem`. */
export async function loadNextVault(config: Config, path: string, fetchSecrets: FetchSecrets): Promise<Config> {
  const { environment, problems: before } = await readEnvironment(fetchSecrets)
  const problems: string[] = [...before]
  const parsed = ConfigSchema.shape.vault.safeParse(readConfigFile(path, problems))
  if (!existsSync(path)) problems.push(`${path}: there is no such file. Write the settings of the new vault into it, such as {"kind": "passphrase", "passphrase": "file:/run/secrets/passphrase"}.`)
  if (!parsed.success) problems.push(...parsed.error.issues.map((issue) => describeIssue(issue)))
  const secrets = parsed.success ? resolveVaultSecrets(parsed.data, environment, problems) : null
  if (!parsed.success || secrets === null || problems.length > 0) throw new ConfigProblem(problems)
  return deepFreeze({ ...config, vault: { ...parsed.data, ...secrets }, keyFile: resolve(parsed.data.file ?? config.keyFile) })
}

function readConfigFile(path: string, problems: string[]): Record<string, unknown> {
  if (!existsSync(path)) return {}
  if (process.platform !== 'win32' && (statSync(path).mode & 0o022) !== 0) problems.push(`${path}: others can write it. Run: chmod go-w ${path}`)
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    problems.push(`${path}: it is not a JSON object. Mend it, or move it away to start with the defaults.`)
    return {}
  }
}

/** Puts a preset's settings under what was set. An unknown preset is left to the schema to refuse. */
function withPreset(merged: Record<string, unknown>): Record<string, unknown> {
  const preset = presetNamed(merged['preset'] ?? 'personal')
  if (preset === null) return merged
  // An area that is no object is left to the schema as well.
  return { ...merged, ...Object.fromEntries(Object.entries(preset).map(([area, values]) => {
    const given = z.record(z.string(), z.unknown()).safeParse(merged[area] ?? {})
    return [area, given.success ? { ...values, ...given.data } : merged[area]]
  })) }
}

const PLACES = new Set(['SALLYPORT_CONFIG_DIR', 'SALLYPORT_DATA_DIR', ENVIRONMENT_FILE, ENVIRONMENT_IDENTITY])
/** Read by tests, by the command line and by tools; not settings of the server. */
const FOREIGN = /^SALLYPORT_(TEST_|API_KEY$|NODE_)/

function applyEnvironment(merged: Record<string, unknown>, environment: Environment, problems: string[]): void {
  const known = new Map(settingPaths().map((path) => [variableOf(path), path]))
  for (const [name, value] of Object.entries(environment)) {
    if (!name.startsWith('SALLYPORT_') || PLACES.has(name) || FOREIGN.test(name) || value === undefined) continue
    const path = known.get(name)
    if (path === undefined) problems.push(`${name}: there is no such setting. Remove it, or see docs/handbook/configuration.md for the names.`)
    else setAt(merged, path, value)
  }
}

/** What the schema refuses, and where that came from when it is not its own name that brought it. */
function describeIssue(issue: z.core.$ZodIssue, uses: readonly AliasUse[] = []): string {
  const path = issue.path.join('.')
  const alias = uses.find(({ setting, outcome }) => outcome === 'taken' && setting === path)
  return alias === undefined ? sentenceOf(issue, path) : `${sentenceOf(issue, path)} It comes from ${alias.variable}.`
}

const sentenceOf = (issue: z.core.$ZodIssue, path: string): string =>
  (issue.code === 'unrecognized_keys'
    ? `${path === '' ? '' : `${path}.`}${issue.keys.join(', ')}: there is no such setting. Remove it.`
    : `${path}: ${issue.message}`)

function resolveProviders(providers: ParsedConfig['providers'], environment: Environment, problems: string[]): Record<string, ResolvedProvider> {
  return Object.fromEntries(Object.entries(providers).map(([name, { credential, ...provider }]) =>
    [name, { ...provider, credential: credential === undefined ? null : readProviderKey(`providers.${name}.credential`, { reference: credential, environment, problems }) }]))
}

/** Placeholders and published examples are told of at the start, not by the provider's first refusal (SEC-6). */
function readProviderKey(setting: string, lookup: SecretLookup): Secret | null {
  const key = readSecret(setting, lookup)
  const refusal = key === null ? null : keyFormRefusal(key.reveal())
  if (refusal !== null) lookup.problems.push(`${setting}: ${lookup.reference} does not hold a key. ${refusal}`)
  return key
}

function resolveIdentityProviders(providers: ParsedConfig['identityProviders'], environment: Environment, problems: string[]): Record<string, ResolvedIdentityProvider> {
  return Object.fromEntries(Object.entries(providers).map(([name, { clientSecret, ...provider }]) =>
    [name, { ...provider, clientSecret: clientSecret === undefined ? null : readSecret(`identityProviders.${name}.clientSecret`, { reference: clientSecret, environment, problems }) }]))
}

/** Names a key by its place alone: its value is never repeated. */
function readImportedKeys(text: string, problems: string[]): readonly Secret[] {
  const values = text.split(',').map((value) => value.trim()).filter((value) => value !== '')
  for (const [index, value] of values.entries()) {
    const refusal = importRefusal(value)
    if (refusal !== null) problems.push(`API_KEYS: key ${index + 1} cannot be taken up, because ${refusal}. Replace it, or make a key here.`)
  }
  return values.map((value) => new Secret(value))
}

type VaultSecret = 'key' | 'passphrase' | 'token' | 'accessKeyId' | 'secretAccessKey' | 'sessionToken'
/** What vault settings refer to, read. */
export type VaultSecrets = Readonly<Record<VaultSecret, Secret | null>>

function resolveVaultSecrets(vault: ParsedConfig['vault'], environment: Environment, problems: string[]): VaultSecrets {
  const read = (name: keyof VaultSecrets): Secret | null => {
    const reference = vault[name]
    return reference === undefined ? null : readSecret(`vault.${name}`, { reference, environment, problems })
  }
  return { key: read('key'), passphrase: read('passphrase'), token: read('token'), accessKeyId: read('accessKeyId'), secretAccessKey: read('secretAccessKey'), sessionToken: read('sessionToken') }
}

/** The password and the authority of the scaled store. A file that holds no certificate is told of at the start, not as a failed connection. */
function resolveStore(store: ParsedConfig['store'] | undefined, environment: Environment, problems: string[]): { readonly credential: Secret | null; readonly authority: string | null } {
  const credential = store?.credential === undefined ? null : readSecret('store.credential', { reference: store.credential, environment, problems })
  if (store?.authority === undefined) return { credential, authority: null }
  try {
    const authority = readFileSync(store.authority, 'utf8')
    // Throws where it is none.
    void new X509Certificate(authority)
    return { credential, authority }
  } catch {
    problems.push(`store.authority: ${store.authority} cannot be read, or holds no certificate. Name a file with the authority's certificate, as PEM.`)
    return { credential, authority: null }
  }
}

type BackupSecret = 's3AccessKeyId' | 's3SecretAccessKey' | 's3SessionToken'

function resolveBackupSecrets(backup: ParsedConfig['backup'] | undefined, environment: Environment, problems: string[]): Readonly<Record<BackupSecret, Secret | null>> {
  const read = (name: BackupSecret): Secret | null => {
    const reference = backup?.[name]
    return reference === undefined ? null : readSecret(`backup.${name}`, { reference, environment, problems })
  }
  return { s3AccessKeyId: read('s3AccessKeyId'), s3SecretAccessKey: read('s3SecretAccessKey'), s3SessionToken: read('s3SessionToken') }
}

interface SecretLookup { readonly reference: string; readonly environment: Environment; readonly problems: string[] }

function readSecret(setting: string, { reference, environment, problems }: SecretLookup): Secret | null {
  const [kind, place] = [reference.slice(0, reference.indexOf(':')), reference.slice(reference.indexOf(':') + 1)]
  let value: string | undefined
  try {
    value = kind === 'env' ? environment[place] : kind === 'file' ? readFileSync(place, 'utf8') : environment[reference]
  } catch {
    problems.push(`${setting}: the file ${place} cannot be read. Create it, readable by this user alone.`)
    return null
  }
  // A service that did not give it has been told of already.
  if (value === undefined && problems.some((problem) => problem.startsWith(reference) || problem.startsWith('references.'))) return null
  const trimmed = value?.trim() ?? ''
  if (trimmed.length < 8) {
    problems.push(`${setting}: ${reference} is empty or too short to be a credential. Put the provider's key there, or remove the setting.`)
    return null
  }
  return new Secret(trimmed)
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null && !(value instanceof Secret) && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const inner of Object.values(value)) deepFreeze(inner)
  }
  return value
}

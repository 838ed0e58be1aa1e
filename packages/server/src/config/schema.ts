import { isAbsolute } from 'node:path'
import { DeploymentEnvironment, IdentityProviderName, IdentityProviderRequest, ProviderName, Role } from '@sallyport/contract'
import * as z from 'zod'
import { problemsOf } from '../policy/guard-policies.ts'
import { detectorTypes, recognisers, strictness } from '../policy/guarding.ts'
import { parseAddressRange } from '../kernel/address-range.ts'
import { readPostgresAddress } from '../kernel/postgres-address.ts'
import { answerCacheHours, answerCacheMegabytes, answerCacheReaches } from '../policy/answer-cache.ts'
import { answerTokens, concurrentDocuments, concurrentTurns, connections, conversationCaps, conversationMessages, documentCaps, historyMessages, historyTokens, insuranceShare, questionCharacters, rateNames, rates, refreshDays, refreshIdleDays, sessionHours, sessionIdleMinutes, signingKeyDays, slowReadSeconds, storeConnections, storedMegabytes, type RateName, type Tunable } from '../policy/limits.ts'
import { egressLimits, resilienceLimits } from '../policy/egress.ts'
import { hookSeconds } from '../policy/provider-credentials.ts'
import { loopDelay, memoryMegabytes, turnsAtOnce } from '../policy/load.ts'
import { humanCheckCounters } from '../policy/human-check.ts'
import { banPoints } from '../policy/penalties.ts'
import { dataKeyDays } from '../policy/data-keys.ts'
import { auditDays, backupEvery, keptBackups, conversationDays, documentDays, ephemeralMinutes, securityEventDays, dayNameDays, formerStoreDays } from '../policy/retention.ts'

const whole = (min: number, max: number) => {
  const range = `Give a whole number from ${min} to ${max}.`
  return z.coerce.number(range).int(range).min(min, range).max(max, range)
}
const tunable = ({ default: value, min, max }: Tunable) => whole(min, max).default(value)
const flag = z.stringbool().or(z.boolean())
/** `env:NAME` or `file:/path`: where a secret is on this machine, never what it is. */
const LocalReference = z.string().regex(/^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/, 'Name where the secret is: env:NAME or file:/path.').meta({ range: '`env:NAME` or `file:/path`' })
/** `vault:MOUNT/PATH#FIELD` or `aws:NAME#FIELD`: in a service that keeps secrets, which the area `references` describes. */
export const REMOTE_REFERENCE = /^(vault|aws):([\w/+=.@-]{1,400})(?:#([\w.-]{1,100}))?$/
const SecretReference = z.string().refine((text) => LocalReference.safeParse(text).success || REMOTE_REFERENCE.test(text), 'Name where the secret is: env:NAME, file:/path, vault:MOUNT/PATH#FIELD or aws:NAME#FIELD.').meta({ range: '`env:NAME`, `file:/path`, `vault:MOUNT/PATH#FIELD` or `aws:NAME#FIELD`' })
const list = z.union([z.array(z.string().min(1)), z.string().transform((text) => text.split(',').map((item) => item.trim()).filter((item) => item !== ''))]).meta({ range: 'a list' })

const Domain = z.string().trim().toLowerCase().regex(/^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$/, 'Give a domain, such as example.org.')
const AddressRanges = list.pipe(z.array(z.string().refine((text) => parseAddressRange(text) !== null, 'Give an address or a block, such as 10.0.0.0/8.')))

/** A provider that the configuration brings, beside those that an administrator saves. */
export const ConfiguredProvider = z.strictObject({
  adapter: z.string().min(1).describe('Which kind of provider it is, such as openai or openai-compatible'),
  baseUrl: z.url({ protocol: /^https?$/ }).optional().describe('Its address; that of the kind when left out'),
  credential: SecretReference.optional().describe('Where its key is'),
  environment: DeploymentEnvironment.optional().describe('What the key is for; the start is refused where the server is for something else'),
  allowPrivateAddress: z.boolean().default(false).describe('It may be in a private network or on this machine'),
  models: z.array(z.string().min(1)).optional().describe('The models that it offers here; all that it lists when left out'),
})

const model = (named: string) => z.string().regex(/^[a-z][a-z0-9-]{0,31}\/\S{1,200}$/, named)
const action = z.enum(strictness)
/** Another preset for a model, or rows of the guard's table that are stricter than its preset's. */
const ModelGuarding = z.strictObject({
  preset: z.enum(['personal', 'team', 'public']).optional(),
  stricter: z.partialRecord(z.enum(detectorTypes), z.strictObject({ user: action.optional(), retrieved: action.optional(), tool: action.optional(), model: action.optional() })).optional(),
})
/** A table can be written into an environment variable as JSON; what is no JSON is refused by the schema behind. */
function readJson(given: unknown): unknown {
  if (typeof given !== 'string') return given
  try { return JSON.parse(given) } catch { return given }
}
/** A program by its whole path, then its arguments. No shell ever reads them. */
const HookCommand = z.array(z.string().min(1).max(1_000)).min(1).max(20).refine(([program = '']) => isAbsolute(program), 'Begin with the whole path of a program; its arguments follow, each on its own.')
/** The program, and where its keys may go: whoever can save a provider must not get, by its name alone, keys that are made for another address. */
const HookProgram = z.strictObject({ origin: z.url({ protocol: /^https?$/ }).transform((text) => new URL(text).origin), command: HookCommand })
const Rates = z.partialRecord(z.enum(rateNames), z.coerce.number().int()).superRefine((chosen, context) => {
  for (const [name, count] of Object.entries(chosen)) {
    const { min, max } = rates[name as RateName].count
    if (count === undefined || count < min || count > max) context.addIssue({ code: 'custom', path: [name], message: `Give a whole number from ${min} to ${max}.` })
  }
})
/** An address by which the store would be reached unencrypted or unverified is refused, wherever the server runs (DAT-6). */
function requireStoreAddress(url: string, context: { addIssue(issue: { readonly code: 'custom'; readonly message: string }): void }): void {
  const address = url.startsWith('postgres') ? readPostgresAddress(url) : null
  if (address !== null && 'refusal' in address) context.addIssue({ code: 'custom', message: address.refusal })
}
const recogniserList = list.pipe(z.array(z.enum(recognisers, `Choose among ${recognisers.join(' and ')}.`)))

/** An identity provider that the configuration brings: as an administrator saves it, but for its secret, which is a reference. */
export const ConfiguredIdentityProvider = IdentityProviderRequest.omit({ clientSecret: true }).extend({ clientSecret: SecretReference.optional().describe('Where the secret is that it gave this server'), environment: DeploymentEnvironment.optional().describe('What that secret is for; the start is refused where the server is for something else') })

/** All of the configuration: one area per key. Every setting has a default; none holds a secret. */
export const ConfigSchema = z.strictObject({
  preset: z.enum(['personal', 'team', 'public']).default('personal').describe('For whom the server is: a coherent set of the numbers below'),
  environment: DeploymentEnvironment.default('production').describe('What this server is for; keys of providers that were added for something else are refused'),
  http: z.strictObject({
    host: z.string().min(1).default('127.0.0.1').describe('The address to listen on'),
    port: whole(0, 65_535).default(8080).describe('The port; 0 takes a free one'),
    publicUrl: z.url({ protocol: /^https?$/ }).transform((text) => text.replace(/(?<!\/)\/+$/, '')).meta({ range: 'an address, `http://…` or `https://…`' }).optional().describe('Where people reach the server: what links in mails begin with, such as https://chat.example.org'),
    proxies: AddressRanges.default([]).describe('Proxies in front of the server, as addresses or blocks; only they may say for whom they ask, with X-Forwarded-For'),
    connections: tunable(connections.all).describe('Connections that are open at once'),
    connectionsPerAddress: tunable(connections.perAddress).describe('Connections that one address has open at once; a listed proxy has as many as the server'),
    slowReadSeconds: tunable(slowReadSeconds).describe('For how long a client may take nothing of what is written to it, before its connection ends'),
    hosts: list.default([]).describe('Further names under which the server answers, such as chat.example.org'),
  }).prefault({}),
  data: z.strictObject({ directory: z.string().min(1).optional().describe('The data directory; SALLYPORT_DATA_DIR wins over it, and both over $XDG_DATA_HOME/sallyport') }).prefault({}),
  store: z.strictObject({
    url: z.string().regex(/^(sqlite:|postgres(ql)?:\/\/)/, 'Give sqlite: or postgres://…').superRefine(requireStoreAddress).meta({ range: '`sqlite:` or `postgres://…`' }).default('sqlite:').describe('The store: sqlite: is the embedded one, postgres://USER@HOST/DATABASE the scaled one. Over a network it is asked over TLS alone'),
    credential: SecretReference.optional().describe('postgres: where the password of its role is; it wins over one in the address'),
    authority: z.string().min(1).optional().describe('postgres: the file with the only authority whose certificates are trusted, as PEM; those of the system when left out').meta({ range: 'a file' }),
    connections: tunable(storeConnections).describe('postgres: connections that this server may hold'),
  }).prefault({}),
  vault: z.strictObject({
    kind: z.enum(['key-file', 'keyring', 'given-key', 'passphrase', 'transit', 'aws-kms']).default('key-file').describe('Where the key that opens all data is kept'),
    file: z.string().min(1).optional().describe('key-file: the file; beside the configuration when left out'),
    key: SecretReference.optional().describe('given-key: where the key is, as file:/run/secrets/NAME or env:NAME; made with openssl rand -hex 32'),
    passphrase: SecretReference.optional().describe('passphrase: where it is; it is stretched with argon2id at each start'),
    address: z.url({ protocol: /^https?$/ }).optional().describe('transit, aws-kms: the address of the service; that of the region when left out'),
    allowPrivateAddress: flag.default(false).describe('transit, aws-kms: the service is in a private network or on this machine'),
    name: z.string().min(1).max(200).default('sallyport').describe('transit, aws-kms: the key there; for AWS its id, ARN or alias/NAME'),
    mount: z.string().min(1).max(80).default('transit').describe('transit: the path of the secrets engine'),
    namespace: z.string().min(1).max(200).optional().describe('transit: the namespace, where the service has them'),
    token: SecretReference.optional().describe('transit: where the token is'),
    region: z.string().max(40).default('us-east-1').describe('aws-kms: the region'),
    accessKeyId: SecretReference.optional().describe('aws-kms: where the access key id is'),
    secretAccessKey: SecretReference.optional().describe('aws-kms: where the secret access key is'),
    sessionToken: SecretReference.optional().describe('aws-kms: where the session token is, for temporary credentials'),
  }).prefault({}),
  references: z.strictObject({
    vaultAddress: z.url({ protocol: /^https?$/ }).optional().describe('The address of the service that vault:MOUNT/PATH#FIELD is read from'),
    vaultNamespace: z.string().min(1).max(200).optional().describe('The namespace there, where the service has them'),
    vaultToken: LocalReference.optional().describe('Where the token for it is'),
    awsRegion: z.string().max(40).default('us-east-1').describe('The region of the service that aws:NAME#FIELD is read from'),
    awsAddress: z.url({ protocol: /^https?$/ }).optional().describe('Its address; that of the region when left out'),
    awsAccessKeyId: LocalReference.optional().describe('Where the access key id is'),
    awsSecretAccessKey: LocalReference.optional().describe('Where the secret access key is'),
    awsSessionToken: LocalReference.optional().describe('Where the session token is, for temporary credentials'),
    allowPrivateAddress: flag.default(false).describe('Such a service is in a private network or on this machine'),
  }).prefault({}),
  log: z.strictObject({ level: z.enum(['silent', 'error', 'warn', 'info', 'debug']).default('warn').describe('How much the log of operation tells; debug is for development') }).prefault({}),
  limits: z.strictObject({
    turnsPerMinute: tunable(rates.turn.count).describe('Questions of an account in a minute'),
    concurrentTurns: tunable(concurrentTurns).describe('Answers of an account under way at once'),
    requestsPerMinute: tunable(rates.address.count).describe('Requests from one address in a minute'),
    rates: z.preprocess(readJson, Rates).default({}).describe('Other counts for rates, by their names; see limits.md'),
    insuranceShare: z.coerce.number().min(insuranceShare.min).max(insuranceShare.max).default(insuranceShare.default).describe('What each process may give of a rate while Redis is gone'),
    turnsAtOnce: tunable(turnsAtOnce).describe('Answers under way at once; further questions wait, fairly by account'),
    banPoints: tunable(banPoints).describe('Points at which somebody is banned for a while; half and a quarter of them lower limits'),
    questionCharacters: tunable(questionCharacters).describe('Characters of a question in a conversation'),
    answerTokens: tunable(answerTokens).describe('Tokens of an answer, unless fewer are asked for'),
    historyMessages: tunable(historyMessages).describe('Messages of a conversation that go to a model again'),
    historyTokens: tunable(historyTokens).describe('Tokens of them, by estimate; the oldest are left out first'),
    conversationMessages: tunable(conversationMessages).describe('Messages that a conversation may hold'),
    conversations: tunable(conversationCaps.perAccount).describe('Conversations that an account may have'),
    storedMegabytes: tunable(storedMegabytes).describe('Megabytes of conversations that an account may have stored'),
    documents: tunable(documentCaps.perAccount).describe('Documents that an account may have of its own'),
    documentMegabytes: tunable(documentCaps.accountMegabytes).describe('Megabytes of them, as they are stored'),
    sharedDocuments: tunable(documentCaps.shared).describe('Documents that may be shared with everyone'),
    sharedDocumentMegabytes: tunable(documentCaps.sharedMegabytes).describe('Megabytes of them, as they are stored'),
    concurrentDocuments: tunable(concurrentDocuments).describe('Documents of an account that are indexed at once'),
    ephemeralByKey: tunable(conversationCaps.ephemeralByKey).describe('Ephemeral conversations that one API key may have open'),
    ephemeralInAll: tunable(conversationCaps.ephemeralInAll).describe('Ephemeral conversations that all may have open together'),
  }).prefault({}),
  cache: z.strictObject({
    answers: z.enum(answerCacheReaches).default('off').describe('Whether answers are given again for exactly the same request: own, to whoever asked before; shared, to everybody here'),
    hours: tunable(answerCacheHours).describe('How long an answer is kept'),
    megabytes: tunable(answerCacheMegabytes).describe('How much all kept answers may take'),
  }).prefault({}),
  humanCheck: z.strictObject({
    kind: z.enum(['proof-of-work', 'turnstile']).default('proof-of-work').describe('How suspicious callers show that they are no program: by work of our own making, or by another service'),
    counters: tunable(humanCheckCounters).describe('proof-of-work: tries that the easiest check takes at most; more suspicion makes it 3 and 8 times as hard'),
    signUp: z.enum(['suspicious', 'always']).default('suspicious').describe('Who is asked when signing up; the preset public asks everybody'),
    siteKey: z.string().regex(/^[\w-]{1,100}$/, 'Give the site key that the service shows.').optional().describe('turnstile: the site key, which the page shows'),
    credential: SecretReference.optional().describe('turnstile: where its secret key is'),
    baseUrl: z.url({ protocol: /^https?$/ }).optional().describe('turnstile: the address of the service; its own when left out'),
    allowPrivateAddress: flag.default(false).describe('turnstile: the service is in a private network or on this machine'),
  }).prefault({}),
  load: z.strictObject({
    loopDelayMilliseconds: tunable(loopDelay).describe('From this mean delay of the event loop on new questions are refused; earlier steps from half of it on'),
    memoryMegabytes: tunable(memoryMegabytes).describe('Memory that the server may have; 0 for that of its container or machine'),
  }).prefault({}),
  redis: z.strictObject({
    url: z.string().regex(/^rediss?:\/\/[^@]+$/, 'Give redis://HOST:PORT, or rediss:// with TLS; the password goes into redis.credential.').meta({ range: '`redis://HOST:PORT` or `rediss://HOST:PORT`' }).optional().describe('Where limits are counted for several processes'),
    credential: SecretReference.optional().describe('Where its password is'),
  }).prefault({}),
  resilience: z.strictObject({
    breakerFailures: tunable(resilienceLimits.breakerFailures).describe('Failures in a row after which a provider is left alone'),
    breakerSeconds: tunable(resilienceLimits.breakerSeconds).describe('For how long, before one question tries it again'),
    callsAtOnce: tunable(resilienceLimits.callsAtOnce).describe('Calls that one provider may have under way'),
    connectSeconds: tunable(egressLimits.connectSeconds).describe('How long a connection to a provider may take'),
    firstByteSeconds: tunable(egressLimits.firstByteSeconds).describe('How long the first byte of a streamed answer may take'),
    wholeAnswerSeconds: tunable(egressLimits.wholeAnswerSeconds).describe('How long the first byte of an answer that is not streamed may take'),
    idleSeconds: tunable(egressLimits.idleSeconds).describe('How long a provider may be silent in the middle of an answer'),
    totalSeconds: tunable(egressLimits.totalSeconds).describe('How long an answer may take in all'),
    fallbacks: z.preprocess(readJson, z.record(model('Name a model as PROVIDER/MODEL, or all of a provider as PROVIDER/*.'), z.array(model('Name a model as PROVIDER/MODEL.')).min(1).max(5))).default({}).describe('Models that take over, in order, while one does not answer'),
  }).prefault({}),
  tokens: z.strictObject({
    refreshIdleDays: tunable(refreshIdleDays).describe('A refresh token that is not used for so long ends with its family'),
    refreshDays: tunable(refreshDays).describe('After so many days a program signs in again in any case'),
    signingKeyDays: tunable(signingKeyDays).describe('How often the key that signs access tokens is replaced'),
  }).prefault({}),
  secrets: z.strictObject({
    dataKeyDays: tunable(dataKeyDays).describe('How often the keys that seal stored text are replaced'),
    rotationHooks: z.preprocess(readJson, z.record(ProviderName, HookProgram)).default({}).describe('Programs that make new keys at providers when those in use are 30 days old, such as {"openai": {"origin": "https://api.openai.com", "command": ["/etc/sallyport/rotate-openai"]}}'),
    hookSeconds: tunable(hookSeconds).describe('How long such a program may take'),
  }).prefault({}),
  sessions: z.strictObject({
    idleMinutes: tunable(sessionIdleMinutes).describe('A browser session that is not used for so long ends'),
    hours: tunable(sessionHours).describe('After so many hours a browser signs in again in any case'),
  }).prefault({}),
  backup: z.strictObject({
    directory: z.string().min(1).optional().describe('The folder for backups; beside the data directory when left out. Another disk is better'),
    kind: z.enum(['folder', 's3']).default('folder').describe('Where backups are kept: in a folder, or in an S3-style store'),
    s3Bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'Give the name of a bucket.').optional().describe('s3: the bucket'),
    s3Prefix: z.string().regex(/^[A-Za-z0-9._-]+(\/[A-Za-z0-9._-]+)*\/?$/, 'Give a path of letters, digits, dots and dashes.').max(200).optional().describe('s3: what names in the bucket begin with'),
    s3Region: z.string().regex(/^[a-z0-9-]{1,40}$/, 'Give a region, such as eu-central-1.').default('us-east-1').describe('s3: the region'),
    s3Address: z.url({ protocol: /^https?$/ }).optional().describe('s3: the address of the service; that of the region when left out'),
    s3AccessKeyId: SecretReference.optional().describe('s3: where the access key id is'),
    s3SecretAccessKey: SecretReference.optional().describe('s3: where the secret access key is'),
    s3SessionToken: SecretReference.optional().describe('s3: where the session token is, for temporary credentials'),
    allowPrivateAddress: flag.default(false).describe('s3: the service is in a private network or on this machine'),
    recipients: list.default([]).describe('For whom backups are encrypted, such as age1…; beside those of `backup init`'),
    everyHours: tunable(backupEvery).describe('How often a backup is made'),
    keepDaily: tunable(keptBackups.daily).describe('Days of which the newest backup is kept'),
    keepWeekly: tunable(keptBackups.weekly).describe('Weeks of which the newest backup is kept'),
    keepMonthly: tunable(keptBackups.monthly).describe('Months of which the newest backup is kept'),
  }).prefault({}),
  retention: z.strictObject({
    conversationDays: tunable(conversationDays).describe('Conversations that nobody has changed for so long are removed'),
    conversationDaysByRole: z.preprocess(readJson, z.partialRecord(Role, whole(conversationDays.min, conversationDays.max))).default({}).describe('After how many days those of a role are removed instead, such as {"guest": 90}'),
    ephemeralMinutes: tunable(ephemeralMinutes).describe('Ephemeral conversations that nobody has changed for so long are removed'),
    documentDays: tunable(documentDays).describe('Documents of people\'s own are removed so long after they were added; shared ones and the handbook stay'),
    documentDaysByRole: z.preprocess(readJson, z.partialRecord(Role, whole(documentDays.min, documentDays.max))).default({}).describe('After how many days those of a role are removed instead, such as {"guest": 90}'),
    auditDays: tunable(auditDays).describe('Entries of the audit log are removed after so long, its oldest first; never before a year'),
    securityEventDays: tunable(securityEventDays).describe('Security events are removed after so long'),
    dayNameDays: tunable(dayNameDays).describe('For so long it can be told whose a name in the log of operation was'),
    formerStoreDays: tunable(formerStoreDays).describe('A store that a restore laid aside is removed after so long'),
  }).prefault({}),
  library: z.strictObject({ wordMilliseconds: whole(0, 200).default(12).describe('How fast the built-in assistant writes') }).prefault({}),
  moderation: z.strictObject({
    kind: z.enum(['local-rules', 'openai-moderations', 'guard-model']).default('local-rules').describe('Who judges questions and answers beside the local rules'),
    baseUrl: z.url({ protocol: /^https?$/ }).optional().describe('The address of that moderator'),
    credential: SecretReference.optional().describe('Where its key is'),
    model: z.string().min(1).optional().describe('Its model'),
    allowPrivateAddress: flag.default(false).describe('It is in a private network or on this machine'),
  }).prefault({}),
  guard: z.strictObject({
    recognisers: recogniserList.default([]).describe('Recognisers of names and postal addresses that are switched on'),
    models: z.preprocess(readJson, z.record(model('Name a model as PROVIDER/MODEL, or all of a provider as PROVIDER/*.'), ModelGuarding)).default({}).describe('Models that another preset, or stricter rows, hold for'),
  }).prefault({}),
  identity: z.strictObject({
    signUpDomains: list.pipe(z.array(Domain)).default([]).describe('E-mail domains from which anyone may sign up; needs mail'),
    signUpRole: z.enum(['member', 'guest']).default('member').describe('The role of those who signed up themselves'),
    secondFactorRequiredFor: list.pipe(z.array(Role)).default([]).describe('Roles that must have a second factor, such as owner,administrator'),
  }).prefault({}),
  mail: z.strictObject({
    kind: z.enum(['none', 'smtp', 'folder']).default('none').describe('How mail is sent: not at all, by a mail server, or as files into a folder'),
    from: z.email().optional().describe('The address that mails come from'),
    host: z.string().min(1).optional().describe('smtp: the mail server'),
    port: whole(1, 65_535).default(465).describe('smtp: its port'),
    security: z.enum(['tls', 'starttls', 'none']).default('tls').describe('tls from the first byte, or starttls; none is for this machine alone'),
    account: z.string().min(1).optional().describe('The name to sign in with at the mail server'),
    credential: SecretReference.optional().describe('Where the password for it is'),
    directory: z.string().min(1).optional().describe('The folder for mails, with mail.kind folder'),
    allowPrivateAddress: flag.default(false).describe('The mail server is in a private network or on this machine'),
    /** @risk Whoever is on the way reads the links in mails, and with them takes over accounts. */
    unsafelyAllowPlainMail: flag.default(false).describe('Mail may leave this machine unencrypted: whoever is on the way can take over accounts'),
  }).prefault({}),
  providers: z.record(z.string().regex(/^[a-z][a-z0-9-]{0,31}$/), ConfiguredProvider).default({}),
  identityProviders: z.record(IdentityProviderName, ConfiguredIdentityProvider).default({}),
}).superRefine(({ preset, environment, providers, identityProviders, guard, backup, humanCheck }, context) => {
  for (const [area, named] of [['providers', providers], ['identityProviders', identityProviders]] as const) {
    for (const [name, provider] of Object.entries<{ readonly environment?: DeploymentEnvironment | undefined }>(named)) {
      if (provider.environment !== undefined && provider.environment !== environment) context.addIssue({ code: 'custom', path: [area, name, 'environment'], message: `This key is for ${provider.environment}, and environment is ${environment}. Put a key for ${environment} there, or set environment.` })
    }
  }
  if (humanCheck.kind === 'turnstile') for (const name of ['siteKey', 'credential'] as const) if (humanCheck[name] === undefined) context.addIssue({ code: 'custom', path: ['humanCheck', name], message: 'humanCheck.kind is turnstile, which needs this. Set it.' })
  if (backup.kind === 's3') for (const name of ['s3Bucket', 's3AccessKeyId', 's3SecretAccessKey'] as const) if (backup[name] === undefined) context.addIssue({ code: 'custom', path: ['backup', name], message: 'backup.kind is s3, which needs this. Set it.' })
  for (const [id, choice] of Object.entries(guard.models)) for (const message of problemsOf(choice, preset)) context.addIssue({ code: 'custom', path: ['guard', 'models', id], message })
})
export type ParsedConfig = z.output<typeof ConfigSchema>

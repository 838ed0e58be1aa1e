import { IdentityProviderName, IdentityProviderRequest, Role } from '@sallyport/contract'
import * as z from 'zod'
import { problemsOf } from '../policy/guard-policies.ts'
import { detectorTypes, recognisers, strictness } from '../policy/guarding.ts'
import { parseAddressRange } from '../kernel/address-range.ts'
import { answerTokens, concurrentTurns, connections, insuranceShare, questionCharacters, rateNames, rates, refreshDays, refreshIdleDays, sessionHours, sessionIdleMinutes, signingKeyDays, type RateName, type Tunable } from '../policy/limits.ts'
import { egressLimits, resilienceLimits } from '../policy/egress.ts'
import { loopDelay, memoryMegabytes, turnsAtOnce } from '../policy/load.ts'
import { banPoints } from '../policy/penalties.ts'
import { dataKeyDays } from '../policy/data-keys.ts'
import { backupEvery, keptBackups, conversationDays, ephemeralHours, securityEventDays } from '../policy/retention.ts'

const whole = (min: number, max: number) => {
  const range = `Give a whole number from ${min} to ${max}.`
  return z.coerce.number(range).int(range).min(min, range).max(max, range)
}
const tunable = ({ default: value, min, max }: Tunable) => whole(min, max).default(value)
const flag = z.stringbool().or(z.boolean())
/** `env:NAME` or `file:/path`: where a secret is on this machine, never what it is. */
const LocalReference = z.string().regex(/^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/, 'Name where the secret is: env:NAME or file:/path.')
/** `vault:MOUNT/PATH#FIELD` or `aws:NAME#FIELD`: in a service that keeps secrets, which the area `references` describes. */
export const REMOTE_REFERENCE = /^(vault|aws):([\w/+=.@-]{1,400})(?:#([\w.-]{1,100}))?$/
const SecretReference = z.string().refine((text) => LocalReference.safeParse(text).success || REMOTE_REFERENCE.test(text), 'Name where the secret is: env:NAME, file:/path, vault:MOUNT/PATH#FIELD or aws:NAME#FIELD.')
const list = z.union([z.array(z.string().min(1)), z.string().transform((text) => text.split(',').map((item) => item.trim()).filter((item) => item !== ''))])

const Domain = z.string().trim().toLowerCase().regex(/^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$/, 'Give a domain, such as example.org.')
const AddressRanges = list.pipe(z.array(z.string().refine((text) => parseAddressRange(text) !== null, 'Give an address or a block, such as 10.0.0.0/8.')))

/** A provider that the configuration brings, beside those that an administrator saves. */
export const ConfiguredProvider = z.strictObject({
  adapter: z.string().min(1),
  baseUrl: z.url({ protocol: /^https?$/ }).optional(),
  credential: SecretReference.optional(),
  allowPrivateAddress: z.boolean().default(false),
  models: z.array(z.string().min(1)).optional(),
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
const Rates = z.partialRecord(z.enum(rateNames), z.coerce.number().int()).superRefine((chosen, context) => {
  for (const [name, count] of Object.entries(chosen)) {
    const { min, max } = rates[name as RateName].count
    if (count === undefined || count < min || count > max) context.addIssue({ code: 'custom', path: [name], message: `Give a whole number from ${min} to ${max}.` })
  }
})
const recogniserList = list.pipe(z.array(z.enum(recognisers, `Choose among ${recognisers.join(' and ')}.`)))

/** An identity provider that the configuration brings: as an administrator saves it, but for its secret, which is a reference. */
export const ConfiguredIdentityProvider = IdentityProviderRequest.omit({ clientSecret: true }).extend({ clientSecret: SecretReference.optional() })

/** All of the configuration: one area per key. Every setting has a default; none holds a secret. */
export const ConfigSchema = z.strictObject({
  preset: z.enum(['personal', 'team', 'public']).default('personal'),
  http: z.strictObject({
    host: z.string().min(1).default('127.0.0.1').describe('The address to listen on'),
    port: whole(0, 65_535).default(8080).describe('0 takes a free port'),
    publicUrl: z.url({ protocol: /^https?$/ }).transform((text) => text.replace(/(?<!\/)\/+$/, '')).optional().describe('Where people reach the server: what links in mails begin with, such as https://chat.example.org'),
    proxies: AddressRanges.default([]).describe('Proxies in front of the server, as addresses or blocks; only they may say for whom they ask, with X-Forwarded-For'),
    connections: tunable(connections.all).describe('Connections that are open at once'),
    connectionsPerAddress: tunable(connections.perAddress).describe('Connections that one address has open at once; a listed proxy has as many as the server'),
    hosts: list.default([]).describe('Further names under which the server answers, such as chat.example.org'),
  }).prefault({}),
  data: z.strictObject({ directory: z.string().min(1).optional() }).prefault({}),
  store: z.strictObject({ url: z.string().regex(/^(sqlite:|postgres(ql)?:\/\/)/, 'Give sqlite: or postgres://…').default('sqlite:').describe('sqlite: is the embedded store') }).prefault({}),
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
  log: z.strictObject({ level: z.enum(['silent', 'error', 'warn', 'info', 'debug']).default('warn') }).prefault({}),
  limits: z.strictObject({
    turnsPerMinute: tunable(rates.turn.count),
    concurrentTurns: tunable(concurrentTurns),
    requestsPerMinute: tunable(rates.address.count),
    rates: z.preprocess(readJson, Rates).default({}).describe('Other counts for rates, by their names'),
    insuranceShare: z.coerce.number().min(insuranceShare.min).max(insuranceShare.max).default(insuranceShare.default).describe('What each process may give of a rate while Redis is gone'),
    turnsAtOnce: tunable(turnsAtOnce).describe('Answers under way at once; further questions wait, fairly by account'),
    banPoints: tunable(banPoints).describe('Points at which somebody is banned for a while; half and a quarter of them lower limits'),
    questionCharacters: tunable(questionCharacters),
    answerTokens: tunable(answerTokens),
  }).prefault({}),
  load: z.strictObject({
    loopDelayMilliseconds: tunable(loopDelay).describe('From this mean delay of the event loop on new questions are refused; earlier steps from half of it on'),
    memoryMegabytes: tunable(memoryMegabytes).describe('Memory that the server may have; 0 for that of its container or machine'),
  }).prefault({}),
  redis: z.strictObject({
    url: z.string().regex(/^rediss?:\/\/[^@]+$/, 'Give redis://HOST:PORT, or rediss:// with TLS; the password goes into redis.credential.').optional().describe('Where limits are counted for several processes'),
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
    everyHours: tunable(backupEvery),
    keepDaily: tunable(keptBackups.daily),
    keepWeekly: tunable(keptBackups.weekly),
    keepMonthly: tunable(keptBackups.monthly),
  }).prefault({}),
  retention: z.strictObject({
    conversationDays: tunable(conversationDays).describe('Conversations that nobody has changed for so long are removed'),
    conversationDaysByRole: z.preprocess(readJson, z.partialRecord(Role, whole(conversationDays.min, conversationDays.max))).default({}).describe('Another life for the conversations of a role'),
    ephemeralHours: tunable(ephemeralHours).describe('Ephemeral conversations that nobody has changed for so long are removed'),
    securityEventDays: tunable(securityEventDays).describe('Security events are removed after so long'),
  }).prefault({}),
  library: z.strictObject({ wordMilliseconds: whole(0, 200).default(12).describe('How fast the built-in assistant writes') }).prefault({}),
  moderation: z.strictObject({
    kind: z.enum(['local-rules', 'openai-moderations', 'guard-model']).default('local-rules').describe('Who judges questions and answers beside the local rules'),
    baseUrl: z.url({ protocol: /^https?$/ }).optional(),
    credential: SecretReference.optional(),
    model: z.string().min(1).optional(),
    allowPrivateAddress: flag.default(false),
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
    host: z.string().min(1).optional(),
    port: whole(1, 65_535).default(465),
    security: z.enum(['tls', 'starttls', 'none']).default('tls').describe('tls from the first byte, or starttls; none is for this machine alone'),
    account: z.string().min(1).optional().describe('The name to sign in with at the mail server'),
    credential: SecretReference.optional(),
    directory: z.string().min(1).optional().describe('The folder for mails, with mail.kind folder'),
    allowPrivateAddress: flag.default(false),
    /** @risk Whoever is on the way reads the links in mails, and with them takes over accounts. */
    unsafelyAllowPlainMail: flag.default(false),
  }).prefault({}),
  providers: z.record(z.string().regex(/^[a-z][a-z0-9-]{0,31}$/), ConfiguredProvider).default({}),
  identityProviders: z.record(IdentityProviderName, ConfiguredIdentityProvider).default({}),
}).superRefine(({ preset, guard, backup }, context) => {
  if (backup.kind === 's3') for (const name of ['s3Bucket', 's3AccessKeyId', 's3SecretAccessKey'] as const) if (backup[name] === undefined) context.addIssue({ code: 'custom', path: ['backup', name], message: 'backup.kind is s3, which needs this. Set it.' })
  for (const [id, choice] of Object.entries(guard.models)) for (const message of problemsOf(choice, preset)) context.addIssue({ code: 'custom', path: ['guard', 'models', id], message })
})
export type ParsedConfig = z.output<typeof ConfigSchema>

import * as z from 'zod'
import { addressRate, answerTokens, concurrentTurns, questionCharacters, rates, type Tunable } from '../policy/limits.ts'
import { backupEvery, keptBackups } from '../policy/retention.ts'

const whole = (min: number, max: number) => {
  const range = `Give a whole number from ${min} to ${max}.`
  return z.coerce.number(range).int(range).min(min, range).max(max, range)
}
const tunable = ({ default: value, min, max }: Tunable) => whole(min, max).default(value)
const flag = z.stringbool().or(z.boolean())
/** `env:NAME` or `file:/path`: where a secret is, never what it is. */
const SecretReference = z.string().regex(/^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/, 'Name where the secret is: env:NAME or file:/path.')
const list = z.union([z.array(z.string().min(1)), z.string().transform((text) => text.split(',').map((item) => item.trim()).filter((item) => item !== ''))])

/** A provider that the configuration brings, beside those that an administrator saves. */
export const ConfiguredProvider = z.strictObject({
  adapter: z.string().min(1),
  baseUrl: z.url({ protocol: /^https?$/ }).optional(),
  credential: SecretReference.optional(),
  allowPrivateAddress: z.boolean().default(false),
  models: z.array(z.string().min(1)).optional(),
})

/** All of the configuration: one area per key. Every setting has a default; none holds a secret. */
export const ConfigSchema = z.strictObject({
  preset: z.enum(['personal', 'team', 'public']).default('personal'),
  http: z.strictObject({
    host: z.string().min(1).default('127.0.0.1').describe('The address to listen on'),
    port: whole(0, 65_535).default(8080).describe('0 takes a free port'),
    hosts: list.default([]).describe('Further names under which the server answers, such as chat.example.org'),
  }).prefault({}),
  data: z.strictObject({ directory: z.string().min(1).optional() }).prefault({}),
  store: z.strictObject({ url: z.string().regex(/^(sqlite:|postgres(ql)?:\/\/)/, 'Give sqlite: or postgres://…').default('sqlite:').describe('sqlite: is the embedded store') }).prefault({}),
  vault: z.strictObject({
    kind: z.enum(['key-file', 'keyring']).default('key-file'),
    file: z.string().min(1).optional().describe('The key file; beside the configuration when left out'),
  }).prefault({}),
  log: z.strictObject({ level: z.enum(['silent', 'error', 'warn', 'info', 'debug']).default('warn') }).prefault({}),
  limits: z.strictObject({
    turnsPerMinute: tunable(rates.turn.count),
    concurrentTurns: tunable(concurrentTurns),
    requestsPerMinute: tunable(addressRate.count),
    questionCharacters: tunable(questionCharacters),
    answerTokens: tunable(answerTokens),
  }).prefault({}),
  backup: z.strictObject({
    directory: z.string().min(1).optional().describe('The folder for backups; beside the data directory when left out. Another disk is better'),
    recipients: list.default([]).describe('For whom backups are encrypted, such as age1…; beside those of `backup init`'),
    everyHours: tunable(backupEvery),
    keepDaily: tunable(keptBackups.daily),
    keepWeekly: tunable(keptBackups.weekly),
    keepMonthly: tunable(keptBackups.monthly),
  }).prefault({}),
  library: z.strictObject({ wordMilliseconds: whole(0, 200).default(12).describe('How fast the built-in assistant writes') }).prefault({}),
  moderation: z.strictObject({
    kind: z.enum(['local-rules', 'openai-moderations', 'guard-model']).default('local-rules').describe('Who judges questions and answers beside the local rules'),
    baseUrl: z.url({ protocol: /^https?$/ }).optional(),
    credential: SecretReference.optional(),
    model: z.string().min(1).optional(),
    allowPrivateAddress: flag.default(false),
  }).prefault({}),
  providers: z.record(z.string().regex(/^[a-z][a-z0-9-]{0,31}$/), ConfiguredProvider).default({}),
})
export type ParsedConfig = z.output<typeof ConfigSchema>

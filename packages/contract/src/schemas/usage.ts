import * as z from 'zod'
import { ProviderName } from './administration.ts'
import { idOf, line, Moment } from './common.ts'
import { Role } from './identity.ts'

/** A limit that the caller meets, and how it stands. */
export const Limit = z.strictObject({
  name: z.string().describe('As in the header RateLimit-Policy'), by: z.enum(['address', 'account', 'key']).describe('Whose calls are counted together'), what: z.string().describe('What is counted'),
  count: z.int(), windowSeconds: z.int(), remaining: z.int(), resetSeconds: z.int().describe('When all of it is back'),
})
export type Limit = z.output<typeof Limit>

const Period = z.enum(['day', 'month']).describe('In UTC')
const Unit = z.enum(['tokens', 'money']).describe('Money is in the currency of the prices')
const Amount = z.number().positive().max(1_000_000_000)
/** Tokens are whole; money has six places. */
const isWhole = ({ unit, amount }: { readonly unit: 'tokens' | 'money'; readonly amount: number | null }) => amount === null || unit === 'money' || Number.isInteger(amount)

/** Whose turns a budget pays for, or where they go: to a provider, or with one version of its key. A cap of an account's own stands beside the others, and the tightest holds. */
export const BudgetScope = z.enum(['all', 'account', 'group', 'key', 'role', 'own', 'provider', 'credential'])
export type BudgetScope = z.output<typeof BudgetScope>
export const Budget = z.strictObject({
  scope: BudgetScope, subject: z.string().describe('The id of an account, a group or a key, a role, the name of a provider, or the id of a version of its key; empty for all'),
  name: z.string().nullable().describe('What an account, a group, a key or a version of a provider\'s key is called, in the list of all budgets'), period: Period, unit: Unit, amount: z.number(),
  used: z.number().describe('What is reserved for running answers counts'), isNearlySpent: z.boolean(), resetsAt: Moment,
})
export type Budget = z.output<typeof Budget>
/** What the subject of each scope is. */
const subjects: Readonly<Record<Exclude<BudgetScope, 'own'>, z.ZodType>> = { all: z.literal(''), account: idOf('account'), group: idOf('group'), key: idOf('key'), role: Role, provider: ProviderName, credential: idOf('providerCredential') }
export const BudgetRequest = z.strictObject({
  scope: BudgetScope.exclude(['own']), subject: z.string().max(100).default('').describe('The id of an account, a group or a key, a role, the name of a provider, or the id of a version of its key; left out for all'), period: Period, unit: Unit,
  amount: Amount.nullable().describe('Null removes the budget'),
}).refine(isWhole, 'Give whole tokens.').refine(({ scope, subject }) => subjects[scope].safeParse(subject).success, { path: ['subject'], message: 'Say for whom: the id of an account, a group or a key, a role, the name of a provider, or the id of a version of its key. For all, leave it out.' })
export const OwnCapRequest = z.strictObject({ period: Period, unit: Unit, amount: Amount.nullable() }).refine(isWhole, 'Give whole tokens.')
export const Budgets = z.strictObject({ items: z.array(Budget) })

/** What is held against a key, an account or an address, and until when. */
export const Penalty = z.strictObject({
  id: idOf('ban'), kind: z.enum(['address', 'account', 'key']), subject: z.string().describe('The id of an account or a key, or an address: an IPv6 one by its first 64 bits'),
  name: z.string().nullable().describe('What the account or the key is called'), step: z.enum(['lowered', 'challenged', 'banned']).describe('challenged: limits are lowered, and people are asked to show that they are no program'), allowance: z.number().describe('The share of each limit that is left; 0 while it is banned'),
  why: z.string(), until: Moment, bans: z.int().describe('How often it was banned of late'),
})
export type Penalty = z.output<typeof Penalty>
export const Penalties = z.strictObject({ items: z.array(Penalty) })

/** What answers that were kept have spared since the month began, in UTC. */
export const Savings = z.strictObject({ hits: z.int().describe('Answers that were given again'), savedTokens: z.int(), savedMoney: z.number().describe('In the currency of the prices') })
export type Savings = z.output<typeof Savings>
/** How the answer cache does. */
export const AnswerCacheFigures = Savings.extend({
  reach: z.enum(['off', 'own', 'shared']), answers: z.int().describe('Kept now'), bytes: z.int(),
  found: z.int().describe('Since the start, by the process that answers this'), notFound: z.int(),
})
export type AnswerCacheFigures = z.output<typeof AnswerCacheFigures>

export const UsageReport = z.strictObject({
  limits: z.array(Limit), budgets: z.array(Budget), cache: Savings,
  storage: z.strictObject({ bytes: z.int().describe('What all conversations take up, sealed'), limit: z.int().describe('From so many bytes on there are no more answers in conversations until some are deleted') }),
  documents: z.strictObject({ count: z.int().describe('Own documents'), mostCount: z.int(), bytes: z.int().describe('What they take up as they are stored, with what the search needs of them'), limit: z.int() }).describe('Over either, documents are refused until some are deleted'),
  penalties: z.array(Penalty.pick({ kind: true, step: true, allowance: true, why: true, until: true })).describe('Why limits are lower than usual, and until when'),
})
export type UsageReport = z.output<typeof UsageReport>

const PerMillion = z.number().nonnegative().max(1_000_000)
/** What a model costs from a day on, until a later row of the same model. */
export const Price = z.strictObject({
  model: line(240).regex(/^[a-z][a-z0-9-]{0,31}\/\S+$/, 'Name a model as PROVIDER/MODEL, or all of a provider as PROVIDER/*.'),
  from: z.iso.date().describe('The first day, in UTC'), inputPerMillion: PerMillion.describe('For a million tokens of input'), outputPerMillion: PerMillion,
})
export type Price = z.output<typeof Price>
export const Prices = z.strictObject({ items: z.array(Price) })
export const PriceRemoval = z.strictObject({ model: Price.shape.model, from: Price.shape.from })

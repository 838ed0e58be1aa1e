import * as z from 'zod'
import { DeploymentEnvironment, idOf, line, ModelId, Moment } from './common.ts'

export const ProviderName = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'Use small letters, digits and dashes, beginning with a letter.')
/** How a provider does: whether it is asked (closed), left alone (open), or about to be tried (half-open). */
export const ProviderHealth = z.strictObject({ breaker: z.enum(['closed', 'open', 'half-open']), failures: z.int().describe('In a row'), running: z.int(), retryAfterSeconds: z.int(),
  calls: z.int().describe('Since it was taken into use, by the process that answers this'), answered: z.int().describe('Whole'), failed: z.int(), askedAgain: z.int(), turnedAway: z.int().describe('Not let through, because it was left alone or had too many calls'), firstMilliseconds: z.int().nullable().describe('To the first of an answer, in the mean of late'),
})
export const Provider = z.strictObject({
  health: ProviderHealth,
  id: idOf('provider'), name: ProviderName, adapter: z.string(), baseUrl: z.string(), hasCredential: z.boolean(),
  heldBack: DeploymentEnvironment.nullable().describe('What its key is for, where this server is for something else: it is not called, and its models are not offered'),
  keyAdvice: z.array(z.enum(['rotate', 'expires-soon', 'expired', 'rejected', 'hook-failed'])).describe('Of the key that is in use: older than 30 days, ends within 14, has ended, was refused by the provider, or could not be replaced by the program that makes its keys'),
  allowPrivateAddress: z.boolean(), models: z.array(z.string()), origin: z.enum(['stored', 'configuration', 'built-in']), createdAt: Moment,
})
export type Provider = z.output<typeof Provider>
export const ProviderRequest = z.strictObject({
  adapter: z.string().min(1).max(40),
  baseUrl: z.url({ protocol: /^https?$/, error: 'Give an address that begins with http:// or https://.' }).max(500).optional(),
  credential: z.string().trim().min(8).max(4_000).optional().describe('Write-only'),
  environment: DeploymentEnvironment.optional().describe('What the key is for; refused where the server is for something else'),
  /** @risk Lets this provider be reached at an address of a private network. */
  allowPrivateAddress: z.boolean().optional(),
  models: z.array(ModelId).max(500).optional().describe('Offered models; asked of the provider when left out'),
})
export const ProviderAdapter = z.strictObject({
  id: z.string(), title: z.string(), defaultBaseUrl: z.string().nullable(), needsCredential: z.boolean(), needsBaseUrl: z.boolean(),
})
export type ProviderAdapter = z.output<typeof ProviderAdapter>

export const Document = z.strictObject({
  id: idOf('document'), collection: z.enum(['handbook', 'shared', 'mine']), title: z.string(), createdAt: Moment, passages: z.int(),
  unreadable: z.literal(true).optional().describe('Its title was damaged in the store; words that say so stand in its place'),
})
export type Document = z.output<typeof Document>
export const AddedDocument = Document.extend({ masked: z.array(z.strictObject({ type: z.string(), count: z.int().positive() })).describe('What was found in it and is not stored: types and counts') })
export type AddedDocument = z.output<typeof AddedDocument>
export const DocumentRequest = z.strictObject({
  title: line(200), text: z.string().min(1).max(2_000_000), mediaType: z.enum(['text/plain', 'text/markdown']), collection: z.enum(['shared', 'mine']),
})
export const Passage = z.strictObject({
  id: idOf('passage'), documentId: idOf('document'), title: z.string(), heading: z.string(), text: z.string(),
  before: z.string().describe('The passage before it in the document'), after: z.string(),
  unreadable: z.literal(true).optional().describe('Something of it was damaged in the store; a sentence that says so stands in its place'),
})
export type Passage = z.output<typeof Passage>

export const AuditEntry = z.strictObject({
  sequence: z.int(), at: Moment, action: z.string(), actor: z.string(), credential: z.string(), outcome: z.enum(['allowed', 'refused', 'failed']), detail: z.record(z.string(), z.unknown()),
})
/** A thing that those who watch over the server should know of. `accountId` is null where it is of no account. */
/** What the logs call an account for one day. */
export const AccountDayName = z.string().regex(/^acc-\d{8}-[0-9a-f]{16}$/, 'Give a name as the audit log has it, such as acc-20261121-0123456789abcdef.')
export const SecurityEvent = z.strictObject({ id: idOf('event'), at: Moment, type: z.string(), severity: z.enum(['info', 'low', 'medium', 'high']), accountId: z.string().nullable().describe('By its name of that day'), detail: z.record(z.string(), z.unknown()) })
export const AuditCheck = z.strictObject({
  ok: z.boolean(), entries: z.int(), brokenAt: z.int().nullable(), head: z.string(),
  cut: z.strictObject({ through: z.int().describe('The number of the last entry that was removed'), before: Moment.describe('All of them were written before'), at: Moment }).nullable()
    .describe('What the server removed of the oldest entries, as the log itself says; null where it removed none'),
})

import * as z from 'zod'
import { idOf, Moment, Name } from './common.ts'
import { Account, Permission, Role } from './identity.ts'

/** The collections of documents that a key may be limited to. */
export const keyCollections = ['handbook', 'shared', 'mine'] as const
const KeyCollection = z.enum(keyCollections)
/** `PROVIDER/MODEL`, or `PROVIDER/*` for all that a provider offers. */
const KeyModel = z.string().max(200).regex(/^[a-z][a-z0-9-]{0,31}\/(?:\*|[\w.:/@+-]+)$/, 'Name a model as PROVIDER/MODEL, or PROVIDER/* for all of a provider.')
const OperationName = z.string().regex(/^[a-z][A-Za-z]{2,60}$/, 'Name an operation as the OpenAPI document does, such as gatewayChat.')
const AddressRange = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], 'Give an address or a range, such as 203.0.113.7, 10.0.0.0/8 or 2001:db8::/48.')

const listOf = <Item extends z.ZodType>(item: Item) => z.array(item).min(1, 'Name at least one, or leave it out to allow all.').max(100, 'Name at most 100.').nullable()
const perMinute = (most: number) => z.int('Give a whole number.').min(1, 'Give at least 1.').max(most, `Give at most ${most}.`).nullable()

/** What a key may do at most. Null: whatever its account's role allows to keys. A scope never gives more than the role does. */
export const KeyScopes = z.strictObject({
  permissions: listOf(Permission).describe('The permissions that it keeps of those of its account'),
  operations: listOf(OperationName).describe('The operations that it may call, by their operationId'),
  models: listOf(KeyModel).describe('The models that it may use, at every entrance; others are not there for it'),
  collections: listOf(KeyCollection).describe('The collections of documents that it may read and change'),
})
/** Limits of the key's own, beside those of its account. Days are UTC. */
export const KeyLimits = z.strictObject({
  requestsPerMinute: perMinute(10_000), turnsPerMinute: perMinute(1_000), turnsPerDay: perMinute(1_000_000),
  tokensPerDay: z.int('Give a whole number.').min(1_000, 'Give at least 1000.').max(1_000_000_000, 'Give at most 1000000000.').nullable()
    .describe('Of questions and answers together; reserved before a model is called, settled by what the provider counted'),
})
export type KeyScopes = z.output<typeof KeyScopes>
export type KeyLimits = z.output<typeof KeyLimits>
const KeyAddresses = listOf(AddressRange).describe('From where it may be used; null for everywhere')

const FormerValue = z.strictObject({ start: z.string(), endsAt: Moment, lastUsedAt: Moment.nullable() })

export const Key = z.strictObject({
  id: idOf('key'), name: Name, start: z.string().describe('The first characters, to tell keys apart'),
  createdAt: Moment, expiresAt: Moment.nullable().describe('Null: it does not expire'),
  lastUsedAt: Moment.nullable(), lastUsedAddress: z.string().nullable().describe('The network, not the address: IPv4 by /24, IPv6 by /48'),
  scopes: KeyScopes, addresses: KeyAddresses, limits: KeyLimits,
  valueCreatedAt: Moment.describe('When its value was made'), isRotationDue: z.boolean().describe('Its value is older than 90 days'),
  formerValues: z.array(FormerValue).describe('Values that were replaced and still work until their end'),
})
export type Key = z.output<typeof Key>

const Days = z.int('Give a whole number of days, from 1 to 3650.').min(1, 'Give at least 1 day.').max(3650, 'Give at most 3650 days.').nullable()
const settings = { scopes: KeyScopes.partial().optional(), addresses: KeyAddresses.optional(), limits: KeyLimits.partial().optional() }

export const KeyRequest = z.strictObject({ name: Name, expiresInDays: Days.optional().describe('90 when left out; null for a key that does not expire'), ...settings })
/** What is left out stays; null lifts a limit. */
export const KeyChange = z.strictObject({ name: Name.optional(), expiresInDays: Days.optional().describe('From now on'), ...settings })
export const KeyRotation = z.strictObject({ graceHours: z.int('Give whole hours.').min(0).max(720, 'Give at most 720 hours.').default(24).describe('How long the old value goes on; 0 ends every old value at once') })
export const NewKey = z.strictObject({ key: Key, value: z.string().describe('Shown this once; only a digest is stored') })

/** The account that a service key acts for. It has a role of its own, and cannot sign in. */
const ServiceAccount = Account.pick({ id: true, name: true, role: true })
export const ServiceKey = Key.extend({ account: ServiceAccount })
export type ServiceKey = z.output<typeof ServiceKey>
export const ServiceKeyRequest = KeyRequest.extend({
  role: Role.exclude(['owner']).default('member').describe('Never above that of who makes it'),
  expiresInDays: Days.optional().describe('90 when left out; null for a key that does not expire'),
})
export const NewServiceKey = z.strictObject({ key: ServiceKey, value: z.string().describe('Shown this once; only a digest is stored') })

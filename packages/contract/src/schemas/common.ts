import * as z from 'zod'

/** The prefixes of ids on the wire: one per kind of thing. */
export const idPrefixes = {
  account: 'acc', session: 'ses', key: 'key', conversation: 'con', message: 'msg', turn: 'trn',
  provider: 'prv', collection: 'col', document: 'doc', passage: 'psg', event: 'evt', request: 'req', backup: 'bak', tokenFamily: 'tok', factor: 'fct', invitation: 'inv', group: 'grp', identityProvider: 'idp', identity: 'idn', conversationAccess: 'cva', keyRotation: 'rot', erasure: 'ers', dataExport: 'exp', providerCredential: 'pvc', ban: 'ban',
} as const
export type IdKind = keyof typeof idPrefixes

/** A prefixed UUIDv7 (RFC 9562) in hexadecimal without dashes, such as `con_0198c0de…`. */
export const idOf = (kind: IdKind) => z.string().regex(new RegExp(`^${idPrefixes[kind]}_[0-9a-f]{32}$`), `Give an id that begins with ${idPrefixes[kind]}_.`)

export const Moment = z.iso.datetime().describe('RFC 3339, UTC')
export const Email = z.email().max(254)
/** Text on one line: without control characters, and without marks that turn the direction of what follows. */
export const line = (most: number) => z.string('Give text.').trim().min(1, 'Write something here.').max(most, `Use at most ${most} characters.`)
  .regex(/^[^\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]*$/, 'Leave out line breaks, control characters and direction marks.')
export const Name = line(80)
/** Refuses what is long only by repetition: one piece over and over, or very few different characters. */
const isVaried = (password: string): boolean => new Set(password).size >= 6 && !`${password}${password}`.slice(1, -1).includes(password)
/** Length first: NIST SP 800-63B-4 asks for 15 where it is the only factor; the estimate of strength comes on top. */
export const Password = z.string().min(15, 'Use at least 15 characters.').max(256).refine(isVaried, 'Use more different words or characters: this one repeats itself.')
export const ModelId = z.string().min(1).max(200).regex(/^[\w.:/@+-]+$/, 'A model id holds letters, digits and . : / @ + - _ only.')
export const None = z.undefined()

/** One page of a list. `next` goes into `before` of the following request; null at the end. */
export const pageOf = <Item extends z.ZodType>(item: Item) => z.strictObject({ items: z.array(item), next: z.string().nullable() })

/** The query of a list. */
export const pageQuery = (kind: IdKind) => z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(50),
  before: idOf(kind).optional(),
})

/** What a server is for. The keys of providers are bound to it (SEC-9). */
export const DeploymentEnvironment = z.enum(['development', 'staging', 'production'])
export type DeploymentEnvironment = z.output<typeof DeploymentEnvironment>

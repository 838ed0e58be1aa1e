import { randomBytes } from 'node:crypto'
import * as z from 'zod'
import { SealBroken, type Sealer } from '../../kernel/seal.ts'
import { signInLife } from '../../policy/federation.ts'
import type { SignInAttempt } from '../../ports/identity-provider.ts'

const RANDOM_BYTES = 32
const place = (providerId: string) => ({ table: 'federated_sign_in', rowId: providerId, column: 'cookie' })

/** What a sign-in is for: to come in, or to link an identity to the account of a session that had just been proved. */
const Purpose = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('sign-in') }),
  z.strictObject({ kind: z.literal('link'), accountId: z.string(), sessionId: z.string().nullable() }),
])
export type Purpose = z.output<typeof Purpose>
const Transaction = z.strictObject({
  state: z.string(), nonce: z.string(), verifier: z.string(), redirectUri: z.string(), startedAt: z.number(), fresh: z.boolean(), returnTo: z.string(), purpose: Purpose,
})
export type Transaction = z.output<typeof Transaction>

const random = () => randomBytes(RANDOM_BYTES).toString('base64url')

/**
 * A sign-in under way lives in a cookie of the browser that began it, sealed by the server and for one provider: nothing is stored for
 * whoever asks, and an answer that another browser brings finds no sign-in to belong to.
 */
export const createTransactions = (sealer: Sealer) => ({
  begin: (wanted: Pick<Transaction, 'redirectUri' | 'startedAt' | 'fresh' | 'returnTo' | 'purpose'>): Transaction => ({ ...wanted, state: random(), nonce: random(), verifier: random() }),
  seal: (providerId: string, transaction: Transaction): string => Buffer.from(sealer.seal(place(providerId), JSON.stringify(transaction))).toString('base64url'),
  /** Null for what this server did not seal for this provider, and for what is over. */
  open(providerId: string, cookie: string, now: number): Transaction | null {
    let text: string
    try {
      text = sealer.open(place(providerId), Buffer.from(cookie, 'base64url'))
    } catch (error) {
      if (error instanceof SealBroken) return null
      throw error
    }
    const transaction = Transaction.parse(JSON.parse(text))
    const age = now - transaction.startedAt
    return age >= 0 && age <= signInLife.seconds * 1_000 ? transaction : null
  },
})
export type Transactions = ReturnType<typeof createTransactions>

/** The part of a sign-in that its provider is to answer. */
export const toAttempt = ({ state, nonce, verifier, redirectUri, fresh, startedAt }: Transaction): SignInAttempt =>
  ({ state, nonce, verifier, redirectUri, freshSince: fresh ? startedAt : null })

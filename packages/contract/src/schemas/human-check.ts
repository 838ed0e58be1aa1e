import * as z from 'zod'
import type { OperationId } from '../operations.ts'

/** The request header that carries a solved check, in the call that it was asked for. */
export const HUMAN_CHECK_HEADER = 'Sallyport-Human-Check'
/** The longest answer that is read: a service's token, or a challenge with its solution in base64. */
export const HUMAN_CHECK_CHARACTERS = 4_096

const Hex = z.string().regex(/^(?:[0-9a-f]{2}){1,64}$/)

/**
 * A challenge in the ALTCHA scheme, version 2. To solve it, count up from 0: derive a key by PBKDF2, with `salt` and `cost` rounds, from the nonce with
 * the counter behind it as a big-endian 32-bit number, until the key begins with `keyPrefix`. It takes at most as many tries as `data.counters`, and half of them in the mean.
 */
export const ProofOfWorkChallenge = z.strictObject({
  parameters: z.strictObject({
    algorithm: z.literal('PBKDF2/SHA-256'), nonce: Hex, salt: Hex, cost: z.int().min(1).max(1_000_000).describe('Rounds of PBKDF2 for each try'), keyLength: z.literal(32),
    keyPrefix: Hex, keySignature: Hex, expiresAt: z.int().describe('Seconds since the epoch'),
    data: z.strictObject({ bound: z.string().max(64).describe('Binds it to the operation, and to who it was given to'), counters: z.int().min(1).max(10_000_000) }),
  }),
  signature: Hex,
})
export type ProofOfWorkChallenge = z.output<typeof ProofOfWorkChallenge>

/** The solved challenge. As JSON in base64 it is the value of the header. */
export const ProofOfWorkSolution = z.strictObject({
  challenge: ProofOfWorkChallenge, solution: z.strictObject({ counter: z.int().min(0).max(10_000_000), derivedKey: Hex, time: z.number().optional().describe('Milliseconds that it took') }),
})
export type ProofOfWorkSolution = z.output<typeof ProofOfWorkSolution>

/** What a caller has to do: work of its own, or what another service's script makes of a site key. */
export const HumanCheckOffer = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('proof-of-work'), challenge: ProofOfWorkChallenge }),
  z.strictObject({ kind: z.literal('widget'), script: z.url(), siteKey: z.string(), action: z.string(), bound: z.string().describe('With the action: what the token must be made for') }),
])
export type HumanCheckOffer = z.output<typeof HumanCheckOffer>

/** The operations that may ask for a check. When and how hard it is, the server's policy says. */
export const humanCheckedOperations = [
  'signIn', 'passkeySignIn', 'completeSignIn', 'issueToken', 'signUp', 'acceptInvitation', 'requestPasswordReset', 'resetPassword', 'proveAgain', 'createConversation', 'createTurn', 'createChat',
] as const satisfies readonly OperationId[]
export type HumanCheckedOperation = (typeof humanCheckedOperations)[number]

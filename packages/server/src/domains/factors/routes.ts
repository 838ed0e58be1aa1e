import type { WriteStep } from '../../database/database.ts'
import type { Caller, Handlers, HeadedReply } from '../../kernel/handler.ts'
import type { Factors } from './service.ts'

/** When a person proved what, in milliseconds since the epoch. */
interface Proven { readonly authenticatedAt: number; readonly secondFactorAt: number }

/** When the first factor was proved, and what is written down with the session. */
interface Continuation { readonly authenticatedAt: number; readonly also: (sessionId: string) => readonly WriteStep[] }

export interface FactorRouteDeps {
  readonly factors: Factors
  /** Begins a session, with its cookie. */
  readonly admit: (caller: Caller, accountId: string, proven: Proven & Partial<Continuation>) => Promise<HeadedReply<'signIn'>>
  /** How a sign-in goes on that something else than a password began; null where it was a password. */
  readonly continuation: (challenge: string) => Promise<Continuation | null>
  /** Writes down that the caller proved a second factor; what the answer then has to carry. */
  readonly rise: (caller: Caller, proven: Proven) => Promise<Readonly<Record<string, string>>>
}

/** Setting up factors, and the second step of a sign-in. */
export const factorRoutes = ({ factors, admit, rise, continuation }: FactorRouteDeps) => {
  /** Who sets a factor up has shown it, so this session stands on two from now on. */
  const headed = async <Reply>(caller: Caller, reply: Reply, at: number) =>
    ({ kind: 'headed' as const, reply, headers: await rise(caller, { authenticatedAt: caller.authenticatedAt, secondFactorAt: at }) })
  return {
    completeSignIn: async ({ caller, host, body: { challenge, ...proof } }) => {
      const { accountId, secondFactorAt } = await factors.complete(caller, { challenge, proof, purpose: 'sign-in', host })
      return admit(caller, accountId, { authenticatedAt: secondFactorAt, secondFactorAt, ...await continuation(challenge) })
    },
    passkeySignInOptions: ({ caller, host, body: { challenge } }) => factors.passkeyOptions(caller, { challenge, host }),
    passkeySignIn: async ({ caller, host, body: { assertion } }) => {
      const { accountId, secondFactorAt } = await factors.signInByPasskey(caller, { assertion, host })
      return admit(caller, accountId, { authenticatedAt: secondFactorAt, secondFactorAt })
    },
    listFactors: ({ caller }) => factors.list(caller),
    beginTotp: ({ caller, body }) => factors.beginTotp(caller, body),
    confirmTotp: async ({ caller, body }) => {
      const { provedAt, ...enrolled } = await factors.confirmTotp(caller, body)
      return headed(caller, enrolled, provedAt)
    },
    beginPasskey: ({ caller, host }) => factors.beginPasskey(caller, host),
    addPasskey: async ({ caller, host, body }) => {
      const { provedAt, ...enrolled } = await factors.addPasskey(caller, { ...body, host })
      return headed(caller, enrolled, provedAt)
    },
    renewRecoveryCodes: ({ caller }) => factors.renewRecoveryCodes(caller),
    changeFactor: ({ caller, params, body }) => factors.rename(caller, params.factorId, body.name),
    deleteFactor: async ({ caller, params }) => { await factors.remove(caller, params.factorId); return undefined },
    resetFactors: ({ caller, params }) => factors.reset(caller, params.accountId),
  } satisfies Partial<Handlers>
}

import type { KeyObject } from 'node:crypto'
import type { Database, WriteStep } from '../../database/database.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Caller } from '../../kernel/handler.ts'
import type { Log } from '../../kernel/log.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { keyedHash, type Sealer } from '../../kernel/seal.ts'
import { auditStep, securityEventStep } from '../audit/index.ts'
import type { Groups } from '../groups/index.ts'
import type { SharedRevocations } from '../revocations/index.ts'
import type { KeyRing } from '../secrets/index.ts'
import type { AccountsForFederation } from './admit.ts'
import type { Providers } from './providers.ts'
import type { IdentityStore, ProviderStore } from './store.ts'
import type { Transactions } from './transaction.ts'

/** A session that just began, as its cookie needs it. */
export interface BegunSession { readonly id: string; readonly token: string; readonly expiresAt: number; readonly deviceToken: string }

/** When the provider saw the person, and what is written with the session that begins. */
export interface Continuation { readonly authenticatedAt: number; readonly also: (sessionId: string) => readonly WriteStep[] }

/** What federation needs of its neighbours. */
export interface FederationNeighbours {
  readonly accounts: AccountsForFederation
  readonly groups: Pick<Groups, 'follow' | 'forget' | 'keepOnly' | 'known'>
  readonly revocations: Pick<SharedRevocations, 'step' | 'announce'>
  /**
   * Lets somebody in whose identity was checked: a session, or the challenge of the second factor that they have. The identity counts as
   * the first factor and never as the second.
   */
  readonly enter: (caller: Caller, accountId: string, continuation: Continuation) => Promise<{ readonly session: BegunSession } | { readonly challenge: string; readonly factors: readonly string[] }>
  readonly endSessionStep: (sessionId: string) => WriteStep
  /** Ends every sign-in of an account that waits for its second factor. */
  readonly endChallenges: (accountId: string) => readonly WriteStep[]
  /** Whether a passkey opens the account, so that its last identity may go. */
  readonly hasPasskey: (accountId: string) => Promise<boolean>
}

/** What every part of this domain stands on. */
export interface FederationContext extends FederationNeighbours {
  readonly database: Database
  readonly providerStore: ProviderStore
  readonly identities: IdentityStore
  readonly providers: Providers
  readonly transactions: Transactions
  readonly keyRing: KeyRing
  readonly clock: Clock
  readonly log: Log
  readonly lookupKey: KeyObject
  /** The address of this server as a browser that asked for this host knows it, without a closing slash. */
  readonly originOf: (host: string) => string
}

/** What identifies a subject within an issuer, for look-up. */
export const subjectLookup = (key: KeyObject, issuer: string, subject: string): Uint8Array => keyedHash(key, JSON.stringify(['subject', issuer, subject]))
/** The same for a session of the provider's own. */
export const sidLookup = (key: KeyObject, issuer: string, sessionId: string): Uint8Array => keyedHash(key, JSON.stringify(['session', issuer, sessionId]))

/** Opens and seals what a provider called somebody, for the account that it is linked to. */
export const shownAs = (sealer: Sealer, identityId: string) => {
  const place = { table: 'identity', rowId: identityId, column: 'shown_as_sealed' }
  return { seal: (text: string) => sealer.seal(place, text), open: (sealed: Uint8Array) => sealer.open(place, sealed) }
}

/** Writes down that a sign-in was refused, and refuses it. `reason` is a code of ours, never a value that came from outside. */
export async function refuse({ database, clock }: Pick<FederationContext, 'database' | 'clock'>, caller: Caller, { provider, reason, problem }: { readonly provider: string; readonly reason: string; readonly problem?: ProblemError }): Promise<never> {
  const at = clock.now()
  await database.write([
    auditStep(caller, { at, action: 'federated-sign-in-refused', outcome: 'refused', detail: { provider, reason } }),
    securityEventStep(database, { at, type: 'federated-sign-in-refused', severity: 'low', accountId: null, detail: { provider, reason } }),
  ])
  throw problem ?? new ProblemError('federated-sign-in-refused')
}

import type { Caller } from './handler.ts'

/** What was revoked. An account's revocation may leave out the session that asked for it. */
export type Revoked =
  | { readonly kind: 'account'; readonly accountId: string; readonly exceptSessionId: string | null }
  | { readonly kind: 'session'; readonly sessionId: string }
  /** Its token was replaced: what is remembered under the old one is stale, and nothing that the session holds open ends. */
  | { readonly kind: 'session-token'; readonly sessionId: string }
  | { readonly kind: 'key'; readonly keyId: string }
  /** It may do something else from now on, or has another value: what is remembered of it is stale, and nothing that it holds open ends. */
  | { readonly kind: 'key-settings'; readonly keyId: string }
  | { readonly kind: 'signing-key'; readonly signingKeyId: string }
  /** Nothing is revoked: an owner's data keys have other versions, or other uses. */
  | { readonly kind: 'data-keys'; readonly ownerId: string }
  /** Nothing is revoked: providers, or the keys that they are asked with, are others now. */
  | { readonly kind: 'providers' }
  /** Nothing is revoked: somebody was banned, has other limits, or was forgiven. */
  | { readonly kind: 'penalty'; readonly penaltyId: string }
  | { readonly kind: 'everything' }

export type RevocationListener = (revoked: Revoked) => void

/** Who is told, in this process, that something was revoked: whoever remembers credentials, and whoever holds open what a credential opened. */
export interface Revocations {
  /** Tells every listener, before it returns. That other processes hear of it is the matter of the row that was written with the revocation. */
  announce(revoked: Revoked): void
  /** Gives the function that ends the subscription. */
  subscribe(listener: RevocationListener): () => void
}

/** Listeners are told in the order in which they came. */
export function createRevocations(): Revocations {
  const listeners = new Set<RevocationListener>()
  return {
    announce(revoked) { for (const listener of listeners) listener(revoked) },
    subscribe(listener) {
      listeners.add(listener)
      return () => { listeners.delete(listener) }
    },
  }
}

/** Whether a caller's credential is among what was revoked. The administration socket ends with the server alone. */
export function isRevoked({ scope, credential, sessionId }: Pick<Caller, 'scope' | 'credential' | 'sessionId'>, revoked: Revoked): boolean {
  if (scope === null || credential.kind === 'local') return false
  switch (revoked.kind) {
    case 'everything': return true
    case 'account': return scope.accountId === revoked.accountId && (sessionId === null || sessionId !== revoked.exceptSessionId)
    case 'session': return sessionId === revoked.sessionId
    case 'session-token': case 'key-settings': case 'data-keys': case 'providers': case 'penalty': return false
    // A token that a key was traded for is named after the key.
    case 'key': return credential.id === revoked.keyId
    // A caller does not say with which key its token was signed, and such a key ends because it was stolen.
    case 'signing-key': return credential.kind === 'access-token'
  }
}

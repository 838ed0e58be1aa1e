import type { BodyOf, OperationId, ParamsOf, Permission, QueryOf, ReplyOf, Role } from '@sallyport/contract'
import type { RateStanding } from './rates.ts'
import type { Restriction } from './restriction.ts'
import type { Scope } from './scope.ts'

/** An obligation of an account. */
export type Pending = 'second-factor-enrolment' | 'password-change'

/** Who calls. Made by the credential reader alone; `scope` is null for nobody in particular. */
export interface Caller {
  readonly scope: Scope | null
  readonly role: Role | null
  readonly permissions: ReadonlySet<Permission>
  /**
   * How the caller proved it. `local` is the administration socket, which only the data directory's owner can open. The id of an access
   * token is that of what it stands for: its family, or the API key that was traded for it. `valueId` says which value of an API key
   * was sent.
   */
  readonly credential: { readonly kind: 'none' | 'session' | 'access-token' | 'api-key' | 'local'; readonly id: string; readonly valueId?: string }
  /** The browser session, or the family of a person's access token; null for keys, the socket and nobody. */
  readonly sessionId: string | null
  /** When the person last proved who they are, in milliseconds since the epoch: 0 for keys, infinity for the socket. */
  readonly authenticatedAt: number
  /** When the person last proved a second factor. */
  readonly secondFactorAt: number | null
  /** Whether the account has a second factor, so that a fresh proof needs it too. */
  readonly hasSecondFactor: boolean
  /** What the account owes before it may do anything else. */
  readonly pending: Pending | null
  /** The API key behind this call: the one that was sent, or that the access token was traded for. Null where there is none. What counts by key counts by this alone. */
  readonly keyId: string | null
  /** What that key is limited to; null where there is no key, or none of its own. */
  readonly restriction: Restriction | null
  /** When the credential ends, in milliseconds since the epoch. */
  readonly expiresAt: number
  /** The connection's address. */
  readonly address: string
  /** What the client says that it is, cut short. Worth a line in a list of devices and nothing more. */
  readonly userAgent: string
  /** Whether this call was asked for a human check and brought its solution: then its limits are as they are written. */
  readonly isCheckedHuman: boolean
  /** What the browser shows of an earlier sign-in: it opens nothing, and only tells a known browser from a stranger's. */
  readonly deviceToken: string | null
}

/** One checked call of an operation. */
export interface Call<Id extends OperationId> {
  readonly caller: Caller
  readonly params: ParamsOf<Id>
  readonly query: QueryOf<Id>
  readonly body: BodyOf<Id>
  readonly correlationId: string
  /** The host and port that the caller asked for: one of the server's own names, as the edge has checked. Empty over the administration socket. */
  readonly host: string
  /** The sealed sign-in that this browser has under way at an identity provider; null where there is none, and for operations that are no part of one. */
  readonly signInCookie: string | null
  /** True when the caller asked for server-sent events. */
  readonly wantsEvents: boolean
  /** From `Last-Event-ID`, where the caller sent it. */
  readonly lastEventId: string | null
  /** Top-level fields of the body that the schema does not know; only where a dialect drops them. */
  readonly ignoredFields: readonly string[]
  /** Puts limits that the operation met itself into the answer's headers, while these have not left. */
  readonly tellRates: (standings: readonly RateStanding[]) => void
  /** Aborts when the caller's connection is gone. */
  readonly gone: AbortSignal
}

/** What a handler may give besides its plain reply. */
export interface FileReply { readonly kind: 'file'; readonly bytes: Buffer; readonly mediaType: string; readonly immutable: boolean; /** Headers in place of the usual ones. */ readonly headers: Readonly<Record<string, string>> }
/** A file for keeping, written as it comes: a slow reader slows the source, not the memory. */
export interface DownloadReply { readonly kind: 'download'; readonly bytes: AsyncIterable<Uint8Array>; readonly mediaType: string; readonly name: string }
/** Server-sent events as text, ready to write. Ends normally; what it throws becomes the last event. `headers` is read once the first frame has come. */
export interface EventsReply { readonly kind: 'events'; readonly frames: AsyncIterable<string>; readonly failure: (error: unknown) => string; readonly headers?: Readonly<Record<string, string>> }
/** A plain reply with headers of its own, such as a cookie. */
export interface HeadedReply<Id extends OperationId> { readonly kind: 'headed'; readonly reply: ReplyOf<Id>; readonly headers: Readonly<Record<string, string | string[]>> }

/**
 * Sends a browser on: by a redirect (303), or by a page of our own that goes on by itself. After a page the next request is one of this
 * site, so that the browser sends cookies which it keeps from other sites.
 */
export interface NavigationReply { readonly kind: 'navigation'; readonly to: string; readonly by: 'redirect' | 'page'; readonly cookies: readonly string[] }

export type Answer<Id extends OperationId> = ReplyOf<Id> | HeadedReply<Id> | EventsReply | FileReply | DownloadReply | NavigationReply
export type Handler<Id extends OperationId> = (call: Call<Id>) => Promise<Answer<Id>>
export type Handlers = { readonly [Id in OperationId]: Handler<Id> }

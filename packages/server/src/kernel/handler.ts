import type { BodyOf, OperationId, ParamsOf, Permission, QueryOf, ReplyOf, Role } from '@sallyport/contract'
import type { Scope } from './scope.ts'

/** Who calls. Made by the credential reader alone; `scope` is null for nobody in particular. */
export interface Caller {
  readonly scope: Scope | null
  readonly role: Role | null
  readonly permissions: ReadonlySet<Permission>
  /** How the caller proved it. `local` is the administration socket, which only the data directory's owner can open. */
  readonly credential: { readonly kind: 'none' | 'session' | 'api-key' | 'local'; readonly id: string }
  /** When the credential ends, in milliseconds since the epoch. */
  readonly expiresAt: number
  /** The connection's address. */
  readonly address: string
}

/** One checked call of an operation. */
export interface Call<Id extends OperationId> {
  readonly caller: Caller
  readonly params: ParamsOf<Id>
  readonly query: QueryOf<Id>
  readonly body: BodyOf<Id>
  readonly correlationId: string
  /** True when the caller asked for server-sent events. */
  readonly wantsEvents: boolean
  /** From `Last-Event-ID`, where the caller sent it. */
  readonly lastEventId: string | null
  /** Top-level fields of the body that the schema does not know; only where a dialect drops them. */
  readonly ignoredFields: readonly string[]
  /** Aborts when the caller's connection is gone. */
  readonly gone: AbortSignal
}

/** What a handler may give besides its plain reply. */
export interface FileReply { readonly kind: 'file'; readonly bytes: Buffer; readonly mediaType: string; readonly isPage: boolean; readonly immutable: boolean; readonly nonce: string | null }
/** Server-sent events as text, ready to write. Ends normally; what it throws becomes the last event. */
export interface EventsReply { readonly kind: 'events'; readonly frames: AsyncIterable<string>; readonly failure: (error: unknown) => string; readonly headers?: Readonly<Record<string, string>> }
/** A plain reply with headers of its own, such as a cookie. */
export interface HeadedReply<Id extends OperationId> { readonly kind: 'headed'; readonly reply: ReplyOf<Id>; readonly headers: Readonly<Record<string, string>> }

export type Answer<Id extends OperationId> = ReplyOf<Id> | HeadedReply<Id> | EventsReply | FileReply
export type Handler<Id extends OperationId> = (call: Call<Id>) => Promise<Answer<Id>>
export type Handlers = { readonly [Id in OperationId]: Handler<Id> }

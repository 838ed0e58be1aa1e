import type { ServerResponse } from 'node:http'
import { operations, type Dialect, type OperationId } from '@sallyport/contract'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Caller } from '../kernel/handler.ts'

/** One request on its way through the edge. Each step reads it and may fill what is its own. */
export interface Visit {
  readonly request: FastifyRequest
  readonly raw: ServerResponse
  readonly correlationId: string
  readonly operationId: OperationId | null
  readonly dialect: Dialect
  /** The peer's address, or the administration socket. */
  readonly address: string
  readonly isLocal: boolean
  /** Headers that the answer will carry, in a form that Node writes without copying. */
  readonly headers: Record<string, string | string[]>
  caller: Caller
  /** Tells the credential that came from others, and nothing about it; null where none came. */
  credentialDigest: string | null
}

declare module 'fastify' {
  interface FastifyRequest { visit: Visit | null }
  interface FastifyContextConfig { operationId?: OperationId }
}

/** The dialect of a path that no operation claims. */
export const dialectOf = (operationId: OperationId | null, url: string): Dialect =>
  operationId === null || operationId === 'getPage' ? (url.startsWith('/v1/') ? 'openai' : 'problem') : operations[operationId].dialect

/** The visit that the first step began. */
export function visitOf(request: FastifyRequest): Visit {
  if (request.visit === null) throw new Error('The edge has not begun this request.')
  return request.visit
}
export type { FastifyReply, FastifyRequest }

import { randomUUID } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import type { ServerResponse } from 'node:http'
import type { Caller } from '../../kernel/handler.ts'
import { commonHeaders, dataContentSecurityPolicy } from '../../policy/headers.ts'
import { dialectOf, type Visit } from '../visit.ts'

/** What a client may send as its own correlation id. */
const CORRELATION_ID = /^[A-Za-z0-9._-]{8,64}$/

export const nobody = (address: string): Caller =>
  ({ scope: null, role: null, permissions: new Set(), credential: { kind: 'none', id: '' }, expiresAt: 0, address })

/** Gives the request its correlation id (OBS-1) and the headers that every answer carries (NET-2). */
export function beginVisit(request: FastifyRequest, raw: ServerResponse, isLocal: boolean): Visit {
  const sent = request.headers['x-request-id']
  const correlationId = typeof sent === 'string' && CORRELATION_ID.test(sent) ? sent : randomUUID()
  const operationId = request.routeOptions.config.operationId ?? null
  const address = isLocal ? 'local' : request.socket.remoteAddress ?? 'unknown'
  return {
    request, raw, correlationId, operationId, address, isLocal,
    dialect: dialectOf(operationId, request.url),
    headers: { 'X-Request-Id': correlationId, 'Content-Security-Policy': dataContentSecurityPolicy, 'Cache-Control': 'no-store', ...commonHeaders },
    caller: nobody(address),
  }
}

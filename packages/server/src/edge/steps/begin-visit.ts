import { randomUUID } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import type { ServerResponse } from 'node:http'
import type { AddressRange } from '../../kernel/address-range.ts'
import type { Caller } from '../../kernel/handler.ts'
import { commonHeaders, dataContentSecurityPolicy } from '../../policy/headers.ts'
import { clientAddress } from '../client-address.ts'
import { cookieIn, deviceCookieName } from '../cookies.ts'
import { dialectOf, type Visit } from '../visit.ts'

/** What a client may send as its own correlation id. */
const CORRELATION_ID = /^[A-Za-z0-9._-]{8,64}$/

const USER_AGENT_CHARACTERS = 300

export const nobody = (address: string, userAgent: string, deviceToken: string | null): Caller => ({
  scope: null, role: null, permissions: new Set(), credential: { kind: 'none', id: '' }, sessionId: null, authenticatedAt: 0, secondFactorAt: null,
  hasSecondFactor: false, pending: null, keyId: null, restriction: null, expiresAt: 0, isCheckedHuman: false, address, userAgent, deviceToken,
})

/** How requests come to an app: over the administration socket or not, and which peers may speak for others (NET-7). */
export interface Entrance { readonly isLocal: boolean; readonly proxies: readonly AddressRange[]; readonly cookieName: () => string }

/** Gives the request its correlation id (OBS-1) and the headers that every answer carries (NET-2). */
export function beginVisit(request: FastifyRequest, raw: ServerResponse, { isLocal, proxies, cookieName }: Entrance): Visit {
  const sent = request.headers['x-request-id']
  const correlationId = typeof sent === 'string' && CORRELATION_ID.test(sent) ? sent : randomUUID()
  const operationId = request.routeOptions.config.operationId ?? null
  const forwardedFor = request.headers['x-forwarded-for']
  const address = isLocal ? 'local' : clientAddress(request.socket.remoteAddress ?? 'unknown', typeof forwardedFor === 'string' ? forwardedFor : undefined, proxies)
  return {
    request, raw, correlationId, operationId, address, isLocal,
    dialect: dialectOf(operationId, request.url), credentialDigest: null,
    headers: { 'X-Request-Id': correlationId, 'Content-Security-Policy': dataContentSecurityPolicy, 'Cache-Control': 'no-store', ...commonHeaders },
    caller: nobody(address, (request.headers['user-agent'] ?? '').slice(0, USER_AGENT_CHARACTERS), cookieIn(request.headers.cookie, deviceCookieName(cookieName()))),
  }
}

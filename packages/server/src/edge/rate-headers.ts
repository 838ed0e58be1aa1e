import type { RateStanding } from '../kernel/rates.ts'

/**
 * The limits that a call met and how it stands with them (draft-ietf-httpapi-ratelimit-headers-10): `RateLimit-Policy` with quota and window,
 * `RateLimit` with what remains and when all of it is back. What came before it on the same answer stays.
 */
export function addRateHeaders(headers: Record<string, string | string[]>, standings: readonly RateStanding[]): void {
  if (standings.length === 0) return
  append(headers, 'RateLimit-Policy', standings.map(({ rule: { name, count, windowSeconds } }) => `"${name}";q=${count};w=${windowSeconds}`))
  append(headers, 'RateLimit', standings.map(({ rule: { name }, remaining, resetSeconds }) => `"${name}";r=${remaining};t=${resetSeconds}`))
}

function append(headers: Record<string, string | string[]>, name: string, items: readonly string[]): void {
  const before = headers[name]
  headers[name] = [...(typeof before === 'string' ? [before] : []), ...items].join(', ')
}

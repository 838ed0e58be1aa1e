import type { Clock } from '../../kernel/clock.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { createRateWindow } from '../../kernel/rate-window.ts'
import { operationPolicy } from '../../policy/operations.ts'
import type { Visit } from '../visit.ts'

const ipv6Site = /^((?:[0-9a-f]{1,4}:){1,4})/

/** Whom an address counts as: an IPv4 address alone, an IPv6 address with its /64. */
export function addressKey(address: string): string {
  if (!address.includes(':')) return address
  return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : ipv6Site.exec(address)?.[1] ?? address
}

/** The rate of an address, before anybody is identified. Health checks are exempt. */
export function limitAddress(clock: Clock, row: { readonly count: number; readonly windowSeconds: number }) {
  const window = createRateWindow(clock, row)
  return (visit: Visit): void => {
    if (visit.isLocal || (visit.operationId !== null && operationPolicy[visit.operationId].budget === 'none')) return
    const answer = window.take(addressKey(visit.address))
    if (!answer.allowed) throw tooMany(answer.retryAfterSeconds)
  }
}

/** The problem of everyone who is over a rate. */
export const tooMany = (retryAfterSeconds: number) =>
  new ProblemError('too-many-requests', { detail: `Wait ${retryAfterSeconds} ${retryAfterSeconds === 1 ? 'second' : 'seconds'}, then try again.`, members: { retryAfterSeconds } })

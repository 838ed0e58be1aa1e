import type { Clock } from '../../kernel/clock.ts'
import { createRateWindow, type RateWindow } from '../../kernel/rate-window.ts'
import { rates } from '../../policy/limits.ts'
import { operationPolicy } from '../../policy/operations.ts'
import type { Visit } from '../visit.ts'
import { addressKey, tooMany } from './limit-address.ts'

/** One rate per class of operation (LIM-1). Turns are counted in the turn itself, so that every entrance meets the same counter. */
export function limitOperation(clock: Clock) {
  const windows = new Map<string, RateWindow>(Object.entries(rates).map(([budget, { count, windowSeconds }]) =>
    [budget, createRateWindow(clock, { count: count.default, windowSeconds })]))
  return (visit: Visit): void => {
    if (visit.operationId === null || visit.isLocal) return
    const { budget } = operationPolicy[visit.operationId]
    if (budget === 'none' || budget === 'turn') return
    const key = rates[budget].by === 'address' ? null : visit.caller.scope?.accountId
    const answer = windows.get(budget)?.take(key ?? addressKey(visit.address))
    if (answer === undefined) return
    if (!answer.allowed) throw tooMany(answer.retryAfterSeconds)
    visit.headers['RateLimit'] = `"${budget}";r=${answer.remaining};t=${rates[budget].windowSeconds}`
  }
}

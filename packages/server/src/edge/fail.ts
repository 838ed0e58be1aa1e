import { operations, problems } from '@sallyport/contract'
import { describeError, type Log } from '../kernel/log.ts'
import { toProblemError } from '../kernel/problem.ts'
import type { Patterns } from '../domains/patterns/index.ts'
import type { Penalties } from '../domains/penalties/index.ts'
import { punishedFor, violationOf } from '../policy/penalties.ts'
import { violationOfTooMuch } from '../policy/too-much.ts'
import { observeRefusal } from './observe.ts'
import { asksForPage, sendNavigationProblem } from './navigate.ts'
import { sendProblem } from './respond.ts'
import type { Visit } from './visit.ts'

export interface FailDeps { readonly log: Log; readonly penalties: Pick<Penalties, 'note'>; readonly patterns: Pick<Patterns, 'note'> }

/** Answers a failed request: the caller gets the problem, the log its cause; a violation costs its points. */
export function fail(error: unknown, visit: Visit, { log, penalties, patterns }: FailDeps): void {
  // Who left in the middle of a request is told nothing, and is nobody's fault.
  if (visit.request.raw.destroyed && !visit.request.raw.complete) { visit.raw.destroy(); return }
  const problem = toProblemError(error)
  const violation = problem.code === 'too-many-requests' ? violationOfTooMuch(problem) : violationOf[problem.code] ?? null
  const punished = violation === null || visit.isLocal ? null : punishedFor(visit.caller)
  const { retryAfterSeconds } = problem.members
  if (violation !== null && punished !== null) penalties.note(punished, violation, typeof retryAfterSeconds === 'number' ? retryAfterSeconds : null)
  observeRefusal(patterns, visit, problem.code)
  const isOurs = problem.code === 'internal'
  if (isOurs || problem.cause !== undefined) {
    // What a caller did wrong is of interest to few, and must not fill the log.
    const level = isOurs ? 'error' : problems[problem.code].status >= 500 ? 'warn' : 'info'
    log[level]({ correlationId: visit.correlationId, operation: visit.operationId, code: problem.code, ...describeError(problem.cause ?? problem) }, 'request-failed')
  }
  if (visit.operationId !== null && operations[visit.operationId].media === 'navigation' && asksForPage(visit)) sendNavigationProblem(visit, problem)
  else sendProblem(visit, problem)
}

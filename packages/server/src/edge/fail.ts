import { operations, problems } from '@sallyport/contract'
import { describeError, type Log } from '../kernel/log.ts'
import { toProblemError } from '../kernel/problem.ts'
import { asksForPage, sendNavigationProblem } from './navigate.ts'
import { sendProblem } from './respond.ts'
import type { Visit } from './visit.ts'

/** Answers a failed request: the caller gets the problem, the log its cause. */
export function fail(error: unknown, visit: Visit, log: Log): void {
  // Who left in the middle of a request is told nothing, and is nobody's fault.
  if (visit.request.raw.destroyed && !visit.request.raw.complete) { visit.raw.destroy(); return }
  const problem = toProblemError(error)
  const isOurs = problem.code === 'internal'
  if (isOurs || problem.cause !== undefined) {
    // What a caller did wrong is of interest to few, and must not fill the log.
    const level = isOurs ? 'error' : problems[problem.code].status >= 500 ? 'warn' : 'info'
    log[level]({ correlationId: visit.correlationId, operation: visit.operationId, code: problem.code, ...describeError(problem.cause ?? problem) }, 'request-failed')
  }
  if (visit.operationId !== null && operations[visit.operationId].media === 'navigation' && asksForPage(visit)) sendNavigationProblem(visit, problem)
  else sendProblem(visit, problem)
}

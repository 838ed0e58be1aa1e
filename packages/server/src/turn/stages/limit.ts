import type { Clock } from '../../kernel/clock.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { createRateWindow } from '../../kernel/rate-window.ts'
import { rates } from '../../policy/limits.ts'
import { passed } from '../passed.ts'
import type { Admitted, Identified, Lease } from '../turn.ts'

export interface LimitDeps { readonly clock: Clock; readonly turnsPerMinute: number; readonly concurrentTurns: number }

/** Rate and concurrency of an account's turns, whatever the entrance. The lease frees its place. Throws `too-many-requests`. */
export function limit({ clock, turnsPerMinute, concurrentTurns }: LimitDeps) {
  const window = createRateWindow(clock, { count: turnsPerMinute, windowSeconds: rates.turn.windowSeconds })
  const running = new Map<string, number>()

  const enter = (accountId: string): Lease => {
    running.set(accountId, (running.get(accountId) ?? 0) + 1)
    let isFreed = false
    return {
      [Symbol.dispose]() {
        if (isFreed) return
        isFreed = true
        const left = (running.get(accountId) ?? 1) - 1
        if (left === 0) running.delete(accountId)
        else running.set(accountId, left)
      },
    }
  }
  return (turn: Identified): Promise<Admitted> => {
    const { accountId } = turn.scope
    if ((running.get(accountId) ?? 0) >= concurrentTurns) {
      return Promise.reject(new ProblemError('too-many-requests', { detail: `At most ${concurrentTurns} answers at the same time. Wait for one to end, or stop one.`, members: { retryAfterSeconds: 1 } }))
    }
    const rate = window.take(accountId)
    if (!rate.allowed) {
      return Promise.reject(new ProblemError('too-many-requests', { detail: `At most ${turnsPerMinute} questions a minute. Wait ${rate.retryAfterSeconds} s.`, members: { retryAfterSeconds: rate.retryAfterSeconds } }))
    }
    return Promise.resolve(passed<Admitted>({ ...turn, lease: enter(accountId) }))
  }
}

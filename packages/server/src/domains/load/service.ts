import { randomInt } from 'node:crypto'
import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { loadRules, sheddingOrder, sheddingSteps, type Shed } from '../../policy/load.ts'
import type { FairQueue } from './fair-queue.ts'
import type { Gauge } from './gauge.ts'

export interface LoadDeps {
  readonly gauge: Gauge
  readonly queue: Pick<FairQueue, 'waitingShare'>
  readonly clock: Pick<Clock, 'monotonic'>
  readonly log: Log
  /** The delay of the event loop that is too much. */
  readonly delayMilliseconds: number
}

/** What the server gives up while it is too busy (LIM-8). A step stays given up for a while after it was last too much, so that it does not flicker. */
export function createLoad({ gauge, queue, clock, log, delayMilliseconds }: LoadDeps) {
  const until = new Map<Shed, number>()
  const state: { timer: ReturnType<typeof setInterval> | null; shed: readonly Shed[] } = { timer: null, shed: [] }

  const look = (): void => {
    const now = clock.monotonic()
    const measured = { delay: gauge.delayMilliseconds() / delayMilliseconds, memory: gauge.memoryShare(), waiting: queue.waitingShare() }
    for (const name of sheddingOrder) {
      const step = sheddingSteps[name]
      if (measured.delay >= step.delay || measured.memory >= step.memory || measured.waiting >= step.waiting) until.set(name, now + loadRules.staysMilliseconds)
    }
    const shed = sheddingOrder.filter((name) => (until.get(name) ?? -Infinity) > now)
    if (shed.length !== state.shed.length) {
      const tell = shed.length > state.shed.length ? log.warn : log.info
      tell({ sheds: shed.join(', '), delayMilliseconds: Math.round(measured.delay * delayMilliseconds), memoryPercent: Math.round(measured.memory * 100), waitingPercent: Math.round(measured.waiting * 100) }, shed.length > state.shed.length ? 'load-shed' : 'load-taken-up')
    }
    state.shed = shed
  }
  return {
    /** Looks once. */
    look,
    /** Looks again and again, until `close`. */
    start(): void { state.timer ??= setInterval(look, loadRules.lookMilliseconds).unref() },
    /** What is given up now. */
    shed: (): readonly Shed[] => state.shed,
    sheds: (name: Shed): boolean => state.shed.includes(name),
    close(): void {
      if (state.timer !== null) clearInterval(state.timer)
      gauge.close()
    },
  }
}
export type Load = ReturnType<typeof createLoad>

/** What somebody is told who comes at a bad moment. When to come back is drawn at random, so that not all do at once. */
export const overloaded = (detail: string): ProblemError =>
  new ProblemError('overloaded', { detail, members: { retryAfterSeconds: loadRules.retrySeconds + randomInt(loadRules.spreadSeconds + 1) } })

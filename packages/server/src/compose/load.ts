import type { Config } from '../config/load.ts'
import { createFairQueue, createGauge, createLoad, overloaded } from '../domains/load/index.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import { turnQueue } from '../policy/load.ts'

/** The places for turns, and what is given up while the server is too busy. */
export function composeLoad({ config, clock, log }: { readonly config: Config; readonly clock: Clock; readonly log: Log }) {
  const queue = createFairQueue({ ...turnQueue, places: config.limits.turnsAtOnce, refuse: () => overloaded('All places for answers are taken. Try again in a few seconds.') })
  const load = createLoad({ gauge: createGauge(config.load.memoryMegabytes), queue, clock, log, delayMilliseconds: config.load.loopDelayMilliseconds })
  return { queue, load }
}

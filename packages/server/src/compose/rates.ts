import { createInsuredLimiter, createMemoryLimiter, type Insured } from '../adapters/rate-limiter/index.ts'
import type { Config } from '../config/load.ts'
import type { Database } from '../database/database.ts'
import { createKeptLimiter, createStoreLimiter } from '../domains/limits/index.ts'
import type { Clock } from '../kernel/clock.ts'
import { describeError, type Log } from '../kernel/log.ts'
import type { Sealer } from '../kernel/seal.ts'
import type { RateRule, RateVerdict } from '../kernel/rates.ts'
import { shortWindowSeconds } from '../policy/limits.ts'
import { presetRates } from '../policy/presets.ts'
import { createRateRules, type AllowanceOf, type RateRules } from '../policy/rate-rules.ts'
import type { RateLimiter } from '../ports/rate-limiter.ts'

const FORGET_MILLISECONDS = 600_000

/** The limits of this server, and where they are counted. */
export interface Rates { readonly limiter: RateLimiter; /** Counts in the store alone, for what must be counted exactly: a Redis may forget. */ readonly kept: RateLimiter; readonly rules: RateRules; /** Removes what no limit needs any more. */ readonly forget: () => Promise<void> }

interface RateParts { readonly allowanceOf: AllowanceOf; readonly config: Config; readonly database: Database; readonly serverSealer: Sealer; readonly clock: Clock; readonly log: Log }

/** With a Redis all limits are counted there, with this process as insurance. Without one, short windows live in memory and long ones in the store. */
export async function composeRates({ allowanceOf, config, database, serverSealer, clock, log }: RateParts): Promise<Rates> {
  const rules = createRateRules({ ...presetRates[config.preset], ...config.limits.rates, address: config.limits.requestsPerMinute, turn: config.limits.turnsPerMinute }, allowanceOf)
  const own = createMemoryLimiter(clock)
  const subjects = serverSealer.derive('limits')
  // The embedded store has one owner, whose memory knows all of it; PostgreSQL is asked, for others write there too.
  const store = database.dialect === 'sqlite' ? createKeptLimiter({ database, clock, subjects, local: createMemoryLimiter({ monotonic: clock.now }) }) : createStoreLimiter({ database, clock, subjects })
  const { url, credential } = config.redis
  if (url === undefined) return { rules, limiter: byWindow(own, store), kept: store, forget: store.forget }
  // Its client is loaded where it is used: without a Redis the server starts without it.
  const { createRedisLimiter } = await import('../adapters/rate-limiter/redis/index.ts')
  const redis = createRedisLimiter(clock, { url, credential, onLost: (error) => { limiter.lose(error) }, onTold: (use) => { limiter.hear(use) } })
  const limiter: Insured = createInsuredLimiter(redis, {
    clock, own, share: config.limits.insuranceShare,
    onChange: (state, error) => { if (state === 'lost') log.error(describeError(error), 'redis-lost'); else log.warn({}, 'redis-found') },
  })
  return { rules, limiter, kept: store, forget: store.forget }
}

/** Short windows are judged before long ones, which cost a write. */
export function byWindow(short: RateLimiter, long: RateLimiter): RateLimiter {
  const isShort = ({ windowSeconds }: RateRule) => windowSeconds <= shortWindowSeconds
  const join = (one: RateVerdict, other: RateVerdict): RateVerdict => ({ refused: one.refused ?? other.refused, standings: [...one.standings, ...other.standings] })
  return {
    async take(rules) {
      const first = await short.take(rules.filter(isShort))
      const far = rules.filter((rule) => !isShort(rule))
      return first.refused !== null || far.length === 0 ? first : join(first, await long.take(far))
    },
    look: async (rules) => join(await short.look(rules.filter(isShort)), await long.look(rules.filter((rule) => !isShort(rule)))),
    close: async () => { await Promise.all([short.close(), long.close()]) },
  }
}

/** Looks every ten minutes for counts that no limit needs any more. Gives the function that ends the schedule. */
export function scheduleForgetting(forget: () => Promise<unknown>, onFailure: (error: unknown) => void): () => void {
  const timer = setInterval(() => { forget().catch(onFailure) }, FORGET_MILLISECONDS)
  timer.unref()
  return () => { clearInterval(timer) }
}

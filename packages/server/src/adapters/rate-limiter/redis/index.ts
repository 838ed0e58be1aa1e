import { createHash } from 'node:crypto'
import { Redis } from 'ioredis'
import * as z from 'zod'
import type { Clock } from '../../../kernel/clock.ts'
import { isLive, SLOTS, slotAt, TOLD_PARTS, verdictOf, type RateRule, type RateVerdict, type Slots, type ToldUse } from '../../../kernel/rates.ts'
import type { Secret } from '../../../kernel/secret.ts'
import type { RateLimiter } from '../../../ports/rate-limiter.ts'

/** A command that takes longer has failed: whoever waits for it is somebody's request. */
const COMMAND_MILLISECONDS = 250
const CONNECT_MILLISECONDS = 1_000
const RECONNECT_MILLISECONDS = 500
const CHANNEL = 'sallyport:rate-told'
const TOLD = /^(\d{1,15}) sallyport:rate:([\w-]{1,60}):(\d{1,9}):(.{0,300})$/

/**
 * For each key a hash of slots. All of it is one script, so that nobody comes in between: it drops slots of another time, sums the rest,
 * and counts everywhere or nowhere. Of what it counts it tells every process, now and then (`toldStep`), at most how much there is: when it
 * is gone, each knows what was given. ARGV: 1 to count or 0 to look; then for each key its count, its current slot and its life in milliseconds.
 */
const SCRIPT = `
local slots = ${SLOTS}
local found, sums, room = {}, {}, true
for i, key in ipairs(KEYS) do
  local most, current = tonumber(ARGV[3 * i - 1]), tonumber(ARGV[3 * i])
  local entries, sum, live = redis.call('HGETALL', key), 0, {}
  for j = 1, #entries, 2 do
    local slot = tonumber(entries[j])
    if slot < current - slots or slot > current + slots then redis.call('HDEL', key, entries[j])
    else
      sum = sum + tonumber(entries[j + 1])
      live[#live + 1] = slot
      live[#live + 1] = tonumber(entries[j + 1])
    end
  end
  if sum >= most then room = false end
  sums[i] = sum + 1
  found[i] = live
end
if room and ARGV[1] == '1' then
  local told = {}
  for i, key in ipairs(KEYS) do
    local inSlot = redis.call('HINCRBY', key, ARGV[3 * i], 1)
    redis.call('PEXPIRE', key, ARGV[3 * i + 1])
    local step = math.max(1, math.floor(tonumber(ARGV[3 * i - 1]) / ${TOLD_PARTS}))
    if inSlot == 1 or sums[i] % step == 0 then told[#told + 1] = (sums[i] + step - 1) .. ' ' .. key end
  end
  if #told > 0 then redis.call('PUBLISH', '${CHANNEL}', table.concat(told, '\\n')) end
end
return found`

const DIGEST = createHash('sha1').update(SCRIPT).digest('hex')

const Found = z.array(z.array(z.number()))

export interface RedisPlace { readonly url: string; readonly credential: Secret | null; /** The connection broke: what comes back may know nothing. */ readonly onLost: (error: unknown) => void; /** What the processes together have used of a limit, now and then. */ readonly onTold?: (use: ToldUse) => void }

/** Counts in one Redis for all processes and machines. Nothing waits for a Redis that is not there: such calls reject at once, or after a quarter of a second. */
export function createRedisLimiter(clock: Clock, { url, credential, onLost, onTold }: RedisPlace): RateLimiter {
  const redis = new Redis(url, {
    enableOfflineQueue: false, maxRetriesPerRequest: 0, commandTimeout: COMMAND_MILLISECONDS, connectTimeout: CONNECT_MILLISECONDS,
    retryStrategy: () => RECONNECT_MILLISECONDS, ...(credential !== null && { password: credential.reveal() }),
  })
  // Without a listener a lost connection would end the process.
  redis.on('error', onLost)
  redis.on('close', () => { onLost(new Error('The connection to Redis is closed.')) })
  const listener = onTold === undefined ? null : listen(redis, onTold)
  const run = async (rules: readonly RateRule[], counts: boolean): Promise<RateVerdict> => {
    if (rules.length === 0) return { refused: null, standings: [] }
    const now = clock.now()
    const keys = rules.map(({ name, key, windowSeconds }) => `sallyport:rate:${name}:${windowSeconds}:${key}`)
    const values = rules.flatMap(({ count, windowSeconds }) => [count, slotAt(now, windowSeconds), Math.ceil(windowSeconds * 1_000 * (1 + 2 / SLOTS))])
    const found = Found.parse(await evaluate(redis, keys, [counts ? 1 : 0, ...values]))
    const living = rules.map(({ windowSeconds }, index) => pairs(found[index] ?? []).filter(([slot]) => isLive(slot, slotAt(now, windowSeconds))))
    return verdictOf(rules, living, { now, counts })
  }
  return { take: (rules) => run(rules, true), look: (rules) => run(rules, false), close: () => { redis.disconnect(); listener?.disconnect(); return Promise.resolve() } }
}

/** A connection of its own, as Redis wants it. That it is lost is noticed by the other one. */
function listen(redis: Redis, onTold: (use: ToldUse) => void): Redis {
  const listener = redis.duplicate({ autoResubscribe: false })
  listener.on('error', () => undefined)
  listener.on('ready', () => { listener.subscribe(CHANNEL).catch(() => undefined) })
  listener.on('message', (_channel: string, text: string) => {
    for (const line of text.split('\n')) {
      const [, used, name, windowSeconds, key] = TOLD.exec(line) ?? []
      if (used !== undefined && name !== undefined && key !== undefined) onTold({ name, key, windowSeconds: Number(windowSeconds), used: Number(used) })
    }
  })
  return listener
}

/** By its digest; a Redis that was started anew is given the text. */
async function evaluate(redis: Redis, keys: readonly string[], values: readonly number[]): Promise<unknown> {
  try {
    return await redis.evalsha(DIGEST, keys.length, ...keys, ...values)
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error
    return redis.eval(SCRIPT, keys.length, ...keys, ...values)
  }
}

function pairs(flat: readonly number[]): Slots {
  const found: (readonly [number, number])[] = []
  for (let index = 0; index + 1 < flat.length; index += 2) found.push([flat[index] ?? 0, flat[index + 1] ?? 0])
  return found.toSorted(([one], [other]) => one - other)
}

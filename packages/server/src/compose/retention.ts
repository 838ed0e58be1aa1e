import type { Config } from '../config/load.ts'
import type { Database } from '../database/database.ts'
import { createEventExpiry } from '../domains/audit/index.ts'
import { createConversationExpiry } from '../domains/conversations/index.ts'
import type { Clock } from '../kernel/clock.ts'
import { providerCredentials } from '../policy/provider-credentials.ts'

const LOOK_MILLISECONDS = 10 * 60_000
/** A start is busy enough without it. */
const FIRST_LOOK_MILLISECONDS = 45_000
const FIRST_INDEXING_MILLISECONDS = 5_000

/** Removes everything whose life is over. */
export function composeRetention({ retention }: Pick<Config, 'retention'>, database: Database, clock: Clock) {
  const conversations = createConversationExpiry({ database, clock, life: { ordinaryDays: retention.conversationDays, daysByRole: retention.conversationDaysByRole, ephemeralHours: retention.ephemeralHours } })
  const events = createEventExpiry({ database, clock, days: retention.securityEventDays })
  return async () => ({ conversations: await conversations(), events: await events() })
}

/** Looks now and then. Gives what ends it. */
export function scheduleRetention(expire: () => Promise<unknown>, onError: (error: unknown) => void): () => void {
  const look = () => { expire().catch(onError) }
  const first = setTimeout(look, FIRST_LOOK_MILLISECONDS).unref()
  const again = setInterval(look, LOOK_MILLISECONDS).unref()
  return () => { clearTimeout(first); clearInterval(again) }
}

/** Puts messages into the word index that no turn of this process has put there: those of another process, from before a kill or a restore. Gives what ends it. */
export function scheduleIndexing(walk: () => Promise<void>, onError: (error: unknown) => void): () => void {
  const look = () => { walk().catch(onError) }
  const first = setTimeout(look, FIRST_INDEXING_MILLISECONDS).unref()
  const again = setInterval(look, LOOK_MILLISECONDS).unref()
  return () => { clearTimeout(first); clearInterval(again) }
}

/** Writes down what providers' keys were used for, and destroys those that were replaced long enough ago. Gives what ends it. */
export function scheduleCredentialCounts(tidy: () => Promise<void>, onError: (error: unknown) => void): () => void {
  const again = setInterval(() => { tidy().catch(onError) }, providerCredentials.countSeconds * 1_000).unref()
  return () => { clearInterval(again) }
}

import type { Config } from '../config/load.ts'
import type { Database } from '../database/database.ts'
import type { FormerStores } from '../database/former.ts'
import { AUDIT_CUTS, createAuditExpiry, createCutMarks, createEventExpiry } from '../domains/audit/index.ts'
import { createConversationExpiry } from '../domains/conversations/index.ts'
import { createDocumentExpiry } from '../domains/knowledge/index.ts'
import { createFormerExpiry } from '../domains/privacy/index.ts'
import { isDueAgain, type Clock } from '../kernel/clock.ts'
import type { Sealer } from '../kernel/seal.ts'
import { expiry } from '../policy/retention.ts'
import type { MessageIndex } from '../ports/message-index.ts'
import type { PassageIndex } from '../ports/passage-index.ts'
import { providerCredentials } from '../policy/provider-credentials.ts'

/** A start is busy enough without it. */
const FIRST_LOOK_MILLISECONDS = 45_000
const FIRST_INDEXING_MILLISECONDS = 5_000

interface RetentionDeps { readonly database: Database; readonly clock: Clock; readonly passages: PassageIndex; readonly messages: MessageIndex; readonly serverSealer: Sealer; readonly formerStores: FormerStores }

/** Removes everything whose life is over. */
export function composeRetention({ retention }: Pick<Config, 'retention'>, { database, clock, passages, messages, serverSealer, formerStores }: RetentionDeps) {
  const conversations = createConversationExpiry({ database, clock, life: { ordinaryDays: retention.conversationDays, daysByRole: retention.conversationDaysByRole, ephemeralMinutes: retention.ephemeralMinutes } })
  const documents = createDocumentExpiry({ database, index: passages, clock, life: { days: retention.documentDays, daysByRole: retention.documentDaysByRole } })
  const events = createEventExpiry({ database, clock, days: retention.securityEventDays })
  const audit = createAuditExpiry({ database, clock, days: retention.auditDays, marks: createCutMarks(serverSealer.versionsFor(AUDIT_CUTS)) })
  const former = createFormerExpiry({ stores: formerStores, database, clock, days: retention.formerStoreDays })
  const purge = createPurge({ database, clock }, [passages, messages])
  return async () => {
    const removed = { conversations: await conversations(), documents: await documents(), events: await events(), audit: await audit(), formerStores: await former() }
    await purge()
    return removed
  }
}

/** Now and then takes out of the word indexes what was removed, by an expiry or by whoever had written it. */
function createPurge({ database, clock }: Pick<RetentionDeps, 'database' | 'clock'>, indexes: readonly Pick<PassageIndex, 'purge'>[]) {
  let purgedAt: number | null = null
  return async (): Promise<void> => {
    const now = clock.now()
    if (purgedAt !== null && !isDueAgain(purgedAt, now, expiry.purgeMilliseconds)) return
    purgedAt = now
    for (const index of indexes) await index.purge((query) => database.write([{ query }]))
  }
}

/** Looks now and then. Gives what ends it. */
export function scheduleRetention(expire: () => Promise<unknown>, onError: (error: unknown) => void): () => void {
  const look = () => { expire().catch(onError) }
  const first = setTimeout(look, FIRST_LOOK_MILLISECONDS).unref()
  const again = setInterval(look, expiry.lookMilliseconds).unref()
  return () => { clearTimeout(first); clearInterval(again) }
}

/** Puts messages into the word index that no turn of this process has put there: those of another process, from before a kill or a restore. Gives what ends it. */
export function scheduleIndexing(walk: () => Promise<void>, onError: (error: unknown) => void): () => void {
  const look = () => { walk().catch(onError) }
  const first = setTimeout(look, FIRST_INDEXING_MILLISECONDS).unref()
  const again = setInterval(look, expiry.lookMilliseconds).unref()
  return () => { clearTimeout(first); clearInterval(again) }
}

/** Writes down what providers' keys were used for, and destroys those that were replaced long enough ago. Gives what ends it. */
export function scheduleCredentialCounts(tidy: () => Promise<void>, onError: (error: unknown) => void): () => void {
  const again = setInterval(() => { tidy().catch(onError) }, providerCredentials.countSeconds * 1_000).unref()
  return () => { clearInterval(again) }
}

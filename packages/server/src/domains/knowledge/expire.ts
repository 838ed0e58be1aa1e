import type { Database } from '../../database/database.ts'
import { writeUnlessConflict } from '../../database/write-unless-conflict.ts'
import type { Clock } from '../../kernel/clock.ts'
import { livesOf, type Lives, type Whose } from '../../policy/lives.ts'
import { expiry } from '../../policy/retention.ts'
import type { PassageIndex } from '../../ports/passage-index.ts'
import { auditServerStep } from '../audit/index.ts'
import { removalSteps } from './index-document.ts'
import { createKnowledgeStore } from './store.ts'

const DAY = 86_400_000

/** `life` is counted from when a document was added: documents do not change. */
export interface DocumentExpiryDeps { readonly database: Database; readonly index: PassageIndex; readonly clock: Clock; readonly life: Lives }

/**
 * Removes documents of people's own whose life is over, some at a time, each with its passages, its statistics and what the index has of it; then
 * what that left in the index's own storage (PRI-3). Shared documents and the handbook stay. Gives how many were removed.
 */
export function createDocumentExpiry({ database, index, clock, life }: DocumentExpiryDeps) {
  const store = createKnowledgeStore(database)
  const expire = async (before: number, whose: Whose): Promise<number> => {
    for (let removed = 0; ;) {
      const due = await store.ownBefore({ before, whose, limit: expiry.documents })
      if (due.length === 0) return removed
      const steps = (await Promise.all(due.map((document) => removalSteps({ store, index }, document)))).flat()
      const note = auditServerStep({ at: clock.now(), action: 'documents-expired', detail: { ...('role' in whose && { role: whose.role }), documents: due.length } })
      // Their owner, or another process, removes one of them at this moment: the rest wait for the next look.
      if (!await writeUnlessConflict(database, [...steps, note])) return removed
      removed += due.length
    }
  }
  return async (): Promise<number> => {
    const now = clock.now()
    let removed = 0
    for (const { days, whose } of livesOf(life)) removed += await expire(now - days * DAY, whose)
    if (removed > 0) await index.purge((query) => database.write([{ query }]))
    return removed
  }
}

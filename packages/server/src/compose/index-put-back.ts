import { messageIndexes } from '../adapters/message-index/index.ts'
import type { Database } from '../database/database.ts'
import { createMessageIndexer } from '../domains/conversations/index.ts'
import type { KeyRing } from '../domains/secrets/index.ts'
import { systemClock } from '../kernel/clock.ts'
import { createLog } from '../kernel/log.ts'

interface PutBack { readonly keyRing: KeyRing; readonly messageIds: readonly string[]; readonly logLevel: string }

/** Puts messages that came back into the word index: processes that run over the same PostgreSQL look only at what is new. What fails is logged, and found at the next start. */
export async function indexPutBack(database: Database, { keyRing, messageIds, logLevel }: PutBack): Promise<void> {
  const indexer = createMessageIndexer({ database, index: messageIndexes[database.dialect].create(database.read), keyRing, clock: systemClock, log: createLog(logLevel) })
  indexer.note(messageIds)
  await indexer.settled()
}

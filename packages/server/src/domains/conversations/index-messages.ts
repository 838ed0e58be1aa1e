import { setImmediate as others } from 'node:timers/promises'
import type { Database } from '../../database/database.ts'
import { writeUnlessConflict } from '../../database/write-unless-conflict.ts'
import type { Clock } from '../../kernel/clock.ts'
import { idAfter } from '../../kernel/ids.ts'
import { describeError, type Log } from '../../kernel/log.ts'
import { SealBroken, type Sealer } from '../../kernel/seal.ts'
import { createWordHasher, languageOf, TOKENISER_VERSION, toTerms } from '../../kernel/words/index.ts'
import type { MessageIndex } from '../../ports/message-index.ts'
import type { KeyRing } from '../secrets/index.ts'
import { createIndexStore } from './index-store.ts'
import { messagePlace } from './store.ts'

/** How many messages are looked at, or written, at a time. */
const PAGE = 500
const AT_ONCE = 25
/** Another process may write a message so long after it made its id. */
const LATE_MILLISECONDS = 3_600_000

/** The key of an account's word hashes: it follows from the account's data key, and goes with it. */
export const wordKeyOf = (sealer: Sealer) => sealer.derive('words of conversations')

export interface IndexMessagesDeps { readonly database: Database; readonly index: MessageIndex; readonly keyRing: Pick<KeyRing, 'sealerOf'>; readonly clock: Clock; readonly log: Log }

/** Keeps the word index of messages: right after a turn, and by a walk over what is missing, such as after a restore, a kill or a change of the tokeniser. */
export function createMessageIndexer({ database, index, keyRing, clock, log }: IndexMessagesDeps) {
  const store = createIndexStore(database, index)
  const state: { isClosing: boolean; waiting: string[]; running: Promise<void> | null; walking: Promise<void> | null; walked: string } = { isClosing: false, waiting: [], running: null, walking: null, walked: '' }

  const wordsOf = (sealer: Sealer, id: string, sealed: Uint8Array): readonly string[] => {
    try {
      const text = sealer.open(messagePlace(id, 'text_sealed'), sealed)
      return [...new Set(Array.from(toTerms(text, languageOf(text)), createWordHasher(wordKeyOf(sealer))))].toSorted()
    } catch (error) {
      // A value that was damaged is found when it is read; here it has no words.
      if (error instanceof SealBroken) return []
      throw error
    }
  }
  const add = async (ids: readonly string[]): Promise<void> => {
    for (let from = 0; from < ids.length && !state.isClosing; from += AT_ONCE) {
      const steps = []
      for (const { id, account_id: owner, text_sealed: sealed } of await store.some(ids.slice(from, from + AT_ONCE))) {
        const sealer = await keyRing.sealerOf(owner).catch((error: unknown) => { if (error instanceof SealBroken) return null; throw error })
        // An account that was erased at this moment.
        if (sealer === null) continue
        steps.push(...store.put(id, wordsOf(sealer, id, sealed), TOKENISER_VERSION))
        await others()
      }
      // Another process may have put the same message there first.
      if (steps.length > 0) await writeUnlessConflict(database, steps)
    }
  }
  const work = async (): Promise<void> => {
    while (state.waiting.length > 0 && !state.isClosing) await add(state.waiting.splice(0, PAGE))
  }
  const walk = async (): Promise<void> => {
    const from = idAfter('message', clock.now() - LATE_MILLISECONDS)
    for (let after: string | null = state.walked; after !== null && !state.isClosing;) {
      const { last, missing }: Awaited<ReturnType<typeof store.page>> = await store.page(after, PAGE, TOKENISER_VERSION)
      await add(missing)
      after = last
      await others()
    }
    if (!state.isClosing) state.walked = from
  }
  return {
    /** Messages that have just been written. It never throws: what fails is found by the next walk. */
    note(ids: readonly string[]): void {
      state.waiting.push(...ids)
      state.running ??= work().catch((error: unknown) => { log.error(describeError(error), 'message-not-indexed') }).finally(() => { state.running = null })
    },
    /** Puts everything into the index that is missing there; after the first time, only what is new since. */
    walk: (): Promise<void> => {
      state.walking ??= walk().finally(() => { state.walking = null })
      return state.walking
    },
    settled: async (): Promise<void> => { await Promise.all([state.running, state.walking]) },
    async close(): Promise<void> {
      state.isClosing = true
      await Promise.allSettled([state.running, state.walking])
    },
  }
}
export type MessageIndexer = ReturnType<typeof createMessageIndexer>

import type { AnswerCacheFigures, Savings } from '@sallyport/contract'
import * as z from 'zod'
import type { Database, WriteStep } from '../../database/database.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Scope } from '../../kernel/scope.ts'
import { keyedHash, SealBroken, type Sealer } from '../../kernel/seal.ts'
import { answerCacheRules, type AnswerCacheReach } from '../../policy/answer-cache.ts'
import type { KeyRing } from '../secrets/index.ts'
import { createAnswerStore, type AnswerStore, type AnswerTableName } from './store.ts'
import { empty, trim } from './sweep.ts'

const HOUR = 3_600_000
const MILLION = 1_000_000
const MEGABYTE = 1_048_576
/** How long a process goes by what it knows of an account's share of the room. */
const SIZE_MILLISECONDS = 60_000
const SIZES_KEPT = 10_000

const Answer = z.strictObject({ text: z.string(), reasoning: z.string(), inputTokens: z.int(), outputTokens: z.int() })
/** An answer as its reader was shown it, with the tokens that it took to make it. */
export type KeptAnswer = Readonly<z.output<typeof Answer>>

/** Where the answer to one request belongs, for whoever may be given it. */
export interface AnswerPlace { readonly id: string; readonly accountId: string; readonly sealer: Sealer }

export interface AnswerCacheDeps {
  readonly database: Database
  readonly clock: Clock
  readonly keyRing: Pick<KeyRing, 'sealerOf'>
  readonly serverSealer: Sealer
  readonly reach: AnswerCacheReach
  readonly hours: number
  readonly megabytes: number
  /** What turns that were answered from it have spared since a moment. */
  readonly savedSince: (at: number, accountId?: string) => Promise<{ readonly hits: number; readonly savedTokens: number; readonly savedMoney: number }>
}

/**
 * Answers that are given again for exactly the same request (PRV-10). One's own are sealed under one's own data key and found by a hash under
 * a key that follows from it, so nobody else can find them, nor open them; shared ones by the server's.
 */
export function createAnswerCache({ database, clock, keyRing, serverSealer, reach, hours, megabytes, savedSince }: AnswerCacheDeps) {
  const tables = { own_answer: createAnswerStore(database, 'own_answer'), shared_answer: createAnswerStore(database, 'shared_answer') }
  const table: AnswerTableName = reach === 'shared' ? 'shared_answer' : 'own_answer'
  const store = tables[table]
  const most = megabytes * MEGABYTE
  const sizes = createSizes(store, clock)
  const counts = { found: 0, notFound: 0 }
  const cellOf = (id: string) => ({ table, rowId: id, column: 'answer_sealed' })
  const oldestKept = () => clock.now() - hours * HOUR

  const open = ({ id, sealer }: AnswerPlace, sealed: Uint8Array): KeptAnswer | null => {
    try {
      return Answer.parse(JSON.parse(sealer.open(cellOf(id), sealed)))
    } catch (error) {
      // Altered, or its key is gone: the model is asked.
      if (error instanceof SealBroken) return null
      throw error
    }
  }
  const savings = async (accountId?: string): Promise<Savings> => {
    const now = new Date(clock.now())
    const { savedMoney, ...counted } = await savedSince(Date.UTC(now.getUTCFullYear(), now.getUTCMonth()), accountId)
    return { ...counted, savedMoney: savedMoney / MILLION }
  }
  return {
    reach,
    /** The place of a request's answer. `request` must tell apart whatever could change the answer. */
    async place({ accountId }: Scope, request: string): Promise<AnswerPlace> {
      const sealer = reach === 'shared' ? serverSealer : await keyRing.sealerOf(accountId)
      return { id: keyedHash(sealer.derive('answers that are kept'), request).toString('hex'), accountId, sealer }
    },
    /** The answer that is kept there; null where there is none, or it is too old. */
    async find(place: AnswerPlace): Promise<KeptAnswer | null> {
      const row = await store.find(place.id, oldestKept())
      const answer = row === undefined ? null : open(place, row.answer_sealed)
      counts[answer === null ? 'notFound' : 'found'] += 1
      return answer
    },
    /** Whether there is room for one more, in all and of this account. Goes by what this process knows; the job removes what several have put too much. */
    async hasRoom({ accountId }: AnswerPlace): Promise<boolean> {
      const [all, own] = [await sizes.of(), await sizes.of(accountId)]
      return all + answerCacheRules.answerBytes <= most && own + answerCacheRules.answerBytes <= most * answerCacheRules.accountShare
    },
    /** Keeps an answer, in the batch that ends its turn. No step for one that is too long. */
    keep(place: AnswerPlace, answer: KeptAnswer): readonly WriteStep[] {
      const sealed = place.sealer.seal(cellOf(place.id), JSON.stringify(answer))
      if (sealed.byteLength > answerCacheRules.answerBytes) return []
      sizes.add(place.accountId, sealed.byteLength)
      return [store.put({ id: place.id, account_id: place.accountId, answer_sealed: sealed, bytes: sealed.byteLength, made_at: clock.now(), hits: 0 })]
    },
    countHit: ({ id }: AnswerPlace): WriteStep => store.countHit(id),
    /** Removes what is too old, the oldest of what is too much, and everything that the setting does not let anybody read. */
    async sweep(): Promise<void> {
      for (const [name, each] of Object.entries(tables)) if (reach === 'off' || name !== table) await empty(database, each)
      await trim(database, store, { madeBy: oldestKept(), bytes: most * answerCacheRules.sweptShare })
      sizes.forget()
    },
    /** What it has spared an account since the month began. */
    savingsOf: (accountId: string): Promise<Savings> => savings(accountId),
    figures: async (): Promise<AnswerCacheFigures> => ({ reach, ...(reach === 'off' ? { answers: 0, bytes: 0 } : await store.size()), ...counts, ...await savings() }),
  }
}
export type AnswerCache = ReturnType<typeof createAnswerCache>

/** Bytes of all answers, and of one account's, as far as this process knows. */
function createSizes(store: AnswerStore, clock: Clock) {
  const known = new Map<string, { bytes: number; readonly readAt: number }>()
  return {
    async of(accountId = ''): Promise<number> {
      const size = known.get(accountId)
      if (size !== undefined && clock.monotonic() - size.readAt < SIZE_MILLISECONDS) return size.bytes
      if (known.size >= SIZES_KEPT) known.clear()
      const { bytes } = await store.size(accountId === '' ? undefined : accountId)
      known.set(accountId, { bytes, readAt: clock.monotonic() })
      return bytes
    },
    add(accountId: string, bytes: number): void {
      for (const key of ['', accountId]) {
        const size = known.get(key)
        if (size !== undefined) size.bytes += bytes
      }
    },
    forget: () => { known.clear() },
  }
}

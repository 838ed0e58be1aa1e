import { WriteConflict, type Database, type WriteStep } from '../../database/database.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Caller } from '../../kernel/handler.ts'
import { refuseTooMuch } from '../../policy/too-much.ts'
import { DAY_MILLISECONDS } from './key-row.ts'
import { createKeyDayStore } from './store.ts'

/** A turn's share of a key's day. What is neither settled nor released counts as used: a crash never gives anything away. */
export interface Reservation {
  /** The steps that put what was used in the place of what was reserved; for the batch that ends the turn. */
  settle(tokens: number): readonly WriteStep[]
  /** Gives everything back, for a turn that never reached its model. Nothing happens after `settle`. */
  release(): void
}

/** Turns and tokens that a key may use in a day (UTC). The store decides in one statement, so that it holds across processes too. */
export function createKeyDays({ database, clock }: { readonly database: Database; readonly clock: Clock }) {
  const store = createKeyDayStore(database)
  return {
    /** Null where the key has no limit by the day. Throws `too-many-requests` when the day has no room for it. */
    async reserve({ keyId, restriction }: Pick<Caller, 'keyId' | 'restriction'>, tokens: number): Promise<Reservation | null> {
      if (keyId === null || restriction === null) return null
      const { turnsPerDay, tokensPerDay } = restriction.limits
      if (turnsPerDay === null && tokensPerDay === null) return null
      const now = clock.now()
      const day = Math.floor(now / DAY_MILLISECONDS)
      try {
        await database.write([store.open(keyId, day), store.reserve(keyId, day, { tokens, turnsPerDay, tokensPerDay })])
      } catch (error) {
        if (!(error instanceof WriteConflict)) throw error
        const used = await store.used(keyId, day)
        const isTurns = turnsPerDay !== null && used.turns >= turnsPerDay
        const what = isTurns ? `${turnsPerDay} questions` : `${tokensPerDay} tokens, and ${Math.max(0, (tokensPerDay ?? 0) - used.tokens)} are left`
        throw refuseTooMuch('key-day', `This API key may use ${what} a day. ${isTurns ? 'Wait until midnight UTC' : 'Ask for less, or wait until midnight UTC'}, or ask for a higher limit.`, ((day + 1) * DAY_MILLISECONDS - now) / 1_000)
      }
      let isOpen = true
      return {
        settle: (usedTokens) => {
          isOpen = false
          return [store.settle(keyId, day, { turns: 0, tokens: usedTokens - tokens })]
        },
        release: () => {
          if (!isOpen) return
          isOpen = false
          // When it is lost, the key has less for today.
          database.write([store.settle(keyId, day, { turns: -1, tokens: -tokens })]).catch(() => undefined)
        },
      }
    },
    /** Days that are over, kept no longer than needed. */
    forget: (): WriteStep => store.forgetBefore(Math.floor(clock.now() / DAY_MILLISECONDS) - 1),
  }
}
export type KeyDays = ReturnType<typeof createKeyDays>

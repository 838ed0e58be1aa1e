import type { Database } from '../../database/database.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { CredentialStore, Use } from './credential-store.ts'

/** Counts what each version of a key was used for, and writes it down now and then: never on the way of an answer. */
export function createUseCounter(database: Database, store: CredentialStore, clock: Clock) {
  const waiting = new Map<string, Use>()
  return {
    note(id: string, { inputTokens = 0, outputTokens = 0, calls = 0 }: Partial<Omit<Use, 'at'>>): void {
      const before = waiting.get(id)
      waiting.set(id, { at: clock.now(), calls: (before?.calls ?? 0) + calls, inputTokens: (before?.inputTokens ?? 0) + inputTokens, outputTokens: (before?.outputTokens ?? 0) + outputTokens })
    },
    /** Writes down what is counted. What cannot be written is kept for the next time. */
    async flush(): Promise<void> {
      const counted = [...waiting]
      waiting.clear()
      if (counted.length === 0) return
      try {
        await database.write(counted.map(([id, use]) => store.count(id, use)))
      } catch (error) {
        for (const [id, use] of counted) this.note(id, use)
        throw error
      }
    },
  }
}
export type UseCounter = ReturnType<typeof createUseCounter>

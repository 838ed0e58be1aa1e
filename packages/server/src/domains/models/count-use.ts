import type { Database } from '../../database/database.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { UseMeter } from '../secret-uses/index.ts'
import type { ModelDeps } from './active.ts'
import type { CredentialStore } from './credential-store.ts'

interface CounterDeps { readonly database: Database; readonly store: CredentialStore; readonly clock: Clock; readonly meter: UseMeter | undefined; readonly costOf: ModelDeps['costOf'] }
interface Noted { readonly model: string; readonly calls?: number; readonly inputTokens?: number; readonly outputTokens?: number }
interface Waiting { readonly id: string; readonly model: string; readonly at: number; readonly calls: number; readonly inputTokens: number; readonly outputTokens: number }

/** Counts what each version of a key was used for, and writes it down now and then, with what it cost: never on the way of an answer. */
export function createUseCounter({ database, store, clock, meter, costOf }: CounterDeps) {
  const waiting = new Map<string, Waiting>()
  const add = (id: string, { model, inputTokens = 0, outputTokens = 0, calls = 0 }: Noted): void => {
    const key = `${id} ${model}`
    const before = waiting.get(key)
    waiting.set(key, { id, model, at: clock.now(), calls: (before?.calls ?? 0) + calls, inputTokens: (before?.inputTokens ?? 0) + inputTokens, outputTokens: (before?.outputTokens ?? 0) + outputTokens })
  }
  const stepOf = async ({ id, model, ...use }: Waiting) => store.count(id, { ...use, cost: (await costOf?.(model))?.(use.inputTokens, use.outputTokens).money ?? 0 })
  return {
    note(id: string, use: Noted): void {
      add(id, use)
      const tokens = (use.inputTokens ?? 0) + (use.outputTokens ?? 0)
      if (tokens > 0) meter?.addTokens({ kind: 'provider-key', name: id }, 'turn', tokens)
    },
    /** Writes down what is counted. What cannot be written is kept for the next time. */
    async flush(): Promise<void> {
      const counted = [...waiting.values()]
      waiting.clear()
      if (counted.length === 0) return
      try {
        await database.write(await Promise.all(counted.map(stepOf)))
      } catch (error) {
        for (const use of counted) add(use.id, use)
        throw error
      }
    },
  }
}
export type UseCounter = ReturnType<typeof createUseCounter>

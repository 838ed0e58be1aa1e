import type { Secret } from '../../kernel/secret.ts'
import type { SecretKind } from '../../policy/secret-uses.ts'

/** Which secret. */
export interface SecretSubject { readonly kind: SecretKind; readonly name: string }
/** A count that goes on; whoever holds it adds to it. */
export interface UseCount { reads: number; tokens: number }
export interface Counted extends SecretSubject, Readonly<UseCount> { readonly purpose: string }

/** Counts reads of secrets in memory: an addition each, and nothing else on the way of a request (SEC-8). */
export function createUseMeter() {
  const counts = new Map<string, SecretSubject & { readonly purpose: string; readonly count: UseCount }>()
  const countOf = ({ kind, name }: SecretSubject, purpose: string): UseCount => {
    const key = `${kind} ${purpose} ${name}`
    const known = counts.get(key)
    if (known !== undefined) return known.count
    const count = { reads: 0, tokens: 0 }
    counts.set(key, { kind, name, purpose, count })
    return count
  }
  return {
    /** Counts one read. */
    note(subject: SecretSubject, purpose: string): void { countOf(subject, purpose).reads += 1 },
    addTokens(subject: SecretSubject, purpose: string, tokens: number): void { countOf(subject, purpose).tokens += tokens },
    /** The same secret, every read of which is counted as one for that purpose. */
    watch(secret: Secret, subject: SecretSubject, purpose: string): Secret {
      const count = countOf(subject, purpose)
      return secret.heard(() => { count.reads += 1 })
    },
    /** What was counted since it was last asked. */
    take(): readonly Counted[] {
      return [...counts.values()].filter(({ count }) => count.reads + count.tokens > 0).map(({ count, ...whose }) => {
        const taken = { ...whose, reads: count.reads, tokens: count.tokens }
        count.reads = 0
        count.tokens = 0
        return taken
      })
    },
    /** Counts again what could not be written down. */
    putBack(taken: readonly Counted[]): void {
      for (const { purpose, reads, tokens, ...subject } of taken) {
        const count = countOf(subject, purpose)
        count.reads += reads
        count.tokens += tokens
      }
    },
  }
}
export type UseMeter = ReturnType<typeof createUseMeter>

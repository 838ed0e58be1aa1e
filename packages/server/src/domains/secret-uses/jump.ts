import { secretJump, type UseMeasure } from '../../policy/secret-uses.ts'

export interface Jump { readonly measure: UseMeasure; readonly count: number; /** Null for a secret that has no usual use yet. */ readonly usual: number | null }
type Used = Readonly<Record<UseMeasure, number>>

/** What is usual of a measure, from earlier intervals in which the secret was used; null where they are too few. */
export function usualOf(earlier: readonly Used[], measure: UseMeasure): number | null {
  if (earlier.length < secretJump.leastIntervals) return null
  const sorted = earlier.map((used) => used[measure]).toSorted((one, other) => one - other)
  return sorted[Math.ceil(sorted.length * secretJump.share) - 1] ?? null
}

/** The jump that this interval is over earlier ones; null where it is none. */
export function jumpOf(now: Used, earlier: readonly Used[]): Jump | null {
  for (const measure of ['reads', 'tokens'] as const) {
    const [count, usual] = [now[measure], usualOf(earlier, measure)]
    const bound = usual === null ? secretJump.withoutUsual[measure] : Math.max(secretJump.floor[measure], secretJump.factor * usual)
    if (count > bound) return { measure, count, usual }
  }
  return null
}

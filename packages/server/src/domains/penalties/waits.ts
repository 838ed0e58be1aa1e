import type { Clock } from '../../kernel/clock.ts'
import { Recent } from '../../kernel/recent.ts'
import { obedient, type PenaltySubject } from '../../policy/penalties.ts'

const KEPT_SUBJECTS = 10_000

/** Who was told to wait, and until when. Bounded; in the memory of this process: whoever is forgotten is taken at their word once more. */
export function createWaits(clock: Pick<Clock, 'monotonic'>) {
  const told = new Recent<number[]>(KEPT_SUBJECTS)
  return {
    /**
     * Whether somebody who is refused now, and told to wait so long, did nothing against what they were told before: as many as `obedient` says
     * may be waiting at once, and whoever waited may ask again. What is true is taken up as one that waits from now on.
     */
    hasObeyed({ kind, id }: PenaltySubject, waitSeconds: number): boolean {
      const now = clock.monotonic()
      const key = `${kind}\n${id}`
      const dues = told.get(key) ?? []
      const over = dues.findIndex((due) => due <= now)
      if (over < 0 && dues.length >= obedient.waiting) return false
      // A timer may fire a little early.
      dues.splice(over < 0 ? dues.length : over, 1, now + waitSeconds * 1_000 - obedient.earlyMilliseconds)
      told.set(key, dues)
      return true
    },
  }
}

import type { DataKeyRotation } from '@sallyport/contract'
import { dataKeyRotation } from '../../policy/data-keys.ts'
import { toMoment } from '../../kernel/clock.ts'
import type { RotationStore } from './rotation-store.ts'

/** How far the last rotation is, and what is in use. */
export async function progressOf(store: RotationStore): Promise<DataKeyRotation> {
  const [run, counts, since] = await Promise.all([store.lastRun(), store.counts(), store.settlingSince()])
  return {
    last: run === undefined ? null : {
      id: run.id, begunAt: toMoment(run.begun_at), endedAt: run.ended_at === null ? null : toMoment(run.ended_at),
      owners: run.owners, ownersDone: run.owners_done, valuesDone: run.values_done, valuesBroken: run.values_broken,
    },
    waiting: counts.owners('planned') + counts.owners('known'), resealing: counts.owners('resealing'), settling: counts.owners('settling'),
    settledAt: since === null ? null : toMoment(since + dataKeyRotation.retireAfterSeconds * 1_000),
    versionsInUse: counts.versions(false), versionsRetired: counts.versions(true),
  }
}

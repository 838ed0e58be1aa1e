import { setTimeout as wait } from 'node:timers/promises'
import { WriteConflict, type Database } from '../../database/database.ts'
import type { Clock } from '../../kernel/clock.ts'
import { newId } from '../../kernel/ids.ts'
import { SealBroken } from '../../kernel/seal.ts'
import { dataKeyRotation } from '../../policy/data-keys.ts'
import { auditServerStep } from '../audit/index.ts'
import type { RotateSteps } from './rotate.ts'
import type { RotationStore } from './rotation-store.ts'
import type { KeyRotationTable } from './tables.ts'

interface WorkDeps {
  readonly database: Database
  readonly store: RotationStore
  readonly steps: RotateSteps
  readonly clock: Clock
  readonly closing: AbortSignal
  /** Whether more work was asked for since it was last asked. */
  readonly takeWish: () => boolean
}

/** The way of every rotation: made known to all processes, then in use, then all values sealed anew. */
export function createRotationWork({ database, store, steps, clock, closing, takeWish }: WorkDeps) {
  /** Does one step for each rotation of a stage. True when there was any. */
  const each = async (stage: KeyRotationTable['stage'], run: (rotation: KeyRotationTable) => Promise<void>): Promise<boolean> => {
    const rotations = await store.rotations(stage, dataKeyRotation.owners)
    for (const rotation of rotations) {
      if (closing.aborted) return false
      await run(rotation).catch((error: unknown) => passOver(rotation, error))
      await new Promise((resolve) => { setImmediate(resolve) })
    }
    return rotations.length > 0
  }
  /** Another process took the step, or the owner was erased meanwhile, and has nothing left to seal. */
  const passOver = async ({ owner_id: owner }: KeyRotationTable, error: unknown): Promise<void> => {
    if (!(error instanceof WriteConflict) && !(error instanceof SealBroken)) throw error
    if ((await store.versions(owner)).length === 0) await database.write([store.dropRotation(owner)])
  }
  /** Owners with several versions in use and nobody at work on it: after a restore, or where a version came back into use. */
  const adopt = async (): Promise<void> => {
    const found = await store.adoptable(dataKeyRotation.owners)
    if (found.length === 0) return
    const at = clock.now()
    const id = newId('keyRotation', at)
    await database.write([
      store.insertRun({ id, begun_at: at, ended_at: null, owners: found.length, owners_done: 0, values_done: 0, values_broken: 0 }),
      ...found.map(({ owner, version }) => store.insertRotation({ owner_id: owner, run_id: id, stage: 'resealing', version, position: 0, after_row: '', steps: 0, at })),
    ]).catch(ignoreConflict)
  }
  /** Goes on until nothing is left to be done at this moment. */
  const work = async (): Promise<void> => {
    for (;;) {
      if (closing.aborted) return
      takeWish()
      await each('planned', steps.makeKnown)
      const hasKnown = (await store.rotations('known', 1)).length > 0
      // A store of one process needs no waiting: who made the key knows it.
      if (hasKnown && database.dialect === 'postgres') await wait(dataKeyRotation.hearMilliseconds, undefined, { signal: closing }).catch(() => undefined)
      if (hasKnown) await each('known', steps.beginSealing)
      const didReseal = await each('resealing', steps.resealSome)
      for (const run of await store.openRuns()) {
        await database.write([store.endRun(run.id, clock.now()), auditServerStep({ at: clock.now(), action: 'data-keys-rotated', detail: { run: run.id, owners: run.owners_done, values: run.values_done, broken: run.values_broken } })]).catch(ignoreConflict)
      }
      if (!hasKnown && !didReseal && !takeWish() && (await store.rotations('planned', 1)).length === 0) return
    }
  }
  return { work, adopt }
}

function ignoreConflict(error: unknown): void {
  if (!(error instanceof WriteConflict)) throw error
}

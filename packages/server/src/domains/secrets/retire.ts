import type { Database } from '../../database/database.ts'
import { liesAhead, type Clock } from '../../kernel/clock.ts'
import { ROOT_VERSION } from '../../kernel/seal.ts'
import { dataKeyRotation } from '../../policy/data-keys.ts'
import { auditServerStep } from '../audit/index.ts'
import type { RotateDeps } from './rotate.ts'
import type { RotationStore } from './rotation-store.ts'
import type { SealedValues } from './sealed-values-store.ts'

export interface RetireDeps extends Pick<RotateDeps, 'revoke' | 'keyRing'> {
  readonly database: Database
  readonly store: RotationStore
  readonly values: SealedValues
  readonly clock: Clock
  /** Whether a backup may hold rows that were sealed before that moment. */
  readonly hasBackupFrom: (at: number) => Promise<boolean>
}

/** What becomes of former versions: out of use when no row needs them, gone when no backup does. */
export function createRetirement({ database, store, values, keyRing, clock, revoke, hasBackupFrom }: RetireDeps) {
  /** Ends rotations that have settled. A version that a row still needs stays in use. */
  const settle = async (): Promise<void> => {
    const now = clock.now()
    for (const rotation of await store.rotations('settling', dataKeyRotation.owners)) {
      const { owner_id: owner, version } = rotation
      // Begun while a clock was ahead: its hour begins now.
      if (liesAhead(rotation.at, now)) { await database.write([store.advance(rotation, { at: now })]); continue }
      if (now - rotation.at < dataKeyRotation.retireAfterSeconds * 1_000) continue
      const former = (await store.versions(owner)).filter((each) => each.version < version && each.version > ROOT_VERSION && each.stage !== 'retired').map((each) => each.version)
      const needed = new Set<number>()
      for (const each of former) if (await values.countSealed(owner, each, true) > 0) needed.add(each)
      const retired = former.filter((each) => !needed.has(each))
      await revoke({ kind: 'data-keys', ownerId: owner }, [
        store.advance(rotation, { at: now }), store.dropRotation(owner),
        ...former.flatMap((each) => [store.dropStage(owner, each), store.putStage(owner, each, { stage: needed.has(each) ? 'needed' : 'retired', at: now })]),
        ...(retired.length === 0 ? [] : [auditServerStep({ at: now, action: 'data-keys-retired', detail: { owner, versions: retired } })]),
      ])
      await keyRing.refresh(owner)
    }
  }
  /** Destroys retired versions that no kept backup can need. What a row turns out to need comes back into use instead. */
  const destroy = async (): Promise<void> => {
    const now = clock.now()
    // Retired while a clock was ahead: no later than now.
    for (const { owner_id: owner, version, at } of await store.retiredAfter(now, dataKeyRotation.owners)) {
      if (liesAhead(at, now)) await database.write([store.dropStage(owner, version), store.putStage(owner, version, { stage: 'retired', at: now })])
    }
    for (const { owner_id: owner, version, at } of await store.retired(now, dataKeyRotation.owners)) {
      if (await values.countSealed(owner, version, true) > 0) {
        await revoke({ kind: 'data-keys', ownerId: owner }, [store.dropStage(owner, version)])
        await keyRing.refresh(owner)
        continue
      }
      if (await hasBackupFrom(at)) continue
      await database.write([store.removeKey(owner, version), auditServerStep({ at: now, action: 'data-keys-destroyed', detail: { owner, versions: [version] } })])
    }
  }
  return { settle, destroy }
}

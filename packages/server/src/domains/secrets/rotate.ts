import { randomBytes } from 'node:crypto'
import type { Database, WriteStep } from '../../database/database.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Revoked } from '../../kernel/revocations.ts'
import { DATA_KEY_BYTES, FIRST_VERSION, ROOT_VERSION, rootOf, rootVersionOf, SealBroken } from '../../kernel/seal.ts'
import { wipe } from '../../kernel/wipe.ts'
import { dataKeyRotation } from '../../policy/data-keys.ts'
import { SERVER_KEYS, type KeyRing } from './key-ring.ts'
import { resealRows } from './reseal.ts'
import type { RotationStore } from './rotation-store.ts'
import type { SealedTable } from './sealed-columns.ts'
import { tablesOf, type SealedValues } from './sealed-values-store.ts'
import type { KeyRotationTable } from './tables.ts'

export interface RotateDeps {
  readonly database: Database
  readonly store: RotationStore
  readonly values: SealedValues
  readonly keyRing: KeyRing
  readonly clock: Clock
  /** Writes a batch, and tells every process that an owner's keys have changed. */
  readonly revoke: (revoked: Revoked, steps: readonly WriteStep[]) => Promise<void>
}

/**
 * The steps of a rotation. Each is one batch that also writes down how far it is, so that a process which ends anywhere leaves what the next
 * one goes on with; of two processes at the same step one wins, and the other looks again.
 */
export function createRotateSteps({ database, store, values: sealedValues, keyRing, clock, revoke }: RotateDeps) {
  const tell = async (owner: string, steps: readonly WriteStep[]) => {
    await revoke({ kind: 'data-keys', ownerId: owner }, steps)
    await keyRing.refresh(owner)
  }

  /**
   * Makes the next version, which every process learns and none seals with; with the first rotation also the root, so that derived keys stay. Of the server's
   * own key the root of every version stays: what it has marked and signed is told by them for as long as it lives.
   */
  const makeKnown = async (rotation: KeyRotationTable): Promise<void> => {
    const owner = rotation.owner_id
    const { keys } = await keyRing.rawKeys(owner)
    const made = new Map<number, Uint8Array>()
    try {
      const live = [...keys.keys()].filter((each) => each > ROOT_VERSION)
      if (live.length === 0) throw new SealBroken(`There is no data key for ${owner}.`)
      const newest = Math.max(...live)
      const [version, at] = [newest + 1, clock.now()]
      made.set(version, randomBytes(DATA_KEY_BYTES))
      for (const each of owner === SERVER_KEYS ? [...live, version] : live.filter((one) => one === FIRST_VERSION)) {
        const raw = keys.get(each) ?? made.get(each)
        if (raw !== undefined && !keys.has(rootVersionOf(each))) made.set(rootVersionOf(each), rootOf(owner, raw))
      }
      const inserts = await Promise.all([...made].map(async ([each, raw]) => store.insertKey({ owner_id: owner, version: each, wrapped: await keyRing.wrap(owner, each, raw), created_at: at })))
      await tell(owner, [store.holdKey(owner, newest), ...inserts, store.putStage(owner, version, { stage: 'known', at }), store.advance(rotation, { stage: 'known', version, at })])
    } finally {
      wipe(...keys.values(), ...made.values())
    }
  }
  const beginSealing = (rotation: KeyRotationTable) =>
    tell(rotation.owner_id, [store.dropStage(rotation.owner_id, rotation.version), store.advance(rotation, { stage: 'resealing', position: 0, after_row: '', at: clock.now() })])

  /** Seals some rows of a table anew. Gives the last of them; null when there were no more. */
  const resealRowsOf = async (sealed: SealedTable, rotation: KeyRotationTable, { after, more }: { readonly after: string; readonly more: (next: string | null) => readonly WriteStep[] }): Promise<string | null> => {
    const { owner_id: owner, run_id: run, version } = rotation
    const rows = await sealedValues.rowsOf(sealed, owner, { version, after, limit: dataKeyRotation.rows })
    const { steps, values, broken } = resealRows(sealedValues, sealed, { sealer: await keyRing.sealerOf(owner), rows, version })
    const next = rows.length < dataKeyRotation.rows ? null : rows.at(-1)?.row ?? null
    await database.write([...more(next), ...steps, store.note(run, { values, broken })])
    return next
  }
  /** One step through an owner's tables. Behind the last one, what was written under an older version meanwhile is sealed anew too. */
  const resealSome = async (rotation: KeyRotationTable): Promise<void> => {
    const { owner_id: owner, position, after_row: after } = rotation
    const sealed = tablesOf(owner)[position]
    if (sealed !== undefined) {
      await resealRowsOf(sealed, rotation, { after, more: (next) => [store.advance(rotation, next === null ? { position: position + 1, after_row: '' } : { after_row: next })] })
      return
    }
    if (await sealedValues.countSealed(owner, rotation.version, false) > 0) {
      for (const table of tablesOf(owner)) {
        for (let behind: string | null = ''; behind !== null;) behind = await resealRowsOf(table, rotation, { after: behind, more: () => [] })
      }
    }
    await database.write([store.advance(rotation, { stage: 'settling', at: clock.now() }), store.note(rotation.run_id, { owners: 1 })])
  }
  return { makeKnown, beginSealing, resealSome, tell }
}
export type RotateSteps = ReturnType<typeof createRotateSteps>

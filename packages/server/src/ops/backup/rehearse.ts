import { completeRestore } from '../../compose/complete-restore.ts'
import type { Config } from '../../config/load.ts'
import { AUDIT_CUTS, createAuditStore, createCutMarks, verifyChain } from '../../domains/audit/index.ts'
import { BackupRefused, sealedSamples } from '../../domains/backups/index.ts'
import { createKeyRing, SERVER_KEYS } from '../../domains/secrets/index.ts'
import { systemClock } from '../../kernel/clock.ts'
import type { BackupChoice } from './open.ts'
import { withScratchStore } from './scratch-store.ts'

const MOST_SAMPLES = 1_000

export interface Rehearsed {
  readonly name: string
  readonly madeAt: string
  readonly rows: number
  readonly tables: Readonly<Record<string, number>>
  /** Accounts that were erased after the backup. */
  readonly erased: number
  /** Sealed values that were opened, and entries of the audit log whose chain was followed. */
  readonly opened: number
  readonly auditEntries: number
}

/**
 * Restores a backup into a scratch store, migrates it, and tries it: sealed values open with the key-encryption key of this machine, and the
 * chain of the audit log is whole. The live store is not touched, and may be in use. Throws `BackupRefused` and `VaultFailure`.
 */
export async function rehearseRestore(config: Config, choice: BackupChoice): Promise<Rehearsed> {
  return withScratchStore(config, { choice, storeId: null }, async ({ database, set: { manifest }, vault }) => {
    const erased = await completeRestore(database, { at: systemClock.now(), name: manifest.name, vault, erasures: [] })
    choice.onProgress?.('trying', 0, 0)
    const keyRing = createKeyRing(database, vault, systemClock)
    const audit = await verifyChain(createAuditStore(database), createCutMarks((await keyRing.sealerOf(SERVER_KEYS)).versionsFor(AUDIT_CUTS)))
    if (!audit.ok) throw new BackupRefused(`The chain of the audit log in this backup is broken at entry ${audit.brokenAt ?? 0}.`)
    const samples = await sealedSamples(database, MOST_SAMPLES)
    for (const { owner, place, sealed } of samples) (await keyRing.sealerOf(owner)).open(place, sealed)
    return { name: manifest.name, madeAt: manifest.madeAt, rows: manifest.dump.rows, tables: manifest.tables, erased, opened: samples.length, auditEntries: audit.entries - 1 }
  })
}

import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { completeRestore } from '../../compose/complete-restore.ts'
import type { Config } from '../../config/load.ts'
import { openSqliteFill } from '../../database/sqlite/fill.ts'
import { openSqlite } from '../../database/sqlite/open.ts'
import { createAudit, createAuditStore } from '../../domains/audit/index.ts'
import { BackupRefused, fillFromFiles, sealedSamples, toRefusal } from '../../domains/backups/index.ts'
import { createKeyRing } from '../../domains/secrets/index.ts'
import { systemClock } from '../../kernel/clock.ts'
import { withBackup, type BackupChoice, type OpenedBackup } from './open.ts'

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
  const parent = join(config.dataDirectory, 'run')
  await mkdir(parent, { recursive: true, mode: 0o700 })
  const scratch = await mkdtemp(join(parent, 'rehearsal-'))
  try {
    return await withBackup({ config, choice, place: { scratch, storeId: null } }, (opened) => rehearse({ choice, scratch, opened }))
  } catch (error) {
    throw toRefusal(error)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

async function rehearse({ choice, scratch, opened: { set: { manifest, keys, dumpPath, keysPath }, vault } }: { readonly choice: BackupChoice; readonly scratch: string; readonly opened: OpenedBackup }): Promise<Rehearsed> {
  const file = { path: join(scratch, 'store.sqlite'), pageKey: randomBytes(32) }
  await fillFromFiles({ dumpPath, keysPath, identities: choice.identities }, {
    expected: { dump: manifest.dump, keys: keys.keys, storeId: manifest.storeId }, open: (migration) => openSqliteFill(file, migration),
    onRows: (done) => { choice.onProgress?.('reading', done, manifest.dump.rows) },
  })
  choice.onProgress?.('migrating', 0, 0)
  const database = await openSqlite(file)
  try {
    const erased = await completeRestore(database, { at: systemClock.now(), name: manifest.name })
    choice.onProgress?.('trying', 0, 0)
    const audit = await createAudit(createAuditStore(database)).verify()
    if (!audit.ok) throw new BackupRefused(`The chain of the audit log in this backup is broken at entry ${audit.brokenAt ?? 0}.`)
    const samples = await sealedSamples(database, MOST_SAMPLES)
    const keyRing = createKeyRing(database, vault, systemClock)
    for (const { owner, place, sealed } of samples) (await keyRing.sealerOf(owner)).open(place, sealed)
    return { name: manifest.name, madeAt: manifest.madeAt, rows: manifest.dump.rows, tables: manifest.tables, erased, opened: samples.length, auditEntries: audit.entries - 1 }
  } finally {
    await database.close()
  }
}

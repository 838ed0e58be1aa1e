import { join } from 'node:path'
import { blobStores } from '../adapters/blob-store/index.ts'
import type { Config } from '../config/load.ts'
import { createBackups, MANIFEST_MARK } from '../domains/backups/index.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import type { Sealer } from '../kernel/seal.ts'
import type { BlobStore } from '../ports/blob-store.ts'
import type { OpenStore } from './store.ts'

const LOOK_MILLISECONDS = 10 * 60_000
/** A start is busy enough without a backup. */
const FIRST_LOOK_MILLISECONDS = 60_000

/** Where backups are kept; `folder` where an operator names another place than the configuration does. */
export const openBackupStore = (config: Config, folder?: string): BlobStore => blobStores.folder.create({ path: folder ?? config.backupDirectory })

interface BackupSurroundings { readonly config: Config; readonly store: Omit<OpenStore, 'directory'>; readonly clock: Clock; readonly log: Log; readonly serverSealer: Sealer }

/** Backups over the store's own source. */
export function composeBackups({ config, store: { database, record, source }, clock, log, serverSealer }: BackupSurroundings) {
  const { recipients, everyHours, keepDaily, keepWeekly, keepMonthly } = config.backup
  return createBackups({
    database, log, recipients, everyHours,
    place: {
      store: openBackupStore(config), source, storeId: record.storeId, vault: record.vault, macKey: serverSealer.derive(MANIFEST_MARK),
      staging: join(config.dataDirectory, 'run'), clock, kept: { daily: keepDaily, weekly: keepWeekly, monthly: keepMonthly },
    },
  })
}

/** Looks now and then whether a backup is due. Gives what ends it. */
export function scheduleBackups(backups: ReturnType<typeof composeBackups>, closeBackups: () => Promise<void>, onError: (error: unknown) => void): () => void {
  const look = () => { backups.renewKeysOfFormerVault().then(closeBackups).then(() => backups.runWhenDue()).catch(onError) }
  const first = setTimeout(look, FIRST_LOOK_MILLISECONDS).unref()
  const again = setInterval(look, LOOK_MILLISECONDS).unref()
  return () => { clearTimeout(first); clearInterval(again) }
}

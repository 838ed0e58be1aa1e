import { join } from 'node:path'
import { narrowFolder } from '../adapters/blob-store/folder/index.ts'
import { blobStores } from '../adapters/blob-store/index.ts'
import type { Config } from '../config/load.ts'
import { createBackups, isBackupFile, MANIFEST_MARK } from '../domains/backups/index.ts'
import { systemClock, type Clock } from '../kernel/clock.ts'
import { createEgress } from '../kernel/egress.ts'
import { describeError, type Log } from '../kernel/log.ts'
import type { Sealer } from '../kernel/seal.ts'
import { defaultEgressRules } from '../policy/egress.ts'
import type { BlobStore } from '../ports/blob-store.ts'
import type { OpenStore } from './store.ts'

const LOOK_MILLISECONDS = 10 * 60_000
/** A start is busy enough without a backup. */
const FIRST_LOOK_MILLISECONDS = 60_000

export interface OpenBackupStore { readonly store: BlobStore; /** Lets go of the connections to a service. */ readonly close: () => Promise<void> }

/** Where backups are kept; `folder` where an operator names another place than the configuration does. A service has a way out of its own: commands reach it where no server runs. */
export function openBackupStore(config: Config, folder?: string): OpenBackupStore {
  const { kind, s3Bucket: bucket, s3AccessKeyId: accessKeyId, s3SecretAccessKey: secretAccessKey, s3SessionToken: sessionToken, s3Region: region, s3Prefix: prefix = '', s3Address, allowPrivateAddress } = config.backup
  if (folder !== undefined || kind === 'folder' || bucket === undefined || accessKeyId === null || secretAccessKey === null) {
    return { store: blobStores.folder.create({ path: folder ?? config.backupDirectory }), close: () => Promise.resolve() }
  }
  const address = s3Address ?? `https://s3.${region}.amazonaws.com`
  const egress = createEgress({ clock: systemClock, rules: defaultEgressRules })
  egress.list('backups', { origin: new URL(address), allowPrivateAddress })
  const store = blobStores.s3.create({ address, region, bucket, prefix: prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`, accessKeyId, secretAccessKey, sessionToken }, { fetchConfigured: (request) => egress.fetchConfigured(request) })
  return { store, close: () => egress.close() }
}

/** Mends the modes of the folder of backups and of what lies in it (DAT-1). What belongs to somebody else cannot be mended, and is told of: the server needs no backup to start. */
export async function narrowBackups({ backup, backupDirectory }: Config, log: Log): Promise<void> {
  if (backup.kind !== 'folder') return
  await narrowFolder(backupDirectory, isBackupFile).catch((error: unknown) => { log.warn(describeError(error), 'backup-folder-not-narrowed') })
}

interface BackupSurroundings { readonly config: Config; readonly store: Omit<OpenStore, 'directory'>; readonly clock: Clock; readonly log: Log; readonly serverSealer: Sealer }

/** Backups over the store's own source. */
export function composeBackups({ config, store: { database, record, source }, clock, log, serverSealer }: BackupSurroundings) {
  const { recipients, everyHours, keepDaily, keepWeekly, keepMonthly } = config.backup
  const place = openBackupStore(config)
  const backups = createBackups({
    database, log, recipients, everyHours,
    place: {
      store: place.store, source, storeId: record.storeId, vault: record.vault, macKeys: serverSealer.versionsFor(MANIFEST_MARK),
      staging: join(config.dataDirectory, 'run'), clock, kept: { daily: keepDaily, weekly: keepWeekly, monthly: keepMonthly },
    },
  })
  return { ...backups, close: async (): Promise<void> => { await backups.close(); await place.close() } }
}

/** Looks now and then whether a backup is due, and whether one that is kept is to be looked at again. Gives what ends it. */
export function scheduleBackups(backups: ReturnType<typeof composeBackups>, closeBackups: () => Promise<void>, onError: (error: unknown) => void): () => void {
  const look = () => { backups.renewKeysOfFormerVault().then(closeBackups).then(() => backups.runWhenDue()).then(() => backups.recheckWhenDue()).catch(onError) }
  const first = setTimeout(look, FIRST_LOOK_MILLISECONDS).unref()
  const again = setInterval(look, LOOK_MILLISECONDS).unref()
  return () => { clearTimeout(first); clearInterval(again) }
}

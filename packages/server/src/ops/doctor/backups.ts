import { stat } from 'node:fs/promises'
import { openBackupStore } from '../../compose/backups.ts'
import { listManifests } from '../../domains/backups/index.ts'
import { BlobStoreFailure } from '../../ports/blob-store.ts'
import { backupLateFactor } from '../../policy/retention.ts'
import { bad, good, type Check, type Finding } from './finding.ts'

const HOUR_MILLISECONDS = 3_600_000

/** How old the newest backup of this store is, and whether it lies on another disk (DAT-3). */
export const checkBackups: Check = async ({ config, record, now }) => {
  if (record === null) return [good('backups', 'There is no store yet, so there is nothing to back up.')]
  const place = config.backup.kind === 's3' ? `the bucket ${config.backup.s3Bucket ?? ''}` : config.backupDirectory
  const { store, close } = openBackupStore(config)
  const manifests = await listManifests(store).catch(toFinding)
  await close()
  if ('health' in manifests) return [manifests]
  const newest = manifests.find(({ storeId }) => storeId === record.storeId)
  if (newest === undefined) {
    return [bad('backups', 'problem', { found: `No backup of this store has succeeded: there is none in ${place}.`, means: 'When this disk fails, everything is lost.', mend: 'npm run sallyport -- backup init, then: npm run sallyport -- backup create' })]
  }
  const hours = Math.floor((now - Date.parse(newest.madeAt)) / HOUR_MILLISECONDS)
  const late = hours > backupLateFactor * config.backup.everyHours
  return [
    late ? bad('backups', 'problem', { found: `The newest backup is of ${newest.madeAt}, ${hours} hours ago; one is due every ${config.backup.everyHours}.`, means: 'What was written since then would be lost with this disk.', mend: 'See why with: npm run sallyport -- backup list, then: npm run sallyport -- backup create' })
      : good('backups', `The newest backup is of ${newest.madeAt}, ${hours} hours ago, proved by a restore at ${newest.verifiedAt}.`),
    ...(config.backup.kind === 'folder' ? await sameDisk(config.dataDirectory, config.backupDirectory) : []),
    ...vaultOf(newest.vault.keyId, record.vault.keyId),
  ]
}

/** A service that does not answer or refuses; anything else is thrown on. */
function toFinding(error: unknown): Finding {
  if (!(error instanceof BlobStoreFailure)) throw error
  return bad('backups', 'problem', { found: error.message, means: 'No backup can be made or restored meanwhile.', mend: 'See the settings backup.s3…, and that this machine reaches the service.' })
}

async function sameDisk(data: string, backups: string): Promise<readonly Finding[]> {
  const [one, other] = await Promise.all([data, backups].map((path) => stat(path).catch(() => null)))
  if (one === null || other === null || one === undefined || other === undefined || one.dev !== other.dev) return []
  return [bad('backups', 'warning', { found: `${backups} is on the same disk as the data.`, means: 'When the disk fails, both are lost.', mend: 'Set backup.directory to a folder on another disk, or copy the folder away every day.' })]
}

const vaultOf = (ofBackup: string, ofStore: string): readonly Finding[] =>
  (ofBackup === ofStore ? [] : [bad('backups', 'warning', { found: `The newest backup was made under another key (${ofBackup}) than the store has now (${ofStore}).`, means: 'It opens with the former key alone, until a new copy of the wrapped keys is made.', mend: 'Start the server, then: npm run sallyport -- backup create' })])

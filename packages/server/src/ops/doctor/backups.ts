import { stat } from 'node:fs/promises'
import { openBackupStore } from '../../compose/backups.ts'
import { lookAtBackups, type StandingBackup } from '../../domains/backups/index.ts'
import { BlobStoreFailure } from '../../ports/blob-store.ts'
import { backupLateFactor } from '../../policy/retention.ts'
import { bad, good, type Check, type Finding } from './finding.ts'
import { readBackupMarks } from './read-backup-marks.ts'

const HOUR_MILLISECONDS = 3_600_000

/** How old the newest backup of this store is, and whether it lies on another disk (DAT-3). */
export const checkBackups: Check = async ({ config, record, now }) => {
  if (record === null) return [good('backups', 'There is no store yet, so there is nothing to back up.')]
  const place = config.backup.kind === 's3' ? `the bucket ${config.backup.s3Bucket ?? ''}` : config.backupDirectory
  const { macKeys, problems } = await readBackupMarks(config, record)
  const { store, close } = openBackupStore(config)
  const seen = await lookAtBackups(store, { storeId: record.storeId, now, macKeys }).catch(toFinding)
  await close()
  if ('health' in seen) return [seen]
  // What the server read byte by byte, and found damaged, is seen by nobody from outside.
  const standing = seen.standing.map((backup) => ({ ...backup, problem: backup.problem ?? problems.get(backup.manifest.name) ?? null }))
  const spoiled = standing.flatMap(findSpoiled)
  const newest = standing.find(({ problem }) => problem === null)?.manifest
  if (newest === undefined) {
    return [...spoiled, bad('backups', 'problem', { found: `${standing.length === 0 ? 'No backup of this store has succeeded: there is none' : 'No good backup of this store is left'} in ${place}.`, means: 'When this disk fails, everything is lost.', mend: 'npm run sallyport -- backup init, then: npm run sallyport -- backup create' })]
  }
  const hours = Math.floor((now - Date.parse(newest.madeAt)) / HOUR_MILLISECONDS)
  const late = hours > backupLateFactor * config.backup.everyHours
  return [
    ...spoiled,
    late ? bad('backups', 'problem', { found: `The newest backup is of ${newest.madeAt}, ${hours} hours ago; one is due every ${config.backup.everyHours}.`, means: 'What was written since then would be lost with this disk.', mend: 'See why with: npm run sallyport -- backup list, then: npm run sallyport -- backup create' })
      : good('backups', `The newest backup is of ${newest.madeAt}, ${hours} hours ago, proved by a restore at ${newest.verifiedAt}.`),
    ...(config.backup.kind === 'folder' ? await sameDisk(config.dataDirectory, config.backupDirectory) : []),
    // What opens a backup is told beside the wrapped keys, which are made anew without it.
    ...vaultOf((seen.keys ?? newest).vault.keyId, record.vault.keyId),
  ]
}

const findSpoiled = ({ manifest: { name }, problem }: StandingBackup): readonly Finding[] => (problem === null ? []
  : [bad('backups', 'problem', { found: `The backup ${name} does not count: ${problem}`, means: 'Nobody should rely on it.', mend: 'Copy its file back if you have it elsewhere, and run: npm run sallyport -- backup verify NAME. See that the clock is right. Remove what cannot be put right, when a newer backup is there.' })])

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

const vaultOf = (ofKeys: string, ofStore: string): readonly Finding[] =>
  (ofKeys === ofStore ? [] : [bad('backups', 'warning', { found: `The wrapped keys beside the backups are of another key (${ofKeys}) than the store has now (${ofStore}).`, means: 'The backups open with the former key alone, until a new copy of the wrapped keys is made.', mend: 'Start the server, then: npm run sallyport -- backup create' })])

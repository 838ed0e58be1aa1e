import { join } from 'node:path'
import type { BackupState } from '@sallyport/contract'
import type { Database } from '../../database/database.ts'
import { toMoment } from '../../kernel/clock.ts'
import type { Caller } from '../../kernel/handler.ts'
import type { Log } from '../../kernel/log.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { BlobStoreFailure } from '../../ports/blob-store.ts'
import { backupLateFactor, backupRetryHours } from '../../policy/retention.ts'
import { auditStep } from '../audit/index.ts'
import { isPostQuantum, isRecipient } from './age.ts'
import { createAttempts } from './attempts.ts'
import { createKeyCopy } from './key-copy.ts'
import type { BackupPlace } from './make-backup.ts'
import { hasGoodMac, type BackupManifest } from './manifest.ts'
import { withScratch } from './scratch.ts'
import { BackupRefused, createSet } from './set.ts'
import { createBackupStore } from './store.ts'
import type { BackupRunTable } from './tables.ts'

const HOUR_MILLISECONDS = 3_600_000

export interface BackupDeps {
  readonly database: Database
  readonly log: Log
  readonly place: BackupPlace
  /** From the configuration; beside them stand those that were set at `backup init`. */
  readonly recipients: readonly string[]
  readonly everyHours: number
}

/** Backups: encrypted for recipients whose identities this server never has, proved by a restore, kept by a schedule (DAT-3, DAT-4). */
export function createBackups(deps: BackupDeps) {
  const { place, everyHours } = deps
  const { clock } = place
  const store = createBackupStore(deps.database)
  const recipients = async () => [...new Set([...deps.recipients, ...(await store.recipients()).map(({ recipient }) => recipient)])]
  const attempts = createAttempts(deps, store)
  const own = async () => (await withScratch(place, (scratch) => createSet(place.store, scratch).list())).manifests.filter(({ storeId }) => storeId === place.storeId)
  const notice = async (): Promise<string | null> => {
    try {
      return await noticeFor((await own())[0])
    } catch (error) {
      // The server starts and goes on without its backups' place, and says so.
      if (error instanceof BlobStoreFailure) return error.message
      throw error
    }
  }
  const noticeFor = async (newest: BackupManifest | undefined) => noticeOf({ hasRecipients: (await recipients()).length > 0, newest, last: await store.last(), now: clock.now(), everyHours })
  const list = (): Promise<BackupState> => answering(async () => {
    const [manifests, last, running] = [await own(), await store.last(), attempts.running()]
    return {
      items: manifests.map(({ name, madeAt, dump, recipients: forWhom, verifiedAt }) => ({ name, madeAt, bytes: dump.bytes, rows: dump.rows, recipients: [...forWhom], verifiedAt })),
      recipients: await recipients(),
      running: running === null ? null : { startedAt: toMoment(running.startedAt), ...running.progress },
      last: last === undefined ? null : { startedAt: toMoment(last.started_at), endedAt: toMoment(last.ended_at), outcome: last.outcome, name: last.name, problem: last.problem },
      notice: await noticeFor(manifests[0]),
    }
  })
  return {
    notice,
    list,
    /** Begins one, which goes on by itself; where one runs already, that is the one. Throws `conflict` when nobody is named who could open it. */
    async create(caller: Caller): Promise<BackupState> {
      const forWhom = await recipients()
      if (forWhom.length === 0) throw new ProblemError('conflict', { detail: 'Say first for whom backups are encrypted: npm run sallyport -- backup init' })
      attempts.begin(forWhom, caller)
      return list()
    },
    /** Makes one when the last good one is old enough, and the last failed one is not too young. */
    async runWhenDue(): Promise<void> {
      const [forWhom, made, last] = await Promise.all([recipients(), store.last('made'), store.last()])
      if (forWhom.length === 0) return
      const now = clock.now()
      const isOld = made === undefined || now - made.started_at >= everyHours * HOUR_MILLISECONDS
      const mayTry = last?.outcome !== 'failed' || now - last.ended_at >= backupRetryHours * HOUR_MILLISECONDS
      if (isOld && mayTry) attempts.begin(forWhom, null)
    },
    /** Replaces those that were set before; what the configuration names stays. Throws `invalid-request`. */
    async setRecipients(caller: Caller, wanted: readonly string[]): Promise<BackupState> {
      await requireRecipients(wanted, deps.recipients)
      const at = clock.now()
      await deps.database.write([store.clearRecipients(), ...[...new Set(wanted)].map((recipient) => store.insertRecipient(recipient, at)), auditStep(caller, { at, action: 'backup-recipients-changed', detail: { recipients: wanted } })])
      return list()
    },
    /** Whether a stored backup is still the one that was made. Opening it takes the identity, which is not here. Throws `not-found`. */
    async check(caller: Caller, name: string): Promise<{ ok: boolean; problem: string | null }> {
      const problem = await answering(() => withScratch(place, (scratch) => problemOf(place, scratch, name)))
      await deps.database.write([auditStep(caller, { at: clock.now(), action: 'backup-checked', outcome: problem === null ? 'allowed' : 'failed', detail: { name } })])
      return { ok: problem === null, problem }
    },
    ...createKeyCopy(place, { recipients, own, attempts }),
    /** Backups that are kept, newest first. */
    kept: async (): Promise<readonly { readonly name: string; readonly madeAt: string }[]> => (await own()).map(({ name, madeAt }) => ({ name, madeAt })),
    /** Whether a backup that is kept, or is being made, was made by then: it may hold rows as they were. Throws where the folder cannot be read. */
    hasFrom: async (at: number): Promise<boolean> => attempts.running() !== null || (await own()).some(({ madeAt }) => Date.parse(madeAt) <= at),
    /** Waits until what runs has ended. */
    settled: attempts.settled,
    /** Ends what runs: it leaves nothing behind that counts as a backup. */
    close: attempts.close,
  }
}
export type Backups = ReturnType<typeof createBackups>

/** A place for backups that does not answer or refuses is told of as such. */
async function answering<Result>(run: () => Promise<Result>): Promise<Result> {
  try {
    return await run()
  } catch (error) {
    throw error instanceof BlobStoreFailure ? new ProblemError('storage-unavailable', { detail: error.message, cause: error }) : error
  }
}

/** What is wrong with a stored backup, as far as it can be told without opening it: its files by hash, its manifests by the server's own mark. Null for nothing. */
async function problemOf(place: BackupPlace, scratch: string, name: string): Promise<string | null> {
  try {
    const set = createSet(place.store, scratch)
    const [manifest, keys] = [await set.manifest(name), await set.keys()]
    if (manifest === null) throw new ProblemError('not-found')
    if (keys === null) return 'The wrapped keys (keys.json) are missing: without them no backup opens. Make a new one.'
    if (!hasGoodMac(manifest, place.macKey) || !hasGoodMac(keys, place.macKey)) return 'The manifest was altered, or was not made by this store.'
    await set.fetch(manifest.dump, join(scratch, 'dump.age'))
    await set.fetch(keys.keys, join(scratch, 'keys.age'))
    return null
  } catch (error) {
    if (error instanceof BackupRefused) return error.message
    throw error
  }
}

/** Throws `invalid-request` for recipients that cannot be used, or not together. */
async function requireRecipients(wanted: readonly string[], configured: readonly string[]): Promise<void> {
  for (const recipient of wanted) {
    if (!await isRecipient(recipient)) throw new ProblemError('invalid-request', { detail: 'One of the recipients is mistyped. Copy it again, whole.' })
  }
  const all = [...configured, ...wanted]
  if (all.some(isPostQuantum) && !all.every(isPostQuantum)) throw new ProblemError('invalid-request', { detail: 'Post-quantum recipients do not stand beside others: the others would undo what they protect.' })
}

interface Standing { readonly hasRecipients: boolean; readonly newest: BackupManifest | undefined; readonly last: BackupRunTable | undefined; readonly now: number; readonly everyHours: number }

/** What an administrator should know of the backups; null when all is well. */
function noticeOf({ hasRecipients, newest, last, now, everyHours }: Standing): string | null {
  const failed = last?.outcome === 'failed' ? ` The last attempt failed: ${last.problem}` : ''
  const mend = 'Run `npm run sallyport -- backup create`.'
  if (!hasRecipients && newest === undefined) return 'No backup has been made yet. Run `npm run sallyport -- backup init`, and backups are made every day.'
  if (!hasRecipients) return 'No backups are made any more: nobody is named who could open them. Run `npm run sallyport -- backup init`.'
  if (newest === undefined) return `No backup has succeeded yet.${failed} ${mend}`
  if (now - Date.parse(newest.madeAt) > backupLateFactor * everyHours * HOUR_MILLISECONDS) return `The last good backup is of ${newest.madeAt}.${failed} ${mend}`
  return null
}

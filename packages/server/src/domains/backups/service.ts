import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { BackupState } from '@sallyport/contract'
import type { Database, WriteStep } from '../../database/database.ts'
import { toMoment } from '../../kernel/clock.ts'
import type { Caller } from '../../kernel/handler.ts'
import { newId } from '../../kernel/ids.ts'
import { describeError, type Log } from '../../kernel/log.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { backupRetryHours } from '../../policy/retention.ts'
import { auditStep } from '../audit/index.ts'
import { isPostQuantum, isRecipient } from './age.ts'
import { makeBackup, type BackupPlace, type Progress } from './make-backup.ts'
import { hasGoodMac } from './manifest.ts'
import type { BackupRun } from './run-worker.ts'
import { BackupRefused, createSet } from './set.ts'
import { createBackupStore } from './store.ts'

const HOUR_MILLISECONDS = 3_600_000
const LATE_FACTOR = 2

export interface BackupDeps {
  readonly database: Database
  readonly log: Log
  readonly place: BackupPlace
  /** From the configuration; beside them stand those that were set at `backup init`. */
  readonly recipients: readonly string[]
  readonly everyHours: number
}

/** Backups: encrypted for recipients whose identities this server never has, proved by a restore, kept by a schedule (DAT-3, DAT-4). */
export function createBackups({ database, log, place, recipients: configured, everyHours }: BackupDeps) {
  const store = createBackupStore(database)
  const { clock } = place
  const state: { running: { readonly startedAt: number; progress: Progress; run: BackupRun | null; readonly ended: Promise<void> } | null; isClosing: boolean } = { running: null, isClosing: false }

  const recipients = async () => [...new Set([...configured, ...(await store.recipients()).map(({ recipient }) => recipient)])]
  const notice = async (): Promise<string | null> => {
    if ((await recipients()).length === 0) return 'No backup has been made yet. Run `npm run sallyport -- backup init`, and backups are made every day.'
    const made = await store.last('made')
    const last = await store.last()
    const failed = last?.outcome === 'failed' ? ` The last attempt failed: ${last.problem}` : ''
    if (made === undefined) return `No backup has succeeded yet.${failed} Run \`npm run sallyport -- backup create\`.`
    if (clock.now() - made.ended_at > LATE_FACTOR * everyHours * HOUR_MILLISECONDS) return `The last good backup is of ${toMoment(made.ended_at)}.${failed} Run \`npm run sallyport -- backup create\`.`
    return null
  }
  const withScratch = async <Result>(use: (scratch: string) => Promise<Result>): Promise<Result> => {
    const scratch = await mkdtemp(join(place.staging, 'listing-'))
    try {
      return await use(scratch)
    } finally {
      await rm(scratch, { recursive: true, force: true })
    }
  }
  /** Makes one, and writes down how it ended with its audit row. Never throws. */
  const attempt = async (forWhom: readonly string[], by: Caller | null): Promise<void> => {
    const startedAt = clock.now()
    const row = { id: newId('backup', startedAt), started_at: startedAt }
    try {
      const { name, dump } = await makeBackup(place, {
        recipients: forWhom, onProgress: (progress) => { if (state.running !== null) state.running.progress = progress },
        onRun: (run) => { if (state.running !== null) state.running.run = run },
      })
      await database.write([store.insertRun({ ...row, ended_at: clock.now(), outcome: 'made', name, bytes: dump.bytes, rows: dump.rows, problem: '' }), note(by, { at: clock.now(), action: 'backup-made', outcome: 'allowed', detail: { name, rows: dump.rows } })])
    } catch (error) {
      if (state.isClosing) return
      log.error(describeError(error), 'backup-failed')
      const problem = describeProblem(error)
      await database.write([store.insertRun({ ...row, ended_at: clock.now(), outcome: 'failed', name: '', bytes: 0, rows: 0, problem }), note(by, { at: clock.now(), action: 'backup-failed', outcome: 'failed', detail: { problem } })])
        .catch((lost: unknown) => { log.error(describeError(lost), 'backup-not-recorded') })
    } finally {
      await state.running?.run?.stop()
      state.running = null
    }
  }
  const begin = (forWhom: readonly string[], by: Caller | null) => {
    const { promise, resolve } = Promise.withResolvers<void>()
    state.running = { startedAt: clock.now(), progress: { stage: 'reading', done: 0, total: 0 }, run: null, ended: promise }
    attempt(forWhom, by).then(resolve, resolve)
  }
  const list = async (): Promise<BackupState> => {
    const [{ manifests }, last] = await Promise.all([withScratch((scratch) => createSet(place.store, scratch).list()), store.last()])
    return {
      items: manifests.filter(({ storeId }) => storeId === place.storeId).map(({ name, madeAt, dump, recipients: forWhom, verifiedAt }) => ({ name, madeAt, bytes: dump.bytes, rows: dump.rows, recipients: [...forWhom], verifiedAt })),
      recipients: await recipients(),
      running: state.running === null ? null : { startedAt: toMoment(state.running.startedAt), ...state.running.progress },
      last: last === undefined ? null : { startedAt: toMoment(last.started_at), endedAt: toMoment(last.ended_at), outcome: last.outcome, name: last.name, problem: last.problem },
      notice: await notice(),
    }
  }
  return {
    notice,
    list,
    /** Begins one, which goes on by itself; where one runs already, that is the one. Throws `conflict` when nobody is named who could open it. */
    async create(caller: Caller): Promise<BackupState> {
      const forWhom = await recipients()
      if (forWhom.length === 0) throw new ProblemError('conflict', { detail: 'Say first for whom backups are encrypted: npm run sallyport -- backup init' })
      if (state.running === null) begin(forWhom, caller)
      return list()
    },
    /** Makes one when the last good one is old enough, and the last failed one is not too young. */
    async runWhenDue(): Promise<void> {
      const forWhom = await recipients()
      if (state.running !== null || state.isClosing || forWhom.length === 0) return
      const [made, last] = await Promise.all([store.last('made'), store.last()])
      const now = clock.now()
      const isOld = made === undefined || now - made.started_at >= everyHours * HOUR_MILLISECONDS
      const mayTry = last?.outcome !== 'failed' || now - last.ended_at >= backupRetryHours * HOUR_MILLISECONDS
      if (isOld && mayTry) begin(forWhom, null)
    },
    /** Replaces those that were set before; what the configuration names stays. Throws `invalid-request`. */
    async setRecipients(caller: Caller, wanted: readonly string[]): Promise<BackupState> {
      const all = [...new Set([...configured, ...wanted])]
      for (const recipient of wanted) {
        if (!await isRecipient(recipient)) throw new ProblemError('invalid-request', { detail: 'One of the recipients is mistyped. Copy it again, whole.' })
      }
      if (all.some(isPostQuantum) && !all.every(isPostQuantum)) throw new ProblemError('invalid-request', { detail: 'Post-quantum recipients do not stand beside others: the others would undo what they protect.' })
      const at = clock.now()
      await database.write([store.clearRecipients(), ...[...new Set(wanted)].map((recipient) => store.insertRecipient(recipient, at)), auditStep(caller, { at, action: 'backup-recipients-changed', detail: { recipients: wanted } })])
      return list()
    },
    /** Whether a stored backup is still the one that was made: its files by hash, its manifest by the server's own mark. Opening it takes the identity, which is not here. */
    async check(caller: Caller, name: string): Promise<{ ok: boolean; problem: string | null }> {
      const result = await withScratch(async (scratch) => {
        try {
          const set = createSet(place.store, scratch)
          const [manifest, keys] = [await set.manifest(name), await set.keys()]
          if (manifest === null) throw new ProblemError('not-found')
          if (keys === null) throw new BackupRefused('The wrapped keys (keys.json) are missing: without them no backup opens. Make a new one.')
          if (!hasGoodMac(manifest, place.macKey) || !hasGoodMac(keys, place.macKey)) throw new BackupRefused('The manifest was altered, or was not made by this store.')
          await set.fetch(manifest.dump, join(scratch, 'dump.age'))
          await set.fetch(keys.keys, join(scratch, 'keys.age'))
          return { ok: true, problem: null }
        } catch (error) {
          if (error instanceof BackupRefused) return { ok: false, problem: error.message }
          throw error
        }
      })
      await database.write([auditStep(caller, { at: clock.now(), action: 'backup-checked', outcome: result.ok ? 'allowed' : 'failed', detail: { name } })])
      return result
    },
    /** Waits until what runs has ended. */
    settled: async (): Promise<void> => { await state.running?.ended },
    /** Ends what runs: it leaves nothing behind that counts as a backup. */
    async close(): Promise<void> {
      state.isClosing = true
      const { running } = state
      await running?.run?.stop()
      await running?.ended
    },
  }
}
export type Backups = ReturnType<typeof createBackups>

interface Note { readonly at: number; readonly action: 'backup-made' | 'backup-failed'; readonly outcome: 'allowed' | 'failed'; readonly detail: Readonly<Record<string, string | number>> }
const note = (by: Caller | null, { at, action, outcome, detail }: Note): WriteStep =>
  (by === null ? { audit: { at, action, actor: 'server', credential: 'schedule', outcome, detail: JSON.stringify(detail) } } : auditStep(by, { at, action, outcome, detail }))

/** What an administrator is told. File system errors name their code; their paths are for the log. */
function describeProblem(error: unknown): string {
  if (error instanceof BackupRefused) return error.message
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
    const known: Readonly<Record<string, string>> = { ENOSPC: 'There is no room left for it.', EACCES: 'The backup folder may not be written.', EROFS: 'The backup folder may not be written.' }
    return known[error.code] ?? `The reason is in the log (${error.code}).`
  }
  return 'The reason is in the log.'
}

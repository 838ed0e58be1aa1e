import type { Database, WriteStep } from '../../database/database.ts'
import type { Caller } from '../../kernel/handler.ts'
import { newId } from '../../kernel/ids.ts'
import { describeError, type Log } from '../../kernel/log.ts'
import { auditStep } from '../audit/index.ts'
import { BlobStoreFailure } from '../../ports/blob-store.ts'
import { makeBackup, type BackupPlace, type Progress } from './make-backup.ts'
import type { BackupRun } from './run-worker.ts'
import { BackupRefused } from './set.ts'
import type { BackupStore } from './store.ts'

interface AttemptDeps { readonly database: Database; readonly log: Log; readonly place: BackupPlace }
interface Running { readonly startedAt: number; progress: Progress; run: BackupRun | null; ended: Promise<void> }

/** One attempt at a time, each written down with how it ended. */
export function createAttempts({ database, log, place }: AttemptDeps, store: BackupStore) {
  const { clock } = place
  const state: { running: Running | null; renewing: Promise<unknown>; isClosing: boolean } = { running: null, renewing: Promise.resolve(), isClosing: false }

  /** Never throws. */
  const attempt = async (running: Running, recipients: readonly string[], by: Caller | null): Promise<void> => {
    const row = { id: newId('backup', running.startedAt), started_at: running.startedAt }
    try {
      await state.renewing
      const { manifest, warning } = await makeBackup(place, {
        onRemove: (names) => database.write([store.dropChecks(names)]),
        recipients, onProgress: (progress) => { running.progress = progress }, onRun: (run) => { running.run = run; if (state.isClosing) void run.stop() },
      })
      const { name, dump } = manifest
      await database.write([store.insertRun({ ...row, ended_at: clock.now(), outcome: 'made', name, bytes: dump.bytes, rows: dump.rows, problem: warning ?? '' }), store.insertCheck(store.rowOf(manifest)), note(by, { at: clock.now(), action: 'backup-made', outcome: 'allowed', detail: { name, rows: dump.rows, ...(warning !== null && { problem: warning }) } })])
      if (warning !== null) log.warn({ name, problem: warning }, 'backup-warning')
    } catch (error) {
      if (state.isClosing) return
      log.error(describeError(error), 'backup-failed')
      const problem = describeProblem(error)
      await database.write([store.insertRun({ ...row, ended_at: clock.now(), outcome: 'failed', name: '', bytes: 0, rows: 0, problem }), note(by, { at: clock.now(), action: 'backup-failed', outcome: 'failed', detail: { problem } })])
        .catch((lost: unknown) => { log.error(describeError(lost), 'backup-not-recorded') })
    } finally {
      await running.run?.stop()
      state.running = null
    }
  }
  return {
    running: () => state.running,
    /** Begins one, unless one runs or the server is stopping. `by` is null for the schedule. */
    begin(recipients: readonly string[], by: Caller | null): void {
      if (state.running !== null || state.isClosing) return
      const running: Running = { startedAt: clock.now(), progress: { stage: 'reading', done: 0, total: 0 }, run: null, ended: Promise.resolve() }
      state.running = running
      running.ended = attempt(running, recipients, by)
    },
    /** Runs something that must not run beside a backup: after the one that runs, and before the next one reads. */
    between<Result>(run: () => Promise<Result>): Promise<Result> {
      const result = Promise.all([state.renewing, state.running?.ended ?? Promise.resolve()]).then(run)
      state.renewing = result.catch(() => undefined)
      return result
    },
    settled: async (): Promise<void> => { await state.running?.ended },
    async close(): Promise<void> {
      state.isClosing = true
      const { running } = state
      await running?.run?.stop()
      await running?.ended
      await state.renewing
    },
  }
}
export type Attempts = ReturnType<typeof createAttempts>

interface Note { readonly at: number; readonly action: 'backup-made' | 'backup-failed'; readonly outcome: 'allowed' | 'failed'; readonly detail: Readonly<Record<string, string | number>> }
const note = (by: Caller | null, { at, action, outcome, detail }: Note): WriteStep =>
  (by === null ? { audit: { at, action, actor: 'server', credential: 'schedule', outcome, detail: JSON.stringify(detail) } } : auditStep(by, { at, action, outcome, detail }))

/** What an administrator is told. File system errors name their code; their paths are for the log. */
function describeProblem(error: unknown): string {
  if (error instanceof BackupRefused || error instanceof BlobStoreFailure) return error.message
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
    const known: Readonly<Record<string, string>> = { ENOSPC: 'There is no room left for it.', EACCES: 'The backup folder may not be written.', EROFS: 'The backup folder may not be written.' }
    return known[error.code] ?? `The reason is in the log (${error.code}).`
  }
  return 'The reason is in the log.'
}

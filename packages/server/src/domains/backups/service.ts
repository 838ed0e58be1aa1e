import type { Backup, BackupState } from '@sallyport/contract'
import type { Database } from '../../database/database.ts'
import { isDueAgain, liesAhead, toMoment } from '../../kernel/clock.ts'
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
import { problemOfStored } from './check-stored.ts'
import { createKept } from './kept.ts'
import { createRechecks } from './recheck.ts'
import { withScratch } from './scratch.ts'
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
  const rechecks = createRechecks({ database: deps.database, place, store })
  const { own, all, isSpoiled } = createKept(place, store)
  const notice = async (): Promise<string | null> => {
    try {
      return await noticeFor(await all())
    } catch (error) {
      // The server starts and goes on without its backups' place, and says so.
      if (error instanceof BlobStoreFailure) return error.message
      throw error
    }
  }
  const noticeFor = async (kept: readonly Backup[]) => noticeOf({ hasRecipients: (await recipients()).length > 0, all: kept, last: await store.last(clock.now()), now: clock.now(), everyHours })
  const list = (): Promise<BackupState> => answering(async () => {
    const now = clock.now()
    const [kept, forWhom, made, last, running] = [await all(), await recipients(), await store.last(now, 'made'), await store.last(now), attempts.running()]
    const isSpoiled = made !== undefined && !kept.some(({ name, problem }) => name === made.name && problem === null)
    const nextAt = forWhom.length === 0 ? null : nextDue({ made, last, isSpoiled, now, everyHours })
    return {
      items: [...kept],
      recipients: forWhom,
      running: running === null ? null : { startedAt: toMoment(running.startedAt), ...running.progress },
      last: last === undefined ? null : { startedAt: toMoment(last.started_at), endedAt: toMoment(last.ended_at), outcome: last.outcome, name: last.name, problem: last.problem },
      schedule: { everyHours, nextAt: nextAt === null ? null : toMoment(nextAt), isDue: nextAt !== null && nextAt <= now, keptDays: place.kept.daily, keptWeeks: place.kept.weekly, keptMonths: place.kept.monthly },
      notice: await noticeFor(kept),
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
      const now = clock.now()
      const [forWhom, made, last] = await Promise.all([recipients(), store.last(now, 'made'), store.last(now)])
      if (forWhom.length === 0) return
      const mayBeMadeUpFor = made !== undefined && isDueAgain(made.started_at, now, backupRetryHours * HOUR_MILLISECONDS)
      if (nextDue({ made, last, isSpoiled: mayBeMadeUpFor && await isSpoiled(made.name), now, everyHours }) <= now) attempts.begin(forWhom, null)
    },
    /** Replaces those that were set before; what the configuration names stays. Throws `invalid-request`. */
    async setRecipients(caller: Caller, wanted: readonly string[]): Promise<BackupState> {
      await requireRecipients(wanted, deps.recipients)
      const at = clock.now()
      // Whoever stays keeps the moment of their setting: one that was slipped in beside them is told from them by its own.
      const since = new Map((await store.recipients()).map(({ recipient, created_at }) => [recipient, created_at]))
      await deps.database.write([store.clearRecipients(), ...[...new Set(wanted)].map((recipient) => store.insertRecipient(recipient, since.get(recipient) ?? at)), auditStep(caller, { at, action: 'backup-recipients-changed', detail: { recipients: wanted } })])
      return list()
    },
    /** Whether a stored backup is still the one that was made. Opening it takes the identity, which is not here. Throws `not-found`. */
    async check(caller: Caller, name: string): Promise<{ ok: boolean; problem: string | null }> {
      const problem = await answering(() => withScratch(place, (scratch) => problemOfStored(place, scratch, name)))
      const at = clock.now()
      await deps.database.write([store.noteCheck(name, at, problem), auditStep(caller, { at, action: 'backup-checked', outcome: problem === null ? 'allowed' : 'failed', detail: { name } })])
      return { ok: problem === null, problem }
    },
    ...createKeyCopy(place, { recipients, own, attempts }),
    /** Looks at one of those that are kept again, when it is time (DAT-4). */
    recheckWhenDue: rechecks.checkWhenDue,
    /** Backups that are kept, newest first. */
    kept: async (): Promise<readonly { readonly name: string; readonly madeAt: string }[]> => (await own()).map(({ name, madeAt }) => ({ name, madeAt })),
    /** Whether a backup that is kept, or is being made, was made by then: it may hold rows as they were. Throws where the folder cannot be read. */
    // The date of one that a wrong clock made says nothing: it may hold them.
    hasFrom: async (at: number): Promise<boolean> => attempts.running() !== null || (await own()).some(({ madeAt }) => Date.parse(madeAt) <= at || liesAhead(Date.parse(madeAt), clock.now())),
    /** Waits until what runs has ended. */
    settled: attempts.settled,
    /** Ends what runs: it leaves nothing behind that counts as a backup. */
    close: async (): Promise<void> => { rechecks.close(); await attempts.close() },
  }
}
export type Backups = ReturnType<typeof createBackups>

interface Due { readonly made: BackupRunTable | undefined; readonly last: BackupRunTable | undefined; /** Whether what was made last does not count any more. */ readonly isSpoiled: boolean; readonly now: number; readonly everyHours: number }

/** When the schedule makes the next one: some hours after the last good one, and not too soon after one that failed. */
function nextDue({ made, last, isSpoiled, now, everyHours }: Due): number {
  const after = (moment: number, hours: number) => (liesAhead(moment, now) ? now : moment + hours * HOUR_MILLISECONDS)
  // One whose file is gone is made up for, though not at every look: somebody may move them away.
  const due = made === undefined ? now : Math.min(after(made.started_at, everyHours), isSpoiled ? after(made.started_at, backupRetryHours) : Infinity)
  return last?.outcome === 'failed' ? Math.max(due, after(last.ended_at, backupRetryHours)) : due
}

/** A place for backups that does not answer or refuses is told of as such. */
async function answering<Result>(run: () => Promise<Result>): Promise<Result> {
  try {
    return await run()
  } catch (error) {
    throw error instanceof BlobStoreFailure ? new ProblemError('storage-unavailable', { detail: error.message, cause: error }) : error
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

interface Standing { readonly hasRecipients: boolean; readonly all: readonly Backup[]; readonly last: BackupRunTable | undefined; readonly now: number; readonly everyHours: number }

/** What an administrator should know of the backups; null when all is well. */
function noticeOf({ hasRecipients, all, last, now, everyHours }: Standing): string | null {
  const newest = all.find(({ problem }) => problem === null)
  const spoiled = all.filter(({ problem }) => problem !== null).map(({ name, problem }) => `The backup ${name} does not count: ${problem}`)
  const failed = last?.outcome === 'failed' ? ` The last attempt failed: ${last.problem}` : ''
  const mend = 'Run `npm run sallyport -- backup create`.'
  if (!hasRecipients && all.length === 0) return 'No backup can be made yet: nobody is named who could open one. Run `npm run sallyport -- backup init`, and one is made every day.'
  if (!hasRecipients) return 'No backups are made any more: nobody is named who could open them. Run `npm run sallyport -- backup init`.'
  if (newest === undefined) return [all.length === 0 ? `No backup has succeeded yet.${failed}` : `No good backup is left.${failed}`, ...spoiled.slice(0, 1), mend].join(' ')
  if (now - Date.parse(newest.madeAt) > backupLateFactor * everyHours * HOUR_MILLISECONDS) return `The last good backup is of ${newest.madeAt}.${failed} ${mend}`
  if (spoiled.length === 0 && last?.outcome === 'made' && last.problem !== '') return `The last backup is good. ${last.problem}`
  // Newest first: the first one is the one that somebody would have reached for.
  return spoiled.length === 0 ? null : `${spoiled[0]}${spoiled.length === 1 ? '' : ` (and ${spoiled.length - 1} more)`} See them with \`npm run sallyport -- backup list\`, and remove what cannot be put right.`
}

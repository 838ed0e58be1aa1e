import { WriteConflict, type Database, type WriteStep } from '../../database/database.ts'
import { toMoment, type Clock } from '../../kernel/clock.ts'
import type { NamesOf } from '../../kernel/names.ts'
import type { Sealer } from '../../kernel/seal.ts'
import { penaltyRules } from '../../policy/penalties.ts'
import { auditServerStep, securityEventStep } from '../audit/index.ts'
import type { SharedRevocations } from '../revocations/index.ts'
import type { Entry, Ledger } from './ledger.ts'
import { banMilliseconds, bansAfter, heldAt, MILLI } from './points.ts'
import type { PenaltyStore } from './store.ts'

/** Points are written so long after they were given, in one batch; at once where they mean something new. */
const WRITE_MILLISECONDS = 250
const PER_BATCH = 500

export interface PenaltyDeps {
  readonly database: Database
  readonly clock: Clock
  readonly revocations: Pick<SharedRevocations, 'revoke' | 'subscribe'>
  readonly banPoints: number
  /** For addresses. */
  readonly serverSealer: Sealer
  /** What accounts and API keys are called. */
  readonly namesOf: NamesOf
  readonly onFailure: (error: unknown) => void
}
/** Brings points from memory into the store, and bans whoever has too many there: points of other processes are among them. */
export function createPointWriter({ database, clock, revocations, banPoints, onFailure }: PenaltyDeps, store: PenaltyStore, ledger: Ledger) {
  const state: { timer: ReturnType<typeof setTimeout> | null; writing: Promise<void>; isClosed: boolean } = { timer: null, writing: Promise.resolve(), isClosed: false }

  const reload = async (id: string): Promise<void> => {
    const row = await store.byId(id)
    if (row === undefined) ledger.removeById(id)
    else ledger.take(row, clock.now())
  }
  const ban = async ({ row }: Entry): Promise<void> => {
    const at = clock.now()
    const bans = bansAfter(row, at)
    const until = at + banMilliseconds(bans)
    // What is left of the points begins to decay when the ban is over.
    const banned = { points: Math.round(penaltyRules.pointsAfter * banPoints * MILLI), points_at: until, bans, banned_at: at, banned_until: until }
    // An address is personal, and the log is kept for long: it names the ban.
    const detail = { ban: row.id, kind: row.kind, ...(row.kind !== 'address' && { subject: row.subject }), why: row.why, until: toMoment(until), bans }
    const event = securityEventStep(database, { at, type: 'ban-begun', severity: 'medium', accountId: row.kind === 'account' ? row.subject : null, detail })
    const steps: readonly WriteStep[] = [store.ban(row, banned), auditServerStep({ at, action: 'ban-begun', detail }), event]
    try {
      await revocations.revoke({ kind: 'penalty', penaltyId: row.id }, steps)
      ledger.take({ ...row, ...banned }, at)
    } catch (error) {
      // Another process was faster.
      if (!(error instanceof WriteConflict)) throw error
      await reload(row.id)
    }
  }
  const judge = async (entry: Entry, at: number): Promise<void> => {
    const held = heldAt(entry.row, banPoints, at)
    if (held?.step !== 'banned' && entry.row.points >= banPoints * MILLI) return ban(entry)
    if (held === null || held.allowance >= entry.told) return
    entry.told = held.allowance
    await revocations.revoke({ kind: 'penalty', penaltyId: entry.row.id }, [])
  }
  const writePoints = async (): Promise<void> => {
    const taken = ledger.takeUnwritten(PER_BATCH)
    if (taken.length === 0) return
    const at = clock.now()
    try {
      await database.write(taken.map(({ entry: { row: { id, kind, subject, why } }, points }) => store.add({ id, kind, subject, points, points_at: at, why, bans: 0, banned_at: null, banned_until: null })))
    } catch (error) {
      for (const { entry, points } of taken) ledger.giveBack(entry, points)
      throw error
    }
    for (const row of await store.of(taken.map(({ entry: { row: { kind, subject: id } } }) => ({ kind, id })))) await judge(ledger.take(row, at), at)
  }
  /** Writes what is not written yet, after what is being written. */
  const write = (): Promise<void> => {
    state.writing = state.writing.then(writePoints).catch(onFailure)
    return state.writing
  }
  const writeLater = (): void => {
    if (state.isClosed) return
    state.timer ??= setTimeout(() => {
      state.timer = null
      void write().then(() => { if (ledger.hasUnwritten()) writeLater() })
    }, WRITE_MILLISECONDS).unref()
  }
  return {
    write, writeLater, reload,
    async close(): Promise<void> {
      state.isClosed = true
      if (state.timer !== null) clearTimeout(state.timer)
      await write()
    },
  }
}

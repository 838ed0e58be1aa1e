import type { Penalty } from '@sallyport/contract'
import { toMoment } from '../../kernel/clock.ts'
import type { Caller } from '../../kernel/handler.ts'
import { newId } from '../../kernel/ids.ts'
import { bannedWith, violations, type ViolationRow, type PenaltyKind, type PenaltySubject, type Violation } from '../../policy/penalties.ts'
import { banned } from './banned.ts'
import { createForgiveness } from './forgiveness.ts'
import { createLedger } from './ledger.ts'
import { createPointWriter, type PenaltyDeps } from './point-writer.ts'
import { heldAt, MILLI, pointsAt, type Held } from './points.ts'
import { createWaits } from './waits.ts'
import { createPenaltyStore, type PenaltyStore } from './store.ts'

const LOADED = 18_000
const LISTED = 200
const READ_FOR_LIST = 2_000
/** What is left for whoever comes in although something of theirs is banned, such as the address that they share. */
const LEAST_ALLOWANCE = 0.2
const MOST_DEARER = 5

/** What is held against somebody, and why. */
export interface HeldAgainst extends Held, PenaltySubject { readonly banId: string; readonly why: string }

const isViolation = (name: string): name is Violation => Object.hasOwn(violations, name)
const whyOf = (name: string) => (isViolation(name) ? violations[name].why : 'going over its limits')

/**
 * Limits that adapt (LIM-3): violations cost points that decay; points lower limits, then ban for a growing time. What is asked on every
 * request is answered from memory. Points are written a moment later, and a ban at once, in a row that every process hears of.
 */
export function createPenalties(deps: PenaltyDeps) {
  const { database, clock, revocations, banPoints, onFailure } = deps
  const store = createPenaltyStore(database, deps.serverSealer)
  const ledger = createLedger()
  const writer = createPointWriter(deps, store, ledger)
  const waits = createWaits(clock)

  const held = (subject: PenaltySubject): HeldAgainst | null => {
    const entry = ledger.find(subject)
    const found = entry === null ? null : heldAt(entry.row, banPoints, clock.now())
    return entry === null || found === null ? null : { ...found, ...subject, banId: entry.row.id, why: whyOf(entry.row.why) }
  }
  const banOf = (subjects: readonly PenaltySubject[]): HeldAgainst | null => {
    const found = subjects.map(held)
    return found.find((one) => one?.step === 'banned') ?? null
  }
  const stop = revocations.subscribe((revoked) => { if (revoked.kind === 'penalty') writer.reload(revoked.penaltyId).catch(onFailure) })

  return {
    /** Notes a violation, for whoever answers for it. With `waitSeconds` it was a limit, and costs nothing if they waited as long as they were told before. */
    note(subject: PenaltySubject, violation: Violation, waitSeconds: number | null = null): void {
      const now = clock.now()
      if (waitSeconds !== null && waits.hasObeyed(subject, waitSeconds)) return
      const before = held(subject)
      // Whoever is kept out already pays by waiting.
      if (before?.step === 'banned') return
      const entry = ledger.find(subject) ?? ledger.take({ id: newId('ban', now), kind: subject.kind, subject: subject.id, points: 0, points_at: now, why: violation, bans: 0, banned_at: null, banned_until: null }, now)
      const { points, isFollowUp }: ViolationRow = violations[violation]
      ledger.add(entry, points * MILLI * (1 + Math.min(entry.row.bans, MOST_DEARER)), { now, why: isFollowUp === true ? entry.row.why : violation })
      const isNew = heldAt(entry.row, banPoints, now)?.allowance !== before?.allowance || entry.row.points >= banPoints * MILLI
      if (isNew) void writer.write()
      else writer.writeLater()
    },
    /** The first of them who is banned; null where nobody is. */
    banOf,
    /** Throws `banned` where one of them is. */
    require(subjects: readonly PenaltySubject[]): void {
      const found = banOf(subjects)
      if (found !== null) throw banned(found, clock.now())
    },
    /** The share of its limits that somebody has now. Who is banned and comes in all the same, behind a banned address, has the least. */
    allowanceOf(kind: PenaltyKind, id: string): number {
      const found = held({ kind, id })
      return found === null ? 1 : found.step === 'banned' ? LEAST_ALLOWANCE : found.allowance
    },
    /** How near somebody is to a ban, as a share of the points for one, and whether they are at the step `challenged`. */
    suspicionOf(subject: PenaltySubject): { readonly share: number; readonly isChallenged: boolean } {
      const entry = ledger.find(subject)
      return entry === null ? { share: 0, isChallenged: false } : { share: pointsAt(entry.row, clock.now()) / (banPoints * MILLI), isChallenged: held(subject)?.step === 'challenged' }
    },
    ...createForgiveness({ clock, revocations, banPoints, store, ledger, writer }),
    /** What is held against a caller. */
    of(caller: Caller): readonly Pick<Penalty, 'kind' | 'step' | 'allowance' | 'why' | 'until'>[] {
      return bannedWith(caller).flatMap((one) => {
        const found = held(one)
        return found === null ? [] : [{ kind: found.kind, step: found.step, allowance: found.allowance, why: found.why, until: toMoment(found.until) }]
      })
    },
    /** Everybody against whom something is held now. */
    async list(): Promise<readonly Penalty[]> {
      await writer.write()
      return listHeld(store, deps, clock.now())
    },
    /** Takes over what the store knows. */
    async load(): Promise<void> {
      const now = clock.now()
      for (const row of await store.newest(LOADED)) ledger.take(row, now)
    },
    eraseSteps: (accountId: string) => [store.removeOf(accountId)],
    /** Removes what was forgiven. */
    forget: () => database.write([store.forget(clock.now(), banPoints)]),
    /** Writes what is not written yet. */
    async close(): Promise<void> {
      stop()
      await writer.close()
    },
  }
}
export type Penalties = ReturnType<typeof createPenalties>

/** Everybody against whom something is held at a moment, with their names. */
async function listHeld(store: PenaltyStore, { banPoints, namesOf }: Pick<PenaltyDeps, 'banPoints' | 'namesOf'>, now: number): Promise<readonly Penalty[]> {
  const live = (await store.newest(READ_FOR_LIST)).flatMap((row) => {
    const held = heldAt(row, banPoints, now)
    return held === null ? [] : [{ row, held }]
  }).slice(0, LISTED)
  const idsOf = (wanted: PenaltyKind) => live.flatMap(({ row: { kind, subject } }) => (kind === wanted ? [subject] : []))
  const names = await namesOf({ accounts: idsOf('account'), groups: [], keys: idsOf('key') })
  return live.map(({ row: { id, kind, subject, why, bans }, held: { step, allowance, until } }) => ({ id, kind, subject, name: names.get(subject) ?? null, step, allowance, why: whyOf(why), until: toMoment(until), bans }))
}

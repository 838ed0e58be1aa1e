import { WriteConflict } from '../../database/database.ts'
import type { Caller } from '../../kernel/handler.ts'
import { ProblemError } from '../../kernel/problem.ts'
import type { PenaltySubject } from '../../policy/penalties.ts'
import { auditStep } from '../audit/index.ts'
import type { Ledger } from './ledger.ts'
import type { createPointWriter, PenaltyDeps } from './point-writer.ts'
import { heldAt, MILLI } from './points.ts'
import type { PenaltyStore } from './store.ts'

interface ForgivenessParts extends Pick<PenaltyDeps, 'clock' | 'revocations' | 'banPoints'> { readonly store: PenaltyStore; readonly ledger: Ledger; readonly writer: ReturnType<typeof createPointWriter> }

/** What takes points back before they decay, in every process. */
export const createForgiveness = ({ clock, revocations, banPoints, store, ledger, writer }: ForgivenessParts) => ({
  /** Takes a share of the points for a ban back from somebody. Who was banned meanwhile stays so. */
  async relieve(subject: PenaltySubject, share: number): Promise<void> {
    const entry = ledger.find(subject)
    if (entry === null) return
    // What was given and is not written yet would be added again.
    await writer.write()
    const { id } = entry.row
    await revocations.revoke({ kind: 'penalty', penaltyId: id }, [store.relieve(id, Math.round(share * banPoints * MILLI), clock.now())])
    await writer.reload(id)
    // So that others are told again when limits are lowered again.
    entry.told = heldAt(entry.row, banPoints, clock.now())?.allowance ?? 1
  },
  /** Forgives everything, at once. Throws `not-found`. */
  async lift(caller: Caller, id: string): Promise<void> {
    const row = await store.byId(id)
    if (row === undefined) throw new ProblemError('not-found', { detail: 'There is no such ban, or it is over. List the bans again.' })
    const detail = { ban: id, kind: row.kind, ...(row.kind !== 'address' && { subject: row.subject }) }
    try {
      await revocations.revoke({ kind: 'penalty', penaltyId: id }, [store.remove(id), auditStep(caller, { at: clock.now(), action: 'ban-lifted', detail })])
    } catch (error) {
      throw error instanceof WriteConflict ? new ProblemError('not-found') : error
    }
    ledger.removeById(id)
  },
})

import type { SecretUse } from '@sallyport/contract'
import type { Database, WriteStep } from '../../database/database.ts'
import { writeUnlessConflict } from '../../database/write-unless-conflict.ts'
import { toMoment, type Clock } from '../../kernel/clock.ts'
import { secretUse } from '../../policy/secret-uses.ts'
import { auditServerStep, securityEventStep } from '../audit/index.ts'
import { jumpOf } from './jump.ts'
import { listUses } from './list-uses.ts'
import type { Counted, SecretSubject, UseMeter } from './meter.ts'
import type { SecretUseRow, SecretUseStore } from './store.ts'

const [INTERVAL, GRACE, KEPT] = [secretUse.intervalSeconds * 1_000, secretUse.graceSeconds * 1_000, secretUse.keptSeconds * 1_000]
const ROWS = 200

export interface SecretUseDeps { readonly database: Database; readonly clock: Clock; readonly store: SecretUseStore; readonly meter: UseMeter }

/**
 * What secrets are used for (SEC-8): counted in memory, written down every few seconds, one row of the audit log for each secret and interval, and an
 * event of high severity when the use of one jumps. A kill loses what was counted since it was last written down, and nothing else.
 */
export function createSecretUses({ database, clock, store, meter }: SecretUseDeps) {
  const intervalOf = (at: number) => at - at % INTERVAL
  /** False where another process was faster. */
  const write = (steps: readonly WriteStep[]) => writeUnlessConflict(database, steps)
  const who = async ({ kind, name }: SecretSubject, from: number) => {
    const provider = kind === 'provider-key' ? await store.providerOf(name) : null
    if (provider === null) return {}
    const accounts = await store.accountsOf(provider.provider, from, from + INTERVAL)
    return { ...provider, accounts: accounts.length, mostTurns: accounts.slice(0, secretUse.accounts).map(({ account_id: accountId, turns }) => ({ accountId, turns })) }
  }
  const judge = async (subject: SecretSubject, now: number): Promise<void> => {
    const rows = await store.of(subject, intervalOf(now) - KEPT)
    const present = rows.find(({ from_at: from }) => from === intervalOf(now))
    const jump = present === undefined || present.told_at !== null ? null : jumpOf(present, rows.filter((row) => row !== present))
    if (present === undefined || jump === null) return
    await write([
      store.markTold(present, now),
      securityEventStep(database, { at: now, type: 'secret-use-jumped', severity: 'high', accountId: null, detail: { kind: subject.kind, name: subject.name, ...jump, seconds: secretUse.intervalSeconds, ...await who(subject, present.from_at) } }),
    ])
  }
  /** Writes down what was counted, and looks whether some of it is a jump. What cannot be written is kept for the next time. */
  const flush = async (): Promise<void> => {
    const taken = meter.take()
    if (taken.length === 0) return
    const now = clock.now()
    try {
      await database.write(inOrder(taken).flatMap((each) => store.add(each, intervalOf(now), now)))
    } catch (error) {
      meter.putBack(taken)
      throw error
    }
    for (const subject of new Map(taken.map((each): [string, SecretSubject] => [`${each.kind} ${each.name}`, each])).values()) await judge(subject, now)
  }
  /** One row of the audit log for each interval that is over. */
  const sum = async (): Promise<void> => {
    const now = clock.now()
    const due = await store.unsummed(now - INTERVAL - GRACE, ROWS)
    for (const row of due) {
      const [subject, purposes] = [subjectOf(row), await store.purposesOf(row)]
      await write([
        store.markSummed(row, now),
        auditServerStep({ at: now, action: 'secret-used', detail: { kind: row.kind, name: row.name, from: toMoment(row.from_at), seconds: secretUse.intervalSeconds, reads: row.reads, tokens: row.tokens, purposes, ...await who(subject, row.from_at) } }),
      ])
    }
    if (due.length > 0) await database.write(store.forgetBefore(now - KEPT))
  }
  return {
    flush,
    /** Writes down, judges and sums. */
    async tidy(): Promise<void> {
      await flush()
      await sum()
    },
    /** Every secret that was used within a fortnight, with its use of the last day. */
    async list(): Promise<SecretUse[]> {
      await flush()
      return listUses(store, intervalOf(clock.now()))
    },
  }
}
export type SecretUses = ReturnType<typeof createSecretUses>

const subjectOf = ({ kind, name }: SecretUseRow): SecretSubject => ({ kind: kind as SecretSubject['kind'], name })
/** Processes that write the same rows do so in one order, so that none waits for another that waits for it. */
const inOrder = (taken: readonly Counted[]) => taken.toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1))
const keyOf = ({ kind, name, purpose }: Counted) => `${kind} ${name} ${purpose}`

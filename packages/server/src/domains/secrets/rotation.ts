import type { DataKeyRotation, DataKeyRotationRequest } from '@sallyport/contract'
import { WriteConflict, type Database, type WriteStep } from '../../database/database.ts'
import { isDueAgain, type Clock } from '../../kernel/clock.ts'
import type { Caller } from '../../kernel/handler.ts'
import { newId } from '../../kernel/ids.ts'
import { describeError, type Log } from '../../kernel/log.ts'
import { ProblemError } from '../../kernel/problem.ts'
import type { Revoked } from '../../kernel/revocations.ts'
import { dataKeyRotation } from '../../policy/data-keys.ts'
import { auditServerStep, auditStep } from '../audit/index.ts'
import { SERVER_KEYS, type KeyRing } from './key-ring.ts'
import { createRetirement } from './retire.ts'
import { createRotateSteps } from './rotate.ts'
import { progressOf } from './rotation-progress.ts'
import { createRotationStore } from './rotation-store.ts'
import { createRotationWork } from './rotation-work.ts'
import { createSealedValues } from './sealed-values-store.ts'

const DAY_MILLISECONDS = 86_400_000

export interface RotationDeps {
  readonly database: Database
  readonly keyRing: KeyRing
  readonly clock: Clock
  readonly log: Log
  readonly revocations: { revoke(revoked: Revoked, steps: readonly WriteStep[]): Promise<void> }
  readonly hasBackupFrom: (at: number) => Promise<boolean>
  /** All keys are replaced when the server's own is as old as this. */
  readonly rotationDays: number
}

/** Rotation of data keys, online: everybody reads and writes on while values are sealed anew (SEC-10). */
export function createDataKeyRotation({ database, keyRing, clock, log, revocations, hasBackupFrom, rotationDays }: RotationDeps) {
  const [store, values] = [createRotationStore(database), createSealedValues(database)]
  const progress = () => progressOf(store)
  const revoke = (revoked: Revoked, steps: readonly WriteStep[]) => revocations.revoke(revoked, steps)
  const steps = createRotateSteps({ database, store, values, keyRing, clock, revoke })
  const retirement = createRetirement({ database, store, values, keyRing, clock, revoke, hasBackupFrom })
  const closing = new AbortController()
  const state: { isWanted: boolean; working: Promise<void> | null } = { isWanted: false, working: null }
  const { work, adopt } = createRotationWork({ database, store, steps, clock, closing: closing.signal, takeWish: () => { const { isWanted } = state; state.isWanted = false; return isWanted } })

  const planSteps = (accountId: string | null, isAgain = false) => {
    const at = clock.now()
    const id = newId('keyRotation', at)
    return { id, at, steps: [store.insertRun({ id, begun_at: at, ended_at: null, owners: 0, owners_done: 0, values_done: 0, values_broken: 0 }), ...(isAgain ? [store.planAgain(id, at)] : []), store.plan(id, accountId, at), store.countOwners(id)] }
  }
  const rotateWhenDue = async (): Promise<void> => {
    const madeAt = await store.madeAt(SERVER_KEYS)
    if (madeAt === null || !isDueAgain(madeAt, clock.now(), rotationDays * DAY_MILLISECONDS) || (await store.lastRun())?.ended_at === null) return
    // It is replaced already.
    if (await store.rotationOf(SERVER_KEYS) !== undefined) return
    const { id, at, steps: plan } = planSteps(null)
    await database.write([...plan, auditServerStep({ at, action: 'data-key-rotation-begun', detail: { run: id, accountId: null } })])
  }
  /** Works unless it does already. Never throws. */
  const wake = (): Promise<void> => {
    state.isWanted = true
    state.working ??= work().catch((error: unknown) => { if (!closing.signal.aborted) log.error(describeError(error), 'data-keys-not-rotated') }).finally(() => { state.working = null })
    return state.working
  }
  /** What is due by time: former versions, and rotations that were left behind. */
  const look = async (): Promise<void> => {
    try {
      await retirement.settle()
      await retirement.destroy()
      await adopt()
      await rotateWhenDue()
    } catch (error) {
      if (!(error instanceof WriteConflict) && !closing.signal.aborted) log.error(describeError(error), 'data-keys-not-retired')
    }
    await wake()
  }
  const beginAs = async (caller: Caller, accountId: string | null, isAgain: boolean): Promise<DataKeyRotation> => {
    const { id, at, steps: plan } = planSteps(accountId, isAgain)
    await database.write([...plan, auditStep(caller, { at, action: 'data-key-rotation-begun', detail: { run: id, accountId } })])
    void wake()
    return progress()
  }
  const begin = async (caller: Caller, { accountId }: DataKeyRotationRequest): Promise<DataKeyRotation> => {
    if (accountId !== undefined && (await store.versions(accountId)).length === 0) throw new ProblemError('not-found')
    return beginAs(caller, accountId ?? null, false)
  }
  let timer: ReturnType<typeof setInterval> | null = null
  return {
    progress,
    /** Begins a rotation, which goes on by itself. Whose rotation is under way or settles is left out. Throws `not-found` for an owner without a key. */
    begin,
    /** The same for somebody who asks for it: throws `conflict`, which says until when, where it would replace nothing. */
    async request(caller: Caller, request: DataKeyRotationRequest): Promise<DataKeyRotation> {
      const owner = request.accountId ?? null
      const isKnown = owner === null || (await store.versions(owner)).length > 0
      if (isKnown && await store.countFree(owner) === 0) throw new ProblemError('conflict', { detail: nothingFree((await progress()).settledAt) })
      return begin(caller, request)
    },
    /** Replaces everybody's keys, also those that a rotation made a moment ago or is making: whoever was in may have begun it, and know them. */
    replaceAll: (caller: Caller): Promise<DataKeyRotation> => beginAs(caller, null, true),
    look,
    /** Goes on with what was left, and looks now and then what is due. */
    start(): void {
      void look()
      timer = setInterval(() => { void look() }, dataKeyRotation.lookSeconds * 1_000).unref()
    },
    /** Waits until nothing is left to be done at this moment. */
    settled: async (): Promise<void> => { await state.working },
    async close(): Promise<void> {
      closing.abort()
      if (timer !== null) clearInterval(timer)
      await state.working
    },
  }
}
const nothingFree = (settledAt: string | null): string =>
  `Nothing was rotated: ${settledAt === null ? 'a rotation of these keys is under way. Begin again when it has ended: npm run sallyport -- secrets status' : `these keys were replaced a short time ago, and the former ones settle until ${settledAt}. Rotate again after that.`}`

export type DataKeyRotations = ReturnType<typeof createDataKeyRotation>

import type { HookReason } from '@sallyport/contract'
import type { Database, WriteStep } from '../../database/database.ts'
import { writeUnlessConflict } from '../../database/write-unless-conflict.ts'
import { liesAhead, type Clock } from '../../kernel/clock.ts'
import { rotationHooks, waitAfterHook } from '../../policy/provider-credentials.ts'
import type { RotationHook } from '../../ports/rotation-hook.ts'
import type { HookClaim, HookSubject, HookTask, HookTaskStore } from './hook-task-store.ts'

interface ClaimDeps { readonly database: Database; readonly clock: Clock; readonly hook: RotationHook; readonly tasks: HookTaskStore }

interface Wanted { /** How often it has failed, as far as whoever wants it has seen. */ readonly failures: number; readonly further?: (claim: HookClaim) => readonly WriteStep[] }

/** Takes tasks of hooks, one process at a time. */
export function createHookClaims({ database, clock, hook, tasks }: ClaimDeps) {
  return {
    /** A claim that holds for as long as the hook may run, with what is to be written beside it. Null where another process has it. */
    async take(verb: HookTask['verb'], subject: HookSubject, { failures, further = () => [] }: Wanted): Promise<HookClaim | null> {
      const at = clock.now()
      const claim = { id: crypto.randomUUID(), at, until: at + (hook.seconds + rotationHooks.claimMarginSeconds) * 1_000, failures }
      return await writeUnlessConflict(database, [tasks.claim(verb, subject, claim), ...further(claim)]) ? claim : null
    },
    /** What a task is after one more failure. */
    failed({ failures }: HookClaim, reason: HookReason): Pick<HookTask, 'failures' | 'failure' | 'failed_at' | 'next_try_at'> & { readonly next_try_at: number } {
      const at = clock.now()
      return { failures: failures + 1, failure: reason, failed_at: at, next_try_at: at + waitAfterHook(failures + 1) }
    },
    /** Whether a task that failed may be tried again by itself. */
    isReady: (task: HookTask | undefined): boolean => task?.next_try_at == null || task.next_try_at <= clock.now() || liesAhead(task.next_try_at, clock.now() + rotationHooks.mostWaitSeconds * 1_000),
  }
}
export type HookClaims = ReturnType<typeof createHookClaims>

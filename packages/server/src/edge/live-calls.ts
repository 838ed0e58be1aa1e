import type { Caller } from '../kernel/handler.ts'
import { ProblemError } from '../kernel/problem.ts'
import { isRevoked, type Revocations } from '../kernel/revocations.ts'

/** A call that is being answered. */
export interface LiveCall {
  /** True once what let the caller in was revoked. */
  readonly isRevoked: boolean
  /** What an open stream does about it; at most one. */
  onRevoked: () => void
  [Symbol.dispose](): void
}

/** What a caller is told whose credential was revoked while the call went on. */
export const signedOut = () => new ProblemError('not-signed-in', { detail: 'This session, token or key was ended. Sign in again.' })

/** The calls that this app is answering. When a credential is revoked, what it opened is stopped at once and not when it happens to end (IDN-6). */
export function createLiveCalls(revocations: Pick<Revocations, 'subscribe'>) {
  interface Held extends LiveCall { isRevoked: boolean; readonly caller: Caller; readonly gone: AbortController }
  const calls = new Set<Held>()
  revocations.subscribe((revoked) => {
    for (const call of calls) {
      if (call.isRevoked || !isRevoked(call.caller, revoked)) continue
      call.isRevoked = true
      // A call that revokes its own credential does not look at this signal, and is answered.
      call.gone.abort()
      call.onRevoked()
    }
  })
  return {
    /** `gone` aborts what the call waits for. */
    begin(caller: Caller, gone: AbortController): LiveCall {
      const call: Held = { caller, gone, isRevoked: false, onRevoked: () => undefined, [Symbol.dispose]: () => { calls.delete(call) } }
      calls.add(call)
      return call
    },
  }
}
export type LiveCalls = ReturnType<typeof createLiveCalls>

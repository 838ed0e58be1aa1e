import { passwordTries } from '../../policy/limits.ts'

/** What is remembered of the tries for one address. `moments` are in milliseconds, oldest first. */
export interface GuardState { readonly moments: readonly number[]; readonly failures: number; readonly lastAt: number }
export type GuardAnswer = { readonly allowed: true; readonly state: GuardState; readonly locks: boolean } | { readonly allowed: false; readonly until: number }

export const noTries: GuardState = { moments: [], failures: 0, lastAt: 0 }
const WINDOW = passwordTries.windowSeconds * 1_000
const FORGOTTEN = passwordTries.forgottenAfterDays * 86_400_000

/** A wall clock that was set back must not hold anybody for longer than a window: what lies ahead counts as of now. */
const liveMoments = ({ moments }: GuardState, now: number) => moments.filter((moment) => moment > now - WINDOW).map((moment) => Math.min(moment, now))

/**
 * Whether one more password may be tried. The try is counted before it is known to be wrong, so that many at once gain nothing; a right
 * one is given back by `succeed`. In any window no more than `count` are counted, and no more than `forStrangers` for those who come with
 * a browser that the owner has never used; their waits grow, and after `failures` wrong ones in a row they are not heard until a right one, a new
 * password or an administrator ends it. `locks` says that a stranger's next try will be refused for a window.
 */
export function takeTry(state: GuardState, now: number, isKnown: boolean): GuardAnswer {
  const failures = state.lastAt <= now - FORGOTTEN ? 0 : state.failures
  if (!isKnown && failures >= passwordTries.failures) return { allowed: false, until: state.lastAt + FORGOTTEN }
  const live = liveMoments(state, now)
  const most = isKnown ? passwordTries.count : passwordTries.forStrangers
  if (live.length >= most) return { allowed: false, until: (live[live.length - most] ?? now) + WINDOW }
  const until = isKnown ? now : (live.at(-1) ?? 0) + (passwordTries.delaySeconds[live.length] ?? 0) * 1_000
  if (until > now) return { allowed: false, until }
  return { allowed: true, state: { moments: [...live, now], failures: failures + 1, lastAt: now }, locks: live.length + 1 === passwordTries.forStrangers || (!isKnown && failures + 1 === passwordTries.failures) }
}

/** The state after the try of that moment turned out right: it costs nothing, and wrong ones in a row begin anew. Earlier tries of the window still count. */
export function succeed(state: GuardState, tryAt: number): GuardState {
  const at = state.moments.lastIndexOf(tryAt)
  return { ...state, moments: at < 0 ? state.moments : state.moments.toSpliced(at, 1), failures: 0 }
}

/** Until when strangers are not heard; null while they are. */
export function lockedUntil(state: GuardState, now: number): number | null {
  const live = liveMoments(state, now)
  if (state.failures >= passwordTries.failures && state.lastAt > now - FORGOTTEN) return state.lastAt + FORGOTTEN
  return live.length >= passwordTries.forStrangers ? (live[live.length - passwordTries.forStrangers] ?? now) + WINDOW : null
}

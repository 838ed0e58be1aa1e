import type { Account, Role, Session } from '@sallyport/contract'
import { toMoment, type Clock } from '../../kernel/clock.ts'
import type { Caller, HeadedReply } from '../../kernel/handler.ts'
import type { Standing } from '../../kernel/standing.ts'
import { freshProof } from '../../policy/limits.ts'
import { pendingOf } from '../../policy/obligations.ts'
import { rolePermissions } from '../../policy/roles.ts'
import type { Accounts } from '../accounts/index.ts'
import type { AlsoWrite, Proven, Sessions } from './service.ts'

export interface Cookies { set(token: string, expiresAt: number): string; setDevice(token: string): string; clear(): string }
export interface AdmitDeps {
  readonly sessions: Sessions
  readonly accounts: Pick<Accounts, 'get' | 'standingOf' | 'entering'>
  readonly cookies: Cookies
  readonly clock: Clock
  readonly secondFactorRequiredFor: readonly Role[]
  /** Writes down what the holder of a program's tokens proved again. */
  readonly renewProgram: (sessionId: string, proven: Proven) => Promise<void>
}

/** The end of every sign-in by a browser, however it began: a session, its cookie, and who is signed in now. */
export function createAdmission({ sessions, accounts, cookies, clock, secondFactorRequiredFor, renewProgram }: AdmitDeps) {
  const freshUntil = ({ authenticatedAt, secondFactorAt }: Proven, hasSecondFactor: boolean): string | null => {
    const end = (hasSecondFactor ? Math.min(authenticatedAt, secondFactorAt ?? 0) : authenticatedAt) + freshProof.seconds * 1_000
    return end > clock.now() ? toMoment(Math.min(end, clock.now() + freshProof.seconds * 1_000)) : null
  }
  const describe = (account: Account, standing: Pick<Standing, 'hasSecondFactor'>, { proven, pending, expiresAt }: { readonly proven: Proven; readonly pending: Session['pending']; readonly expiresAt: number }): Session =>
    ({ account, expiresAt: toMoment(expiresAt), permissions: [...rolePermissions[account.role]], freshUntil: freshUntil(proven, standing.hasSecondFactor), pending, notices: [] })
  return {
    /** Begins a session for an account that has just proved all that it must. */
    async admit(caller: Caller, accountId: string, proven: Proven & { readonly also?: AlsoWrite } = { authenticatedAt: clock.now(), secondFactorAt: null }): Promise<HeadedReply<'signIn'>> {
      const { wasLocked, deviceToken, steps } = await accounts.entering(caller, accountId)
      const { token, expiresAt } = await sessions.begin(caller, { id: accountId }, { ...proven, also: (sessionId) => [...steps, ...(proven.also?.(sessionId) ?? [])] })
      const [account, standing] = await Promise.all([accounts.get(accountId), accounts.standingOf(accountId)])
      const session = describe(account, standing, { proven, pending: pendingOf(standing, secondFactorRequiredFor), expiresAt })
      return { kind: 'headed', reply: { ...session, notices: wasLocked ? ['was-locked'] : [] }, headers: { 'Set-Cookie': [cookies.set(token, expiresAt), cookies.setDevice(deviceToken)] } }
    },
    /** Writes down what the caller proved, and gives a session that rises in privilege another token: the headers that the answer has to carry. */
    async rise(caller: Caller, proven: Proven): Promise<Readonly<Record<string, string>>> {
      if (caller.credential.kind === 'session') {
        const { token, expiresAt } = await sessions.renew(caller, proven)
        return { 'Set-Cookie': cookies.set(token, expiresAt) }
      }
      if (caller.sessionId !== null) await renewProgram(caller.sessionId, proven)
      return {}
    },
    /** Who is signed in. */
    describe: (account: Account, { hasSecondFactor, pending, expiresAt, authenticatedAt, secondFactorAt }: Caller): Session =>
      describe(account, { hasSecondFactor }, { proven: { authenticatedAt, secondFactorAt }, pending, expiresAt }),
  }
}
export type Admission = ReturnType<typeof createAdmission>

import type { SignedIn } from '@sallyport/contract'
import { WriteConflict, type Database, type WriteStep } from '../../database/database.ts'
import { toMoment, type Clock } from '../../kernel/clock.ts'
import type { Caller } from '../../kernel/handler.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { requireScope } from '../../kernel/require-scope.ts'
import type { Scope } from '../../kernel/scope.ts'
import { auditStep } from '../audit/index.ts'
import type { SharedRevocations } from '../revocations/index.ts'
import type { KeyRing } from '../secrets/index.ts'
import { Device } from './device.ts'
import { createOwnSessionStore } from './store.ts'

/** A row of a sign-in, of whichever kind. */
interface SignInRow { readonly id: string; readonly created_at: number; readonly last_seen_at: number; readonly expires_at: number; readonly device_sealed: Uint8Array | null }
/** Another kind of sign-in that an account may have, in a table of its own. */
export interface FurtherSignIns {
  readonly table: string
  readonly list: (scope: Scope) => Promise<readonly SignInRow[]>
  /** Expects its row. */
  readonly remove: (scope: Scope, id: string) => WriteStep
  readonly endSteps: (accountId: string, keepId: string | null) => readonly WriteStep[]
}

export interface OwnSignInDeps {
  readonly database: Database
  readonly clock: Clock
  readonly keyRing: KeyRing
  readonly revocations: SharedRevocations
  readonly programs: FurtherSignIns
}

const unknownDevice: Device = { browser: 'Unknown', system: 'Unknown', network: 'unknown' }

/** Where somebody is signed in, and how it is ended from afar (IDN-13). */
export function createOwnSignIns({ database, clock, keyRing, revocations, programs }: OwnSignInDeps) {
  const sessionsOf = createOwnSessionStore(database)

  const describe = async (caller: Caller, rows: readonly SignInRow[], kind: SignedIn['kind']): Promise<readonly SignedIn[]> => {
    const sealer = await keyRing.sealerOf(requireScope(caller).accountId)
    const table = kind === 'browser' ? 'session' : programs.table
    return rows.filter(({ expires_at }) => expires_at > clock.now()).map((row) => {
      const device = row.device_sealed === null ? unknownDevice : Device.parse(JSON.parse(sealer.open({ table, rowId: row.id, column: 'device_sealed' }, row.device_sealed)))
      return { id: row.id, kind, isCurrent: row.id === caller.sessionId, ...device, createdAt: toMoment(row.created_at), lastSeenAt: toMoment(row.last_seen_at), expiresAt: toMoment(row.expires_at) }
    })
  }
  /** Ends one, at once and on every server. Throws `not-found`. */
  const end = async (caller: Caller, id: string): Promise<void> => {
    const scope = requireScope(caller)
    const step = id.startsWith('ses_') ? sessionsOf(scope).remove(id) : programs.remove(scope, id)
    try {
      await revocations.revoke({ kind: 'session', sessionId: id }, [step, auditStep(caller, { at: clock.now(), action: 'session-ended', detail: { sessionId: id } })])
    } catch (error) {
      throw error instanceof WriteConflict ? new ProblemError('not-found') : error
    }
  }
  return {
    /** The newest used first; browsers, then programs. */
    async list(caller: Caller): Promise<{ items: SignedIn[] }> {
      const scope = requireScope(caller)
      const [browsers, others] = await Promise.all([sessionsOf(scope).list(), programs.list(scope)])
      return { items: [...await describe(caller, browsers, 'browser'), ...await describe(caller, others, 'program')] }
    },
    /** Ends the caller's own. */
    async endOwn(caller: Caller): Promise<void> {
      if (caller.sessionId !== null) await end(caller, caller.sessionId)
    },
    end,
    /** Ends all but the caller's own. */
    async endOthers(caller: Caller, endSignIns: (accountId: string, keepId: string | null) => readonly WriteStep[]): Promise<void> {
      const { accountId } = requireScope(caller)
      await revocations.revoke({ kind: 'account', accountId, exceptSessionId: caller.sessionId }, [
        ...endSignIns(accountId, caller.sessionId), auditStep(caller, { at: clock.now(), action: 'sessions-ended' }),
      ])
    },
  }
}
export type OwnSignIns = ReturnType<typeof createOwnSignIns>

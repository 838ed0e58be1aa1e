import { randomBytes } from 'node:crypto'
import type { Account } from '@sallyport/contract'
import type { Database, WriteStep } from '../../database/database.ts'
import type { Clock } from '../../kernel/clock.ts'
import { tokenDigest } from '../../kernel/digest.ts'
import type { Caller } from '../../kernel/handler.ts'
import { newId } from '../../kernel/ids.ts'
import { Recent } from '../../kernel/recent.ts'
import type { Revoked } from '../../kernel/revocations.ts'
import { openScope } from '../../kernel/scope.ts'
import type { Standing } from '../../kernel/standing.ts'
import { sessionsPerAccount } from '../../policy/limits.ts'
import { toStanding } from '../accounts/index.ts'
import { auditStep } from '../audit/index.ts'
import type { SharedRevocations } from '../revocations/index.ts'
import type { KeyRing } from '../secrets/index.ts'
import { describeDevice } from './device.ts'
import type { SessionStore } from './store.ts'

const TOKEN = /^[A-Za-z0-9_-]{43}$/
const TOKEN_BYTES = 32
const KEPT = 10_000
/** Last seen is written at most this often for a session. */
const TOUCH_MILLISECONDS = 60_000

/** A session that holds now. */
export interface LiveSession {
  readonly id: string
  readonly standing: Standing
  readonly expiresAt: number
  readonly authenticatedAt: number
  readonly secondFactorAt: number | null
}
interface Kept extends LiveSession { seenAt: number; readonly isActive: boolean }

/** When a person proved what. A passkey alone is both. */
export interface Proven { readonly authenticatedAt: number; readonly secondFactorAt: number | null }
/** What another domain writes down with a session, in the batch that begins it. */
export type AlsoWrite = (sessionId: string) => readonly WriteStep[]
export interface BegunSession { readonly id: string; readonly token: string; readonly expiresAt: number }

export interface SessionDeps {
  readonly database: Database
  readonly store: SessionStore
  readonly clock: Clock
  readonly keyRing: KeyRing
  readonly revocations: SharedRevocations
  readonly life: { readonly idleMinutes: number; readonly hours: number }
}

/** Browser sessions: a random token in a cookie, its digest in a row (IDN-7). */
export function createSessions({ database, store, clock, keyRing, revocations, life }: SessionDeps) {
  const recent = new Recent<Kept>(KEPT)
  const idleMilliseconds = life.idleMinutes * 60_000
  revocations.subscribe((revoked) => { recent.forget((session) => isMeant(session, revoked)) })

  const load = async (digest: Buffer, cacheKey: string): Promise<Kept | null> => {
    const { generation } = recent
    const row = await store.byDigest(digest)
    const standing = row === undefined ? null : toStanding(row)
    if (row === undefined || standing === null) return null
    const session: Kept = { id: row.id, standing, expiresAt: row.expires_at, authenticatedAt: row.authenticated_at, secondFactorAt: row.second_factor_at, seenAt: row.last_seen_at, isActive: true }
    recent.set(cacheKey, session, generation)
    return session
  }
  const isIdle = ({ seenAt }: Kept) => clock.now() - seenAt > idleMilliseconds
  const touch = (session: Kept) => {
    const now = clock.now()
    if (now - session.seenAt < Math.min(TOUCH_MILLISECONDS, idleMilliseconds / 10)) return
    session.seenAt = now
    // Bookkeeping: when it is lost, the next use writes it.
    database.write([store.touch(session.id, now)]).catch(() => undefined)
  }
  return {
    /** A new session for someone who just proved who they are. The one that the caller had in this browser ends with it: a token from before a sign-in opens nothing after it. */
    async begin(caller: Caller, account: Pick<Account, 'id'>, proven?: Proven & { readonly also?: AlsoWrite }): Promise<BegunSession> {
      const at = clock.now()
      const token = randomBytes(TOKEN_BYTES).toString('base64url')
      const id = newId('session', at)
      const expiresAt = at + life.hours * 3_600_000
      const device = JSON.stringify(describeDevice(caller))
      const sealer = await keyRing.sealerOf(account.id)
      const actor: Caller = { ...caller, scope: openScope(account.id), credential: { kind: 'session', id } }
      const before = caller.credential.kind === 'session' ? caller.sessionId : null
      const steps = [
        store.removeExpired(at, at - idleMilliseconds),
        ...(before === null ? [] : [store.remove(before)]),
        store.keepNewest(account.id, sessionsPerAccount - 1),
        store.insert({
          id, account_id: account.id, token_digest: tokenDigest(token), created_at: at, expires_at: expiresAt, last_seen_at: at,
          authenticated_at: proven?.authenticatedAt ?? at, second_factor_at: proven?.secondFactorAt ?? null,
          device_sealed: sealer.seal({ table: 'session', rowId: id, column: 'device_sealed' }, device),
        }),
        auditStep(actor, { at, action: 'session-created' }), ...(proven?.also?.(id) ?? []),
      ]
      if (before === null) await database.write(steps)
      else await revocations.revoke({ kind: 'session', sessionId: before }, steps)
      return { id, token, expiresAt }
    },
    /** Null for a token that is malformed, unknown, ended, expired or idle, and for an account that is suspended or gone. */
    async find(token: string): Promise<LiveSession | null> {
      if (!TOKEN.test(token)) return null
      const digest = tokenDigest(token)
      const cacheKey = digest.toString('base64')
      const kept = revocations.isHearing() ? recent.get(cacheKey) : undefined
      // What looks idle here may have been used through another process.
      const session = kept === undefined || isIdle(kept) ? await load(digest, cacheKey) : kept
      if (session === null || session.expiresAt <= clock.now() || isIdle(session)) return null
      touch(session)
      return session
    },
    /** Writes down that the caller proved something again, and gives the session another token: the one from before that opens nothing any more. */
    async renew(caller: Caller, proven: Proven): Promise<BegunSession> {
      const id = caller.sessionId ?? ''
      const old = await store.digestOf(id)
      const token = randomBytes(TOKEN_BYTES).toString('base64url')
      const step = store.replaceToken(id, old ?? new Uint8Array(), { token_digest: tokenDigest(token), authenticated_at: proven.authenticatedAt, second_factor_at: proven.secondFactorAt })
      await revocations.revoke({ kind: 'session-token', sessionId: id }, [step, auditStep(caller, { at: clock.now(), action: 'identity-proved' })])
      return { id, token, expiresAt: caller.expiresAt }
    },
    /** Ends every session of an account but for one; the announcement follows the batch. */
    endSteps: (accountId: string, keepId: string | null): readonly WriteStep[] => [store.removeOf(accountId, keepId)],
    endStep: (sessionId: string): WriteStep => store.remove(sessionId),
    endAllSteps: (): readonly WriteStep[] => [store.removeAll()],
  }
}
export type Sessions = ReturnType<typeof createSessions>

function isMeant(session: LiveSession, revoked: Revoked): boolean {
  switch (revoked.kind) {
    case 'everything': return true
    // Also the one that goes on: its account's standing may have changed.
    case 'account': return session.standing.accountId === revoked.accountId
    case 'session': case 'session-token': return session.id === revoked.sessionId
    case 'key': case 'key-settings': case 'signing-key': case 'data-keys': case 'providers': case 'penalty': return false
  }
}

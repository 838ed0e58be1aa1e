import { randomBytes } from 'node:crypto'
import type { Account, Role } from '@sallyport/contract'
import type { Database } from '../../database/database.ts'
import type { Clock } from '../../kernel/clock.ts'
import { tokenDigest } from '../../kernel/digest.ts'
import type { Caller } from '../../kernel/handler.ts'
import { newId } from '../../kernel/ids.ts'
import { Recent } from '../../kernel/recent.ts'
import { openScope } from '../../kernel/scope.ts'
import { sessionLife } from '../../policy/limits.ts'
import { auditStep } from '../audit/index.ts'
import type { SessionStore } from './store.ts'

const TOKEN = /^[A-Za-z0-9_-]{43}$/
const TOKEN_BYTES = 32
const KEPT = 10_000

export interface LiveSession { readonly id: string; readonly accountId: string; readonly role: Role; readonly expiresAt: number }

/** Browser sessions: a random token in a cookie, its digest in a row. */
export function createSessions({ database, store, clock }: { readonly database: Database; readonly store: SessionStore; readonly clock: Clock }) {
  const recent = new Recent<LiveSession>(KEPT)
  return {
    /** A new session for someone who just proved who they are. */
    async begin(caller: Caller, account: Account): Promise<{ token: string; expiresAt: number }> {
      const at = clock.now()
      const token = randomBytes(TOKEN_BYTES).toString('base64url')
      const id = newId('session', at)
      const expiresAt = at + sessionLife.seconds * 1_000
      const actor: Caller = { ...caller, scope: openScope(account.id), credential: { kind: 'session', id } }
      await database.write([
        store.removeExpired(at),
        store.insert({ id, account_id: account.id, token_digest: tokenDigest(token), created_at: at, expires_at: expiresAt }),
        auditStep(actor, { at, action: 'session-created' }),
      ])
      return { token, expiresAt }
    },
    /** Null for a token that is malformed, unknown, ended or expired. */
    async find(token: string): Promise<LiveSession | null> {
      if (!TOKEN.test(token)) return null
      const digest = tokenDigest(token)
      const key = digest.toString('base64')
      let session = recent.get(key)
      if (session === undefined) {
        const { generation } = recent
        const row = await store.byDigest(digest)
        if (row === undefined) return null
        session = { id: row.id, accountId: row.account_id, role: row.role, expiresAt: row.expires_at }
        recent.set(key, session, generation)
      }
      return session.expiresAt > clock.now() ? session : null
    },
    /** Ends the caller's session, at once. */
    async end(caller: Caller): Promise<void> {
      const { id } = caller.credential
      await database.write([store.remove(id), auditStep(caller, { at: clock.now(), action: 'session-ended' })])
      recent.forget((session) => session.id === id)
    },
  }
}
export type Sessions = ReturnType<typeof createSessions>

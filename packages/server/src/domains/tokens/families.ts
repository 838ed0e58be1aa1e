import { randomBytes } from 'node:crypto'
import { WriteConflict, type Database, type WriteStep } from '../../database/database.ts'
import type { Clock } from '../../kernel/clock.ts'
import { tokenDigest } from '../../kernel/digest.ts'
import type { Caller } from '../../kernel/handler.ts'
import { newId } from '../../kernel/ids.ts'
import type { Standing } from '../../kernel/standing.ts'
import { sessionsPerAccount } from '../../policy/limits.ts'
import { auditStep, securityEventStep } from '../audit/index.ts'
import type { SharedRevocations } from '../revocations/index.ts'
import type { KeyRing } from '../secrets/index.ts'
import { describeDevice, type Proven } from '../sessions/index.ts'
import { createFamilyLookup } from './find-family.ts'
import type { FamilyStore } from './store.ts'

const TOKEN_BYTES = 32
const DAY_MILLISECONDS = 86_400_000
const PREFIX = 'slr_'
const FORM = /^slr_[A-Za-z0-9_-]{43}$/

export interface BegunFamily { readonly id: string; readonly standing: Standing; readonly refreshToken: string }

export interface FamilyDeps {
  readonly database: Database
  readonly store: FamilyStore
  readonly clock: Clock
  readonly keyRing: KeyRing
  readonly revocations: SharedRevocations
  readonly life: { readonly idleDays: number; readonly days: number }
}

/** Families of refresh tokens: random, kept as digests, each for one use (IDN-5, RFC 9700 section 4.14). */
export function createFamilies({ database, store, clock, keyRing, revocations, life }: FamilyDeps) {
  const idleMilliseconds = life.idleDays * DAY_MILLISECONDS
  const { find, forget } = createFamilyLookup({ store, clock, revocations, idleMilliseconds })
  const newRefreshToken = () => PREFIX + randomBytes(TOKEN_BYTES).toString('base64url')
  /** Somebody has used a token that was used before: one of the two stole it, and nobody can say which. All of the family ends. */
  const endReused = async (caller: Caller, accountId: string, id: string): Promise<void> => {
    const at = clock.now()
    const ended = revocations.revoke({ kind: 'session', sessionId: id }, [
      { ...store.remove(id), expectRows: 1 },
      auditStep(caller, { at, action: 'token-family-ended', outcome: 'refused', detail: { familyId: id, accountId, reason: 'reused' } }),
      securityEventStep(database, { at, type: 'refresh-token-reused', severity: 'high', accountId, detail: { familyId: id } }),
    ])
    // Of many second uses at once one ends the family, and tells of it once.
    await ended.catch((error: unknown) => { if (!(error instanceof WriteConflict)) throw error })
  }
  return {
    find,
    /** A new family for a person who just proved who they are. */
    async begin(caller: Caller, accountId: string, proven: Proven & { readonly also?: readonly WriteStep[] }): Promise<BegunFamily | null> {
      const at = clock.now()
      const id = newId('tokenFamily', at)
      const refreshToken = newRefreshToken()
      const sealer = await keyRing.sealerOf(accountId)
      await database.write([
        store.removeExpired(at, at - idleMilliseconds),
        store.keepNewest(accountId, sessionsPerAccount - 1),
        store.insert({
          id, account_id: accountId, created_at: at, last_seen_at: at, expires_at: at + life.days * DAY_MILLISECONDS, authenticated_at: proven.authenticatedAt, second_factor_at: proven.secondFactorAt,
          device_sealed: sealer.seal({ table: 'token_family', rowId: id, column: 'device_sealed' }, JSON.stringify(describeDevice(caller))),
        }),
        store.insertRefreshToken({ digest: tokenDigest(refreshToken), family_id: id, created_at: at }),
        auditStep(caller, { actor: accountId, at, action: 'token-issued', detail: { familyId: id } }), ...(proven.also ?? []),
      ])
      const family = await find(id)
      return family === null ? null : { id, standing: family.standing, refreshToken }
    },
    /**
     * Trades a refresh token for the next one. Null when it does not hold. Of many uses at once exactly one gets the next token; each other
     * is a second use, and ends the family with all that came of it. There is no time of grace: a thief would have it too.
     */
    async rotate(caller: Caller, refreshToken: string): Promise<BegunFamily | null> {
      if (!FORM.test(refreshToken)) return null
      const digest = tokenDigest(refreshToken)
      const row = await store.refreshToken(digest)
      if (row === undefined) return null
      if (row.used_at !== null) { await endReused(caller, row.account_id, row.family_id); return null }
      const family = await find(row.family_id)
      if (family === null) return null
      const at = clock.now()
      const next = newRefreshToken()
      try {
        await database.write([store.useRefreshToken(digest, at), store.insertRefreshToken({ digest: tokenDigest(next), family_id: family.id, created_at: at }), store.touch(family.id, at)])
      } catch (error) {
        if (!(error instanceof WriteConflict)) throw error
        await endReused(caller, row.account_id, row.family_id)
        return null
      }
      forget(family.id)
      return { id: family.id, standing: family.standing, refreshToken: next }
    },
    /** Writes down what the holder of a family proved again. */
    async prove(id: string, { authenticatedAt, secondFactorAt }: Proven): Promise<void> {
      await revocations.revoke({ kind: 'session-token', sessionId: id }, [store.prove(id, { authenticated_at: authenticatedAt, second_factor_at: secondFactorAt })])
    },
    /** The family of a refresh token, used or not; null for any other text. */
    async ofRefreshToken(refreshToken: string): Promise<{ readonly id: string; readonly accountId: string } | null> {
      const row = FORM.test(refreshToken) ? await store.refreshToken(tokenDigest(refreshToken)) : undefined
      return row === undefined ? null : { id: row.family_id, accountId: row.account_id }
    },
    /** Ends one, at once and on every server. */
    async end(caller: Caller, { id, accountId }: { readonly id: string; readonly accountId: string }): Promise<void> {
      await revocations.revoke({ kind: 'session', sessionId: id }, [store.remove(id), auditStep(caller, { actor: accountId, at: clock.now(), action: 'token-family-ended', detail: { familyId: id } })])
    },
  }
}
export type Families = ReturnType<typeof createFamilies>

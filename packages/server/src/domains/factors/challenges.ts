import { randomBytes } from 'node:crypto'
import type { Database } from '../../database/database.ts'
import { writeUnlessConflict } from '../../database/write-unless-conflict.ts'
import type { Clock } from '../../kernel/clock.ts'
import { tokenDigest } from '../../kernel/digest.ts'
import { factorChallenge } from '../../policy/limits.ts'
import type { FactorStore } from './store.ts'
import type { ChallengePurpose, FactorChallengeRow } from './tables.ts'

const CHALLENGE_BYTES = 32

interface Binding { readonly purpose: ChallengePurpose; readonly accountId: string | null; readonly parent?: Uint8Array | null }

/** Challenges of 256 random bits, kept as digests: each for one purpose, one account and five minutes. */
export function createChallenges({ database, store, clock }: { readonly database: Database; readonly store: FactorStore; readonly clock: Clock }) {
  const isLive = (row: FactorChallengeRow | undefined): row is FactorChallengeRow => row !== undefined && row.expires_at > clock.now() && row.tries_left > 0
  return {
    async begin({ purpose, accountId, parent = null }: Binding): Promise<string> {
      const challenge = randomBytes(CHALLENGE_BYTES).toString('base64url')
      const at = clock.now()
      await database.write(store.putChallenge({
        digest: tokenDigest(challenge), account_id: accountId, purpose, parent_digest: parent, tries_left: factorChallenge.tries, created_at: at, expires_at: at + factorChallenge.seconds * 1_000,
      }))
      return challenge
    },
    /** Null for one that is unknown, over, used up, or for another purpose. */
    async find(challenge: string, purposes: readonly ChallengePurpose[]): Promise<(FactorChallengeRow & { readonly account_id: string }) | null> {
      const row = await store.challenge(tokenDigest(challenge))
      return isLive(row) && purposes.includes(row.purpose) && row.account_id !== null ? { ...row, account_id: row.account_id } : null
    },
    /** Uses up a challenge that a browser has signed, whatever comes of it. False unless it was given for just this. */
    async use(challenge: string, { purpose, accountId, parent = null }: Binding): Promise<boolean> {
      const digest = tokenDigest(challenge)
      const row = await store.challenge(digest)
      if (!isLive(row)) return false
      if (!await writeUnlessConflict(database, [store.takeChallenge(digest, row.purpose, clock.now())])) return false
      return row.purpose === purpose && row.account_id === accountId && isSame(row.parent_digest, parent)
    },
  }
}
export type Challenges = ReturnType<typeof createChallenges>

const isSame = (left: Uint8Array | null, right: Uint8Array | null) => (left === null || right === null ? left === right : Buffer.compare(left, right) === 0)

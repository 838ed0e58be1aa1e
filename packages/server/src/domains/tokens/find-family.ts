import type { Clock } from '../../kernel/clock.ts'
import { Recent } from '../../kernel/recent.ts'
import type { Revoked } from '../../kernel/revocations.ts'
import type { Standing } from '../../kernel/standing.ts'
import { toStanding } from '../accounts/index.ts'
import type { SharedRevocations } from '../revocations/index.ts'
import type { Proven } from '../sessions/index.ts'
import type { FamilyStore } from './store.ts'

const KEPT = 10_000

/** A family that lives, with what its account may do now. */
export interface LiveFamily extends Proven { readonly id: string; readonly standing: Standing; readonly expiresAt: number }
interface Kept extends LiveFamily { readonly seenAt: number }

export interface FamilyLookupDeps { readonly store: FamilyStore; readonly clock: Clock; readonly revocations: Pick<SharedRevocations, 'subscribe' | 'isHearing'>; readonly idleMilliseconds: number }

/** Finds families by their id. What was found is remembered until it is forgotten. */
export function createFamilyLookup({ store, clock, revocations, idleMilliseconds }: FamilyLookupDeps) {
  const recent = new Recent<Kept>(KEPT)
  revocations.subscribe((revoked) => { recent.forget((family) => isMeant(family, revoked)) })

  const load = async (id: string): Promise<Kept | null> => {
    const { generation } = recent
    const row = await store.byId(id)
    const standing = row === undefined ? null : toStanding(row)
    if (row === undefined || standing === null) return null
    const family: Kept = { id, standing, expiresAt: row.expires_at, authenticatedAt: row.authenticated_at, secondFactorAt: row.second_factor_at, seenAt: row.last_seen_at }
    recent.set(id, family, generation)
    return family
  }
  const isOver = ({ expiresAt, seenAt }: Kept) => expiresAt <= clock.now() || clock.now() - seenAt > idleMilliseconds
  /** Null for one that ended, is over or idle, and for an account that is suspended or gone. */
  const find = async (id: string): Promise<LiveFamily | null> => {
    const kept = revocations.isHearing() ? recent.get(id) : undefined
    const family = kept === undefined || isOver(kept) ? await load(id) : kept
    return family === null || isOver(family) ? null : family
  }
  return { find, forget: (id: string) => { recent.forget((family) => family.id === id) } }
}

function isMeant({ id, standing }: LiveFamily, revoked: Revoked): boolean {
  switch (revoked.kind) {
    case 'everything': return true
    case 'account': return standing.accountId === revoked.accountId
    case 'session': case 'session-token': return id === revoked.sessionId
    case 'key': case 'key-settings': case 'signing-key': case 'data-keys': case 'providers': case 'penalty': return false
  }
}

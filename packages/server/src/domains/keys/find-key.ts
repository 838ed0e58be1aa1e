import { timingSafeEqual } from 'node:crypto'
import type { Database } from '../../database/database.ts'
import { coarseAddress, isInRange, parseAddressRange } from '../../kernel/address-range.ts'
import type { Clock } from '../../kernel/clock.ts'
import { tokenDigest } from '../../kernel/digest.ts'
import { Recent } from '../../kernel/recent.ts'
import type { Restriction } from '../../kernel/restriction.ts'
import type { Revoked } from '../../kernel/revocations.ts'
import type { Standing } from '../../kernel/standing.ts'
import { mayBeImported } from '../../policy/imported-keys.ts'
import { toStanding } from '../accounts/index.ts'
import type { SharedRevocations } from '../revocations/index.ts'
import type { KeyRing } from '../secrets/index.ts'
import { hasKeyForm, valueIdOf } from './format.ts'
import { parseRestriction, sealLastAddress } from './key-row.ts'
import type { KeyFinder } from './store.ts'

const KEPT = 20_000
/** Last use is written at most this often for a key. */
const TOUCH_MILLISECONDS = 60_000

/** A key that holds now, with what its account may do now. */
export interface LiveKey {
  readonly id: string
  /** Which of its values it was found by. */
  readonly valueId: string
  readonly standing: Standing
  /** When that value ends; null for one that does not expire. */
  readonly expiresAt: number | null
  readonly restriction: Restriction | null
  /** Whether it may be used from there. */
  readonly isAllowedFrom: (address: string) => boolean
}
interface Kept extends LiveKey { readonly digest: Buffer; readonly isFormer: boolean }
type Row = NonNullable<Awaited<ReturnType<KeyFinder['byDigest']>>>

export interface LookupDeps { readonly database: Database; readonly keyRing: Pick<KeyRing, 'sealerOf'>; readonly clock: Clock; readonly finder: KeyFinder; readonly revocations: Pick<SharedRevocations, 'subscribe' | 'isHearing'> }

/** Finds keys by their value. What was found is remembered by its digest until it is forgotten. */
export function createKeyLookup({ database, keyRing, clock, finder, revocations }: LookupDeps) {
  const recent = new Recent<Kept>(KEPT)
  const recentByValueId = new Recent<LiveKey>(KEPT)
  const touched = new Recent<number>(KEPT)
  revocations.subscribe((revoked) => { for (const kept of [recent, recentByValueId]) kept.forget((key) => isMeant(key, revoked)) })

  const touch = (key: Kept, cacheKey: string, address: string) => {
    const now = clock.now()
    const last = touched.get(cacheKey)
    if (last !== undefined && now - last < TOUCH_MILLISECONDS) return
    touched.set(cacheKey, now)
    // Bookkeeping: when it is lost, the next use writes it.
    keyRing.sealerOf(key.standing.accountId)
      .then((sealer) => database.write([finder.touch(key.id, now, sealLastAddress(sealer, key.id, coarseAddress(address))), ...(key.isFormer ? [finder.touchFormer(key.digest, now)] : [])]))
      .catch(() => undefined)
  }
  const load = async (digest: Buffer, cacheKey: string): Promise<Kept | null> => {
    const { generation } = recent
    const row = await finder.byDigest(digest)
    const live = row === undefined ? null : toLive(row)
    if (row === undefined || live === null) return null
    const key: Kept = { ...live, digest, isFormer: row.ends_at !== null }
    recent.set(cacheKey, key, generation)
    return key
  }
  const loadByValueId = async (id: string, valueId: string, cacheKey: string): Promise<LiveKey | null> => {
    const { generation } = recentByValueId
    const row = await finder.byValueId(id, valueId)
    const key = row === undefined ? null : toLive(row)
    if (key !== null) recentByValueId.set(cacheKey, key, generation)
    return key
  }
  const isOver = ({ expiresAt }: LiveKey) => expiresAt !== null && expiresAt <= clock.now()
  return {
    /** Null for a value that is malformed, unknown, revoked or expired, and for an account that is suspended or gone. Whether it holds at an address is asked of the key. */
    async find(value: string, address: string): Promise<LiveKey | null> {
      if (!hasKeyForm(value) && !mayBeImported(value)) return null
      const digest = tokenDigest(value)
      const cacheKey = digest.toString('base64')
      const kept = revocations.isHearing() ? recent.get(cacheKey) : undefined
      const key = kept ?? await load(digest, cacheKey)
      // The map and the store compare as they please; that it is this value is decided here, in constant time.
      if (key === null || !timingSafeEqual(key.digest, digest) || isOver(key)) return null
      if (key.isAllowedFrom(address)) touch(key, cacheKey, address)
      return key
    },
    /** The key of an id, for what was traded for one of its values. Null for the same reasons as above: what came of a value ends with that value, and not first with the key. */
    async findById(id: string, valueId: string): Promise<LiveKey | null> {
      const cacheKey = `${id} ${valueId}`
      const kept = revocations.isHearing() ? recentByValueId.get(cacheKey) : undefined
      const key = kept ?? await loadByValueId(id, valueId, cacheKey)
      return key === null || isOver(key) ? null : key
    },
  }
}

/** A key whose account may act; null where the key is revoked or the account may not. */
function toLive(row: Row): LiveKey | null {
  const standing = toStanding(row)
  if (standing === null || row.revoked_at !== null) return null
  const { scopes, limits, addresses } = parseRestriction(row.restriction)
  // An unreadable block was never stored; if one is, it lets nobody in.
  const ranges = addresses?.map(parseAddressRange).filter((range) => range !== null) ?? null
  const ends = [row.expires_at, row.ends_at].filter((end) => end !== null)
  return {
    id: row.id, valueId: valueIdOf(row.digest), standing, expiresAt: ends.length === 0 ? null : Math.min(...ends),
    restriction: row.restriction === null ? null : { scopes, limits },
    isAllowedFrom: (address) => ranges === null || ranges.some((range) => isInRange(address, range)),
  }
}

function isMeant({ id, standing }: LiveKey, revoked: Revoked): boolean {
  switch (revoked.kind) {
    case 'everything': return true
    case 'account': return standing.accountId === revoked.accountId
    case 'key': case 'key-settings': return id === revoked.keyId
    case 'session': case 'session-token': case 'signing-key': case 'data-keys': case 'providers': case 'penalty': return false
  }
}

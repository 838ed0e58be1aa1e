import { challengedFromShare, loweredSteps, penaltyRules } from '../../policy/penalties.ts'
import type { PenaltyRow } from './tables.ts'

/** Points are counted in thousandths, so that they decay smoothly. */
export const MILLI = 1_000
type Counted = Pick<PenaltyRow, 'points' | 'points_at'>

/** Points that somebody has at a moment. A clock that was set back forgives nothing, and adds nothing. */
export const pointsAt = ({ points, points_at: at }: Counted, now: number): number => Math.max(0, points - Math.floor((Math.max(0, now - at) * penaltyRules.forgivenPerMinute) / 60))

const untilBelow = (counted: Counted, points: number, now: number): number => Math.max(now, counted.points_at) + Math.ceil(((pointsAt(counted, now) - points + 1) * 60) / penaltyRules.forgivenPerMinute)

export interface Held { readonly step: 'lowered' | 'challenged' | 'banned'; /** The share of each limit that is left. */ readonly allowance: number; readonly until: number }

/** What somebody's points mean at a moment; null where they mean nothing. */
export function heldAt(row: Counted & Pick<PenaltyRow, 'banned_until'>, banPoints: number, now: number): Held | null {
  if (row.banned_until !== null && row.banned_until > now) return { step: 'banned', allowance: 0, until: row.banned_until }
  const points = pointsAt(row, now)
  const lowered = loweredSteps.find(({ fromShare }) => points >= fromShare * banPoints * MILLI)
  const lowest = loweredSteps.at(-1)
  return lowered === undefined || lowest === undefined ? null : { step: points >= challengedFromShare * banPoints * MILLI ? 'challenged' : 'lowered', allowance: lowered.allowance, until: untilBelow(row, lowest.fromShare * banPoints * MILLI, now) }
}

/** Bans in a row, with one more. */
export const bansAfter = ({ bans, banned_until: until }: Pick<PenaltyRow, 'bans' | 'banned_until'>, now: number): number => (until !== null && now - until > penaltyRules.forgottenAfterSeconds * 1_000 ? 1 : bans + 1)
export const banMilliseconds = (bans: number): number => (penaltyRules.banSeconds[Math.min(bans, penaltyRules.banSeconds.length) - 1] ?? 0) * 1_000

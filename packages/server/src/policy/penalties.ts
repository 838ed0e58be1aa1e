import type { ProblemCode } from '@sallyport/contract'
import type { Caller } from '../kernel/handler.ts'
import { addressKey } from '../kernel/address-key.ts'
import type { Tunable } from './limits.ts'

export interface ViolationRow { /** What one costs, before earlier bans make it dearer. */ readonly points: number; /** For the one who is told why. */ readonly why: string; /** What led to it stays the reason. */ readonly isFollowUp?: true }

/** What somebody can do that costs points (LIM-3). */
export const violations = {
  'limit-reached':    { points: 1, why: 'too many requests after a limit was reached' },
  'wrong-credential': { points: 2, why: 'too many wrong keys or tokens' },
  'wrong-password':   { points: 5, why: 'too many wrong passwords' },
  'wrong-proof':      { points: 5, why: 'too many wrong second factors' },
  'human-check-ignored': { points: 1, why: 'going on without showing that this is no program', isFollowUp: true },
  'wrong-human-check': { points: 5, why: 'answers to checks that were forged, used or meant for another' },
  // Patterns of `patterns.ts`.
  'credential-stuffing': { points: 60, why: 'passwords of many accounts were tried' },
  'enumeration':      { points: 30, why: 'looking for things that are not there' },
  'scraping':         { points: 30, why: 'reading very many things in a row' },
  'prompt-probing':   { points: 60, why: 'many questions that the guard refused' },
} as const satisfies Record<string, ViolationRow>
export type Violation = keyof typeof violations

/** Which refusals are violations; those of 429 stand in `too-much.ts`. Wrong keys and tokens in a header are noted where they are read: a missing one is refused with the same code, and is none. */
export const violationOf: Partial<Readonly<Record<ProblemCode, Violation>>> = {
  'invalid-grant': 'wrong-credential', 'invalid-client': 'wrong-credential', 'wrong-credentials': 'wrong-password', 'wrong-second-factor': 'wrong-proof',
  'human-check-needed': 'human-check-ignored',
}

/**
 * As many of one subject may be told at once to wait, and come back when they were told, without a point: a program that obeys is no abuse,
 * whether one or several of it run. Whoever comes before its time pays.
 */
export const obedient = { waiting: 8, earlyMilliseconds: 250 } as const

/** Points at which somebody is banned. The steps before it are shares of it. */
export const banPoints = { default: 120, min: 20, max: 1_000_000_000 } as const satisfies Tunable
/** From the highest: the share of `banPoints` from which on so much of each limit is left. */
export const loweredSteps = [{ fromShare: 0.5, allowance: 0.2 }, { fromShare: 0.25, allowance: 0.5 }] as const
/** From this share on, people are asked to show that they are no program, where `human-check.ts` says so. */
export const challengedFromShare = 0.5

/**
 * Points decay all the time. Each ban is longer than the one before, until there was none for so long; with each, violations cost as much
 * more as the first, and whoever comes back from one has `pointsAfter` of the points that lead to the next.
 */
export const penaltyRules = { forgivenPerMinute: 12, pointsAfter: 0.5, banSeconds: [60, 300, 1_800, 7_200, 43_200, 86_400], forgottenAfterSeconds: 7 * 86_400 } as const

export type PenaltyKind = 'address' | 'account' | 'key'
export interface PenaltySubject { readonly kind: PenaltyKind; readonly id: string }

/** What tells who answers for a call. */
export type Answerable = Pick<Caller, 'scope' | 'credential' | 'keyId' | 'address'>

/** Who answers for what a caller does: its key, its account, or where nobody is signed in its address. Nobody answers for the administration socket. */
export function punishedFor({ scope, credential, keyId, address }: Answerable): PenaltySubject | null {
  if (credential.kind === 'local') return null
  if (keyId !== null) return { kind: 'key', id: keyId }
  return scope === null ? ofAddress(address) : { kind: 'account', id: scope.accountId }
}

/** Whose ban keeps a key out, whoever brings it. */
export const ofKey = (keyId: string, accountId: string): readonly PenaltySubject[] => [{ kind: 'key', id: keyId }, { kind: 'account', id: accountId }]

export const ofAddress = (address: string): PenaltySubject => ({ kind: 'address', id: addressKey(address) })

/** Whose ban keeps a caller out. An address is banned for those alone who have not proved who they are: others sit behind the same one. */
export function bannedWith(caller: Answerable): readonly PenaltySubject[] {
  const punished = punishedFor(caller)
  if (punished === null) return []
  return caller.scope === null || punished.kind === 'account' ? [punished] : [punished, { kind: 'account', id: caller.scope.accountId }]
}

import { addressKey } from '../kernel/address-key.ts'
import type { Caller } from '../kernel/handler.ts'
import { ProblemError } from '../kernel/problem.ts'
import type { RateRule, RateStanding } from '../kernel/rates.ts'
import { rateNames, rates, type RateName } from './limits.ts'
import type { PenaltyKind } from './penalties.ts'
import type { BudgetClass } from './operations.ts'

/** The counts that an administrator chose. */
export type ChosenRates = Readonly<Partial<Record<RateName, number>>>
/** What the names of rules count that a key brings itself. */
const ownOfKeys = { 'key-requests': 'requests', 'key-turns': 'questions' } as const

/** The share of its limits that somebody has now. */
export type AllowanceOf = (kind: PenaltyKind, id: string) => number

const lowered = (rule: RateRule, allowance: number): RateRule => (allowance === 1 ? rule : { ...rule, count: Math.max(1, Math.floor(rule.count * allowance)), usually: rule.count })

/** The rows of `limits.ts` as rules for those whom they count. */
export function createRateRules(chosen: ChosenRates, allowanceOf: AllowanceOf = () => 1) {
  const countOf = (name: RateName) => chosen[name] ?? rates[name].count.default
  const rule = (name: RateName, key: string, kind: PenaltyKind): RateRule => lowered({ name, key, count: countOf(name), windowSeconds: rates[name].windowSeconds }, allowanceOf(kind, key))
  const rowsOf = Map.groupBy(rateNames, (name) => rates[name].budget)
  /** What a key is limited to itself comes with it. */
  const ownRule = (name: keyof typeof ownOfKeys, { restriction }: Pick<Caller, 'restriction'>): readonly RateRule[] => {
    const count = name === 'key-turns' ? restriction?.limits.turnsPerMinute : restriction?.limits.requestsPerMinute
    return restriction === null || count === null || count === undefined ? [] : [lowered({ name, key: restriction.keyId, count, windowSeconds: 60 }, allowanceOf('key', restriction.keyId))]
  }
  return {
    /** The rule of a row for an address alone. */
    ofAddress: (name: RateName, address: string) => rule(name, addressKey(address), 'address'),
    /** Every rule that a call of a class meets. */
    of(budget: BudgetClass, caller: Caller): readonly RateRule[] {
      const own = ownRule(budget === 'turn' ? 'key-turns' : 'key-requests', caller)
      const rows = budget === 'none' ? [] : rowsOf.get(budget) ?? []
      return [...rows.flatMap((name) => {
        const key = keyOf(rates[name].by, caller)
        return key === null ? [] : [rule(name, key, rates[name].by === 'account' && caller.scope === null ? 'address' : rates[name].by)]
      }), ...own]
    },
    /** What an API key may call in all, beside the rows of each class. */
    ofKey: (caller: Caller) => ownRule('key-requests', caller),
  }
}
export type RateRules = ReturnType<typeof createRateRules>

function keyOf(by: 'address' | 'account' | 'key', { scope, credential, restriction, address }: Caller): string | null {
  switch (by) {
    case 'address': return credential.kind === 'local' ? null : addressKey(address)
    case 'account': return scope?.accountId ?? addressKey(address)
    case 'key': return credential.kind === 'api-key' ? credential.id : restriction?.keyId ?? null
  }
}

const windowNames: Readonly<Record<number, string>> = { 60: 'a minute', 3_600: 'an hour', 86_400: 'a day' }
const isRateName = (name: string): name is RateName => Object.hasOwn(rates, name)

/** What a rule counts, and whose. */
export function describeRule(name: string): { readonly what: string; readonly by: 'address' | 'account' | 'key' } {
  if (isRateName(name)) return { what: rates[name].what, by: rates[name].by }
  return { what: name === 'key-turns' ? ownOfKeys[name] : ownOfKeys['key-requests'], by: 'key' }
}

const whoseNames = { address: 'An address may make', account: 'An account may make', key: 'This API key may make' } as const

/** The problem of everyone who is over a rate: what was too much, whose it is, and until when to wait. */
export function tooMany({ rule: { name, count, usually, windowSeconds }, retryAfterSeconds }: RateStanding): ProblemError {
  const { what, by } = describeRule(name)
  const wait = retryAfterSeconds < 120 ? `${retryAfterSeconds} ${retryAfterSeconds === 1 ? 'second' : 'seconds'}` : `${Math.ceil(retryAfterSeconds / 60)} minutes`
  return new ProblemError('too-many-requests', { detail: `${whoseNames[by]} ${count} ${what} ${windowNames[windowSeconds] ?? `in ${windowSeconds} seconds`}${usually === undefined ? '' : ` for now, and ${usually} again when earlier requests over its limits are forgiven`}. Wait ${wait}, then try again.`, members: { retryAfterSeconds } })
}

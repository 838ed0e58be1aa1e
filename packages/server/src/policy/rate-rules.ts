import { addressKey } from '../kernel/address-key.ts'
import type { Caller } from '../kernel/handler.ts'
import type { ProblemError } from '../kernel/problem.ts'
import type { RateRule, RateStanding } from '../kernel/rates.ts'
import { rateNames, rates, type RateName, type RateRow } from './limits.ts'
import type { PenaltyKind } from './penalties.ts'
import type { BudgetClass } from './operations.ts'
import { refuseTooMuch } from './too-much.ts'

/** The counts that an administrator chose. */
export type ChosenRates = Readonly<Partial<Record<RateName, number>>>
/** What the names of rules count that a key brings itself. */
const ownOfKeys = { 'key-requests': 'requests', 'key-turns': 'questions' } as const

/** Who comes from an address: with no credential, with one that nobody has seen hold, or signed in. */
export type AddressUse = 'nobody' | 'unproved' | 'signed-in'

/** The share of its limits that somebody has now. */
export type AllowanceOf = (kind: PenaltyKind, id: string) => number

const lowered = (rule: RateRule, allowance: number): RateRule => (allowance === 1 ? rule : { ...rule, count: Math.max(1, Math.floor(rule.count * allowance)), usually: rule.count })

/** The rows of `limits.ts` as rules for those whom they count. */
export function createRateRules(chosen: ChosenRates, allowanceOf: AllowanceOf = () => 1) {
  const countOf = (name: RateName) => chosen[name] ?? rates[name].count.default
  const rule = (name: RateName, key: string, { kind, isWhole = false }: { readonly kind: PenaltyKind; readonly isWhole?: boolean }): RateRule => lowered({ name, key, kind, count: countOf(name), windowSeconds: rates[name].windowSeconds }, isWhole ? 1 : allowanceOf(kind, key))
  const rowsOf = Map.groupBy(rateNames, (name) => rates[name].budget)
  /** What a key is limited to itself comes with it. */
  const ownRule = (name: keyof typeof ownOfKeys, { keyId, restriction }: Pick<Caller, 'keyId' | 'restriction'>): readonly RateRule[] => {
    const count = name === 'key-turns' ? restriction?.limits.turnsPerMinute : restriction?.limits.requestsPerMinute
    return keyId === null || count === null || count === undefined ? [] : [lowered({ name, key: keyId, kind: 'key', count, windowSeconds: 60 }, allowanceOf('key', keyId))]
  }
  return {
    /** The rate of an address for one kind of those who come from it, each counted apart. Its points lower the limits of nobody in particular alone: others sit behind it. */
    ofAddressAs: (use: AddressUse, address: string): RateRule => rule('address', use === 'nobody' ? addressKey(address) : `${addressKey(address)} ${use}`, { kind: 'address', isWhole: use !== 'nobody' }),
    /** The rule of a row for an address alone. */
    ofAddress: (name: RateName, address: string) => rule(name, addressKey(address), { kind: 'address' }),
    /** Every rule that a call of a class meets. Who has just shown to be no program meets them as they are written: nobody is refused for having been taken for one. */
    of(budget: BudgetClass | 'unlisted', caller: Caller): readonly RateRule[] {
      const own = ownRule(budget === 'turn' ? 'key-turns' : 'key-requests', caller)
      const rows = budget === 'none' ? [] : rowsOf.get(budget) ?? []
      return [...rows.flatMap((name) => {
        const { by }: RateRow = rates[name]
        const key = keyOf(name, caller)
        // What is held against an address is held against those alone who have not proved who they are.
        const isWhole = caller.isCheckedHuman || (by === 'address' && caller.scope !== null)
        return key === null ? [] : [rule(name, key, { kind: by === 'account' && caller.scope === null ? 'address' : by, isWhole })]
      }), ...own]
    },
    /** What an API key may call in all, beside the rows of each class. */
    ofKey: (caller: Caller) => ownRule('key-requests', caller),
  }
}
export type RateRules = ReturnType<typeof createRateRules>

function keyOf(name: RateName, { scope, credential, keyId, address }: Caller): string | null {
  const { by, isApart }: RateRow = rates[name]
  switch (by) {
    case 'address': return credential.kind === 'local' ? null : isApart === true && scope !== null ? `${addressKey(address)} signed-in` : addressKey(address)
    case 'account': return scope?.accountId ?? addressKey(address)
    case 'key': return keyId
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
  return refuseTooMuch('rate', `${whoseNames[by]} ${count} ${what} ${windowNames[windowSeconds] ?? `in ${windowSeconds} seconds`}${usually === undefined ? '' : ` for now, and ${usually} again when earlier requests over its limits are forgiven`}. Wait ${wait}, then try again.`, retryAfterSeconds)
}

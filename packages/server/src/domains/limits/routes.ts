import type { Budget, Savings, UsageReport } from '@sallyport/contract'
import type { Caller, Handlers } from '../../kernel/handler.ts'
import { requireScope } from '../../kernel/require-scope.ts'
import type { Scope } from '../../kernel/scope.ts'
import { describeRule, type RateRules } from '../../policy/rate-rules.ts'
import type { RateLimiter } from '../../ports/rate-limiter.ts'

/** The classes whose limits a caller is shown: those that people and programs run into. */
const shownClasses = ['turn', 'conversation', 'feedback', 'clear', 'read', 'write'] as const

interface LimitRouteDeps { readonly documents: { stored(scope: Scope): Promise<UsageReport['documents']> }; readonly storage: { readonly limitBytes: number; of(scope: Scope): Promise<number> }; readonly savings: { of(accountId: string): Promise<Savings> }; readonly penalties: { of(caller: Caller): Readonly<UsageReport['penalties']> }; readonly budgets: { of(caller: Caller): Promise<readonly Budget[]> }; readonly limiter: Pick<RateLimiter, 'look'>; readonly rules: RateRules }

export const limitRoutes = ({ limiter, rules, budgets, penalties, savings, storage, documents }: LimitRouteDeps) => ({
  getUsage: async ({ caller }) => {
    const scope = requireScope(caller)
    // A key's own rate comes with every class, and is shown once.
    const met = new Map(shownClasses.flatMap((budget) => rules.of(budget, caller)).map((rule) => [rule.name, rule]))
    const { standings } = await limiter.look([...met.values()])
    return { penalties: [...penalties.of(caller)], budgets: [...await budgets.of(caller)], cache: await savings.of(scope.accountId), storage: { bytes: await storage.of(scope), limit: storage.limitBytes }, documents: await documents.stored(scope), limits: standings.map(({ rule: { name, count, windowSeconds }, remaining, resetSeconds }) => ({ name, ...describeRule(name), count, windowSeconds, remaining, resetSeconds })) }
  },
}) satisfies Partial<Handlers>

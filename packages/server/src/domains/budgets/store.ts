import { sql, type CompiledQuery, type Insertable } from 'kysely'
import type { Database, WriteStep } from '../../database/database.ts'
import type { BudgetTable, ModelPriceTable } from './tables.ts'

type Spans = Readonly<Record<'day' | 'month', number>>
export interface Costs { readonly tokens: number; readonly money: number }

/** What is used of a budget in the present period. */
export interface BudgetUse { readonly budget_id: string; readonly used: number; readonly warned_at: number | null; readonly amount: number }

/** Budgets and what was used of them. The statement that reserves decides by itself whether there is room, whoever else writes. */
export function createBudgetStore({ read }: Database) {
  const spanOf = ({ day, month }: Spans) => sql<number>`case period when 'day' then cast(${day} as integer) else cast(${month} as integer) end`
  const costOf = ({ tokens, money }: Costs) => sql<number>`case unit when 'tokens' then cast(${tokens} as bigint) else cast(${money} as bigint) end`
  const listed = (ids: readonly string[]) => sql.join(ids.map((id) => sql`${id}`))
  /** Statements of the hot path are compiled once for each number of budgets. */
  const reserving = new Map<number, CompiledQuery>()
  const compileReserve = (ids: number): CompiledQuery => sql`insert into budget_use (budget_id, span, used)
    select id, ${spanOf({ day: 0, month: 0 })}, ${costOf({ tokens: 0, money: 0 })} from budget where id in (${listed(Array<string>(ids).fill(''))}) and ${costOf({ tokens: 0, money: 0 })} <= amount order by id
    on conflict (budget_id, span) do update set used = budget_use.used + excluded.used
    where budget_use.used + excluded.used <= (select budget.amount from budget where budget.id = budget_use.budget_id)`.compile(read)
  const reserve = (ids: readonly string[], { day, month }: Spans, { tokens, money }: Costs): WriteStep => {
    const compiled = reserving.get(ids.length) ?? compileReserve(ids.length)
    reserving.set(ids.length, compiled)
    return { expectRows: ids.length, query: { ...compiled, parameters: [day, month, tokens, money, ...ids, tokens, money] } }
  }
  const looking = new Map<number, CompiledQuery<BudgetUse>>()
  const compileUses = (ids: number) => read.selectFrom('budget_use').innerJoin('budget', 'budget.id', 'budget_use.budget_id')
    .select(['budget_use.budget_id', 'budget_use.used', 'budget_use.warned_at', 'budget.amount'])
    .where('budget.id', 'in', Array<string>(ids).fill('')).where('span', '=', spanOf({ day: 0, month: 0 })).compile()

  return {
    all: () => read.selectFrom('budget').selectAll().orderBy('id').execute(),
    prices: () => read.selectFrom('model_price').selectAll().orderBy('model').orderBy('from_day').execute(),
    groupsOf: async (accountId: string) => (await read.selectFrom('account_group_member').select('group_id').distinct().where('account_id', '=', accountId).execute()).map(({ group_id }) => group_id),
    /** What versions of providers' keys are called. */
    async credentialNames(ids: readonly string[]): Promise<readonly (readonly [string, string])[]> {
      const rows = ids.length === 0 ? [] : await read.selectFrom('provider_credential').innerJoin('provider', 'provider.id', 'provider_credential.provider_id').select(['provider_credential.id', 'provider.name', 'provider_credential.version']).where('provider_credential.id', 'in', [...ids]).execute()
      return rows.map(({ id, name, version }) => [id, `${name}, version ${version}`])
    },
    has: async (table: 'account' | 'account_group' | 'api_key' | 'provider_credential', id: string): Promise<boolean> => (await read.selectFrom(table).select('id').where('id', '=', id).execute()).length > 0,
    put: (row: Insertable<BudgetTable>): WriteStep => ({ query: read.insertInto('budget').values(row).onConflict((conflict) => conflict.column('id').doUpdateSet({ amount: row.amount, set_at: row.set_at })).compile() }),
    remove: (id: string): WriteStep => ({ query: read.deleteFrom('budget').where('id', '=', id).compile() }),
    /** What was set for an account, or by it. */
    removeOf: (accountId: string): WriteStep => ({ query: read.deleteFrom('budget').where('scope', 'in', ['account', 'own']).where('subject', '=', accountId).compile() }),
    putPrice: (row: Insertable<ModelPriceTable>): WriteStep => ({
      query: read.insertInto('model_price').values(row).onConflict((conflict) => conflict.columns(['model', 'from_day']).doUpdateSet({ input_price: row.input_price, output_price: row.output_price })).compile(),
    }),
    removePrice: (model: string, fromDay: number): WriteStep => ({ query: read.deleteFrom('model_price').where('model', '=', model).where('from_day', '=', fromDay).compile(), expectRows: 1 }),
    /** Takes from all of the budgets or from none: one statement, in the order of their ids, so that no two writers wait for each other. */
    reserve,
    /** Puts what was used in the place of what was reserved. */
    settle: (ids: readonly string[], spans: Spans, { tokens, money }: Costs): WriteStep => ({
      query: sql`update budget_use set used = case when (select unit from budget where budget.id = budget_use.budget_id) = 'tokens' then used + cast(${tokens} as bigint) else used + cast(${money} as bigint) end
        where budget_id in (${listed(ids)}) and span = (select ${spanOf(spans)} from budget where budget.id = budget_use.budget_id)`.compile(read),
    }),
    /** What is used of budgets now; those that nobody has used are not there. */
    async uses(ids: readonly string[], { day, month }: Spans): Promise<readonly BudgetUse[]> {
      if (ids.length === 0) return []
      const compiled = looking.get(ids.length) ?? compileUses(ids.length)
      looking.set(ids.length, compiled)
      return (await read.executeQuery<BudgetUse>({ ...compiled, parameters: [...ids, day, month] })).rows
    },
    /** Remembers that somebody was told. Of two at once one is right. */
    markWarned: (id: string, spans: Spans, at: number): WriteStep => ({
      query: read.updateTable('budget_use').set({ warned_at: at }).where('budget_id', '=', id).where('span', 'in', [spans.day, spans.month]).where('warned_at', 'is', null).compile(), expectRows: 1,
    }),
    /** Removes what was used in periods that are long over. */
    forget: ({ day, month }: Spans): WriteStep => ({
      query: sql`delete from budget_use where exists (select 1 from budget where budget.id = budget_use.budget_id and ((budget.period = 'day' and span < cast(${day - 62} as integer)) or (budget.period = 'month' and span < cast(${month - 24} as integer))))`.compile(read),
    }),
  }
}
export type BudgetStore = ReturnType<typeof createBudgetStore>

import type { Insertable } from 'kysely'
import type { Database, WriteStep } from '../../database/database.ts'
import type { TurnTable } from './tables.ts'

export interface TurnEnd { readonly status: TurnTable['status']; readonly inputTokens: number; readonly outputTokens: number; readonly notices: string; readonly at: number; readonly saved_tokens?: number; readonly saved_money?: number; /** The model that answered, where it is not the one that was chosen. */ readonly model?: string }

/** One row per turn. Statements of the hot path are compiled once. */
export function createUsageStore(database: Database) {
  const columns = ['id', 'account_id', 'conversation_id', 'credential_id', 'entrance', 'model', 'status', 'input_tokens', 'output_tokens', 'notices', 'started_at', 'ended_at', 'saved_tokens', 'saved_money'] as const
  const example: Insertable<TurnTable> = { id: '', account_id: '', conversation_id: null, credential_id: '', entrance: '', model: '', status: 'running', input_tokens: 0, output_tokens: 0, notices: '', started_at: 0, ended_at: null, saved_tokens: null, saved_money: null }
  const insert = database.read.insertInto('turn').columns([...columns]).values(example).compile()
  return {
    insert: (row: Insertable<TurnTable>): WriteStep => ({ query: { ...insert, parameters: columns.map((column) => row[column] ?? null) } }),
    end: (id: string, { status, inputTokens, outputTokens, notices, at, model, ...saved }: TurnEnd): WriteStep => ({
      query: database.read.updateTable('turn').set({ status, input_tokens: inputTokens, output_tokens: outputTokens, notices, ended_at: at, ...saved, ...(model !== undefined && { model }) }).where('id', '=', id).compile(),
    }),
    /** What kept answers have spared since a moment: an account, or everybody. */
    async savedSince(at: number, accountId?: string): Promise<{ readonly hits: number; readonly savedTokens: number; readonly savedMoney: number }> {
      const all = database.read.selectFrom('turn').select(({ fn }) => [fn.countAll<number>().as('hits'), fn.sum<number | string | null>('saved_tokens').as('tokens'), fn.sum<number | string | null>('saved_money').as('money')])
        .where('saved_tokens', 'is not', null).where('started_at', '>=', at)
      const { hits, tokens, money } = await (accountId === undefined ? all : all.where('account_id', '=', accountId)).executeTakeFirstOrThrow()
      return { hits, savedTokens: Number(tokens ?? 0), savedMoney: Number(money ?? 0) }
    },
    /** Turns that were running when the process ended. */
    interruptAll: (at: number): WriteStep => ({ query: database.read.updateTable('turn').set({ status: 'interrupted', ended_at: at }).where('status', '=', 'running').compile() }),
  }
}
export type UsageStore = ReturnType<typeof createUsageStore>

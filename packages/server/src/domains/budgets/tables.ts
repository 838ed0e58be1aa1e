import type { BudgetScope } from '@sallyport/contract'

/** What may be used in a period: tokens, or money in millionths. `id` is made of the other columns, so that there is one of each. */
export interface BudgetTable { id: string; scope: BudgetScope; subject: string; period: 'day' | 'month'; unit: 'tokens' | 'money'; amount: number; set_at: number }
/** What was used of a budget in one of its periods, with what is reserved for running answers. Days and months are counted from the epoch, in UTC. */
export interface BudgetUseTable { budget_id: string; span: number; used: number; warned_at: number | null }
/** What a model costs from a day on (counted from the epoch, in UTC), in millionths for a million tokens. */
export interface ModelPriceTable { model: string; from_day: number; input_price: number; output_price: number }
/** Whose place a model has among the providers: its provider's name, and the version of that one's key. */
export interface Payer { readonly provider: string; readonly credentialId: string | null }

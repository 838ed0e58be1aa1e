import type { TurnStatus } from '@sallyport/contract'

/** One row per turn, on every entrance: what it cost and what the guard said. Never any text. */
export interface TurnTable {
  id: string
  account_id: string
  conversation_id: string | null
  credential_id: string
  entrance: string
  model: string
  status: TurnStatus
  input_tokens: number
  output_tokens: number
  notices: string
  started_at: number
  ended_at: number | null
  /** What a kept answer spared, in tokens and in millionths of money; null where a model answered. */
  saved_tokens: number | null
  saved_money: number | null
}

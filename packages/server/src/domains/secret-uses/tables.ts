/** What one secret was used for in an interval, in all. `name` says which one of its kind: an id, or the path of a setting. */
export interface SecretUseTable {
  kind: string
  name: string
  /** When the interval began. */
  from_at: number
  reads: number
  tokens: number
  last_at: number
  /** When it was told as a jump, and when it was written into the audit log. */
  told_at: number | null
  summed_at: number | null
}
/** The same by what it was read for. */
export interface SecretUsePurposeTable { kind: string; name: string; from_at: number; purpose: string; reads: number }

import type { PenaltyKind } from '../../policy/penalties.ts'

/** What somebody has against them. `subject` is the id of an account or a key, or an address as it is counted; points are thousandths, and of the moment `points_at`. */
export interface PenaltyRow {
  id: string; kind: PenaltyKind; subject: string; points: number; points_at: number; why: string
  /** How often in a row, and the last time. */
  bans: number; banned_at: number | null; banned_until: number | null
}
/** As it is kept: `subject` of an address is a keyed hash, in base64, and the address is sealed. */
export interface PenaltyTable extends PenaltyRow { subject_sealed: Uint8Array | null }

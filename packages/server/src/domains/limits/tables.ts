/** How often a limit was met by a key, of which `subject` is a keyed hash, within one slot of its window. Removed when the window is over. */
export interface RateSlotTable { rule: string; subject: string; slot: number; count: number; ends_at: number }

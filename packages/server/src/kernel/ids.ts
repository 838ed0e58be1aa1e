import { randomFillSync } from 'node:crypto'
import { idPrefixes, type IdKind } from '@sallyport/contract'

const POOL_BYTES = 1_600
const pool = Buffer.alloc(POOL_BYTES)
let used = POOL_BYTES
let lastMillisecond = 0
let counter = 0

/** The first id that could be made after a moment: every id that was made by then sorts before it. */
export const idAfter = (kind: IdKind, at: number): string => `${idPrefixes[kind]}_${(at + 1).toString(16).padStart(12, '0')}`

/**
 * A new id: a UUIDv7 (RFC 9562, section 5.7) behind its prefix. Ids made in one process sort in the order in which they were made,
 * also when the clock goes back: the millisecond never does, and a 12-bit counter follows it.
 */
export function newId(kind: IdKind, now: number): string {
  if (now > lastMillisecond) { lastMillisecond = now; counter = 0 }
  else if (++counter > 0xfff) { lastMillisecond += 1; counter = 0 }
  if (used + 8 > POOL_BYTES) { randomFillSync(pool); used = 0 }
  const time = lastMillisecond.toString(16).padStart(12, '0')
  const variant = (((pool[used] ?? 0) & 0x3f) | 0x80).toString(16)
  const random = pool.toString('hex', used + 1, used + 8)
  used += 8
  return `${idPrefixes[kind]}_${time}7${counter.toString(16).padStart(3, '0')}${variant}${random}`
}

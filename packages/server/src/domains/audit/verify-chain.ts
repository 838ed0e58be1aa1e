import { chain, emptyChain, type AuditHead, type AuditRow } from '../../database/audit-chain.ts'
import type { Cut, CutMarks } from './cuts.ts'
import type { AuditStore } from './store.ts'

const PAGE = 1_000

/** What is known of the chain: the last entry that was followed, and where it breaks, if it does. */
export interface Followed { readonly head: AuditHead; readonly brokenAt: number | null }
type Start = Followed & { readonly cut: Cut | null; /** The entry that says what was cut off. */ readonly cutBy: { readonly sequence: number; readonly at: number } | null }

/** Follows the chain over the rows behind a head. */
export function follow(from: AuditHead, rows: readonly AuditRow[]): Followed {
  let head = from
  for (const { sequence, hash, previous_hash, ...record } of rows) {
    const expected = chain(head, record)
    if (expected.sequence !== sequence || expected.hash !== hash || expected.previous_hash !== previous_hash) return { head, brokenAt: Math.min(sequence, head.sequence + 1) }
    head = expected
  }
  return { head, brokenAt: null }
}

/** Where the chain has to begin: behind what the newest entry of a cut says, or at its first entry. Broken where that entry is not this server's. */
export async function startOf(store: Pick<AuditStore, 'newestCut'>, { readCut }: Pick<CutMarks, 'readCut'>): Promise<Start> {
  const row = await store.newestCut()
  if (row === undefined) return { head: emptyChain, brokenAt: null, cut: null, cutBy: null }
  const cut = readCut(row.detail)
  return { head: cut === null ? emptyChain : { sequence: cut.through, hash: cut.hash }, brokenAt: cut === null ? row.sequence : null, cut, cutBy: row }
}

/**
 * Walks the chain from its first entry, or from where this server cut it: any change, removal inside or at its beginning, insertion or reordering
 * is found (OBS-3). Entries that were cut off and are there again break it as well.
 */
export async function verifyChain(store: AuditStore, marks: Pick<CutMarks, 'readCut'>) {
  for (;;) {
    const start = await startOf(store, marks)
    const { head, brokenAt } = start.brokenAt === null ? await walk(store, start.head) : start
    // Another process may have cut off what was about to be read: then it is walked from there.
    if (brokenAt !== null && (await startOf(store, marks)).cutBy?.sequence !== start.cutBy?.sequence) continue
    return { ok: brokenAt === null, entries: head.sequence - start.head.sequence, brokenAt, head: head.hash, cut: start.cut, cutAt: start.cutBy?.at ?? null }
  }
}

async function walk(store: AuditStore, from: AuditHead): Promise<Followed> {
  // From the first row that there is: one that should be gone is found.
  for (let [head, after] = [from, 0]; ;) {
    const rows = await store.after(after, PAGE)
    const followed = follow(head, rows)
    if (followed.brokenAt !== null || rows.length < PAGE) return followed
    head = followed.head
    after = head.sequence
  }
}

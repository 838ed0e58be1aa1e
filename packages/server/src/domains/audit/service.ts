import * as z from 'zod'
import { chain, emptyChain, type AuditHead } from '../../database/audit-chain.ts'
import { toMoment } from '../../kernel/clock.ts'
import type { AuditStore } from './store.ts'

const PAGE = 1_000
const Detail = z.record(z.string(), z.unknown())

/** Reads and checks the audit log. Writing is `auditStep`, in each action's own batch. */
export const createAudit = (store: AuditStore) => ({
  async list({ limit, before }: { readonly limit: number; readonly before?: number | undefined }) {
    const rows = await store.page(before ?? Number.MAX_SAFE_INTEGER, limit)
    return {
      items: rows.map((row) => ({
        sequence: row.sequence, at: toMoment(row.at), action: row.action, actor: row.actor, credential: row.credential,
        outcome: row.outcome, detail: Detail.parse(JSON.parse(row.detail)),
      })),
      next: rows.length === limit ? rows.at(-1)?.sequence ?? null : null,
    }
  },
  /** Walks the chain from the first row: any change, removal inside, insertion or reordering is found (OBS-3). */
  async verify() {
    let head: AuditHead = emptyChain
    for (;;) {
      const rows = await store.after(head.sequence, PAGE)
      for (const { sequence, hash, previous_hash, ...record } of rows) {
        const expected = chain(head, record)
        if (expected.sequence !== sequence || expected.hash !== hash || expected.previous_hash !== previous_hash) {
          return { ok: false, entries: head.sequence, brokenAt: head.sequence + 1, head: head.hash }
        }
        head = expected
      }
      if (rows.length < PAGE) return { ok: true, entries: head.sequence, brokenAt: null, head: head.hash }
    }
  },
})
export type Audit = ReturnType<typeof createAudit>

import * as z from 'zod'
import { toMoment } from '../../kernel/clock.ts'
import type { CutMarks } from './cuts.ts'
import type { Names } from './day-names.ts'
import type { AuditStore } from './store.ts'
import { verifyChain } from './verify-chain.ts'

const Hidden = z.object({ actor: z.string(), credential: z.string(), detail: z.record(z.string(), z.unknown()) })

/** The details of a row, which was written as JSON. */
export const readDetail = (detail: string): unknown => JSON.parse(detail)

/** Reads and checks the audit log. Writing is `auditStep`, in each action's own batch. Whoever reads it sees names of the day in the place of people's ids. */
export const createAudit = (store: AuditStore, { hide, readCut }: Names & Pick<CutMarks, 'readCut'>) => ({
  async list({ limit, before }: { readonly limit: number; readonly before?: number | undefined }) {
    const rows = await store.page(before ?? Number.MAX_SAFE_INTEGER, limit)
    return {
      items: rows.map((row) => ({
        sequence: row.sequence, at: toMoment(row.at), action: row.action, outcome: row.outcome,
        ...Hidden.parse(hide({ actor: row.actor, credential: row.credential, detail: readDetail(row.detail) }, row.at)),
      })),
      next: rows.length === limit ? rows.at(-1)?.sequence ?? null : null,
    }
  },
  /** Whether the chain is whole, and what was cut off its old end. */
  async verify() {
    const { cut, cutAt, ...found } = await verifyChain(store, { readCut })
    return { ...found, cut: cut === null || cutAt === null ? null : { through: cut.through, before: cut.before, at: toMoment(cutAt) } }
  },
})
export type Audit = ReturnType<typeof createAudit>

import * as z from 'zod'
import { toMoment } from '../../kernel/clock.ts'
import type { EventStore } from './event-store.ts'

const Detail = z.record(z.string(), z.unknown())
const Severity = z.enum(['info', 'low', 'medium', 'high'])

/** Reads security events. Writing is `securityEventStep`, in the batch of what happened. */
export const createEvents = (store: Pick<EventStore, 'page'>) => ({
  async list({ limit, before }: { readonly limit: number; readonly before?: string | undefined }) {
    const rows = await store.page(before, limit)
    return {
      items: rows.map((row) => ({ id: row.id, at: toMoment(row.at), type: row.type, severity: Severity.parse(row.severity), accountId: row.account_id, detail: Detail.parse(JSON.parse(row.detail)) })),
      next: rows.length === limit ? rows.at(-1)?.id ?? null : null,
    }
  },
})
export type Events = ReturnType<typeof createEvents>

import * as z from 'zod'
import { toMoment } from '../../kernel/clock.ts'
import type { Names } from './day-names.ts'
import type { EventStore } from './event-store.ts'
import { readDetail } from './service.ts'

const Hidden = z.object({ accountId: z.string().nullable(), detail: z.record(z.string(), z.unknown()) })
const Severity = z.enum(['info', 'low', 'medium', 'high'])

/** Reads security events. Writing is `securityEventStep`, in the batch of what happened. */
export const createEvents = (store: Pick<EventStore, 'page'>, { hide }: Names) => ({
  async list({ limit, before }: { readonly limit: number; readonly before?: string | undefined }) {
    const rows = await store.page(before, limit)
    return {
      items: rows.map((row) => ({ id: row.id, at: toMoment(row.at), type: row.type, severity: Severity.parse(row.severity), ...Hidden.parse(hide({ accountId: row.account_id, detail: readDetail(row.detail) }, row.at)) })),
      next: rows.length === limit ? rows.at(-1)?.id ?? null : null,
    }
  },
})
export type Events = ReturnType<typeof createEvents>

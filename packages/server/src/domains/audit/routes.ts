import type { Handlers } from '../../kernel/handler.ts'
import type { Events } from './events.ts'
import type { Audit } from './service.ts'

export const auditRoutes = (audit: Audit, events: Events) => ({
  listAudit: ({ query }) => audit.list(query),
  verifyAudit: () => audit.verify(),
  listSecurityEvents: ({ query }) => events.list(query),
}) satisfies Partial<Handlers>

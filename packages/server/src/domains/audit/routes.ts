import type { Handlers } from '../../kernel/handler.ts'
import type { Audit } from './service.ts'

export const auditRoutes = (audit: Audit) => ({
  listAudit: ({ query }) => audit.list(query),
  verifyAudit: () => audit.verify(),
}) satisfies Partial<Handlers>

import type { Handlers } from '../../kernel/handler.ts'
import type { Events } from './events.ts'
import type { DayNames } from './day-names.ts'
import type { Audit } from './service.ts'

export const auditRoutes = (audit: Audit, events: Events, names: Pick<DayNames, 'resolve'>) => ({
  listAudit: ({ query }) => audit.list(query),
  verifyAudit: () => audit.verify(),
  resolveDayName: ({ caller, body }) => names.resolve(caller, body.name),
  listSecurityEvents: ({ query }) => events.list(query),
}) satisfies Partial<Handlers>

export { actorOf, auditStep, securityEventStep, type AuditAction, type SecurityEventType } from './record.ts'
export { createAudit, type Audit } from './service.ts'
export { createAuditStore } from './store.ts'
export { auditRoutes } from './routes.ts'

export { createSessions, type LiveSession, type Sessions } from './service.ts'
export { createSessionStore } from './store.ts'
export { sessionRoutes } from './routes.ts'

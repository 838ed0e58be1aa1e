export { createGroups, type Groups } from './service.ts'
export { createGroupStore } from './store.ts'
export { groupRoutes } from './routes.ts'
export { settleSteps } from './grounds-store.ts'

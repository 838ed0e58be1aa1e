export { createGroups, type Groups } from './service.ts'
export { createGroupStore, settleRolesStep } from './store.ts'
export { groupRoutes } from './routes.ts'

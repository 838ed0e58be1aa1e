export { createBreakGlass, type BreakGlass } from './service.ts'
export { createAccessStore } from './store.ts'
export { breakGlassRoutes } from './routes.ts'

export { createModels, type Models, type ResolvedModel } from './service.ts'
export { createProviderStore } from './store.ts'
export { modelRoutes } from './routes.ts'
export type { ProviderSettings } from './active.ts'

export { createFactors, type Factors } from './service.ts'
export { createFactorStore, type FactorStore } from './store.ts'
export { factorRoutes } from './routes.ts'

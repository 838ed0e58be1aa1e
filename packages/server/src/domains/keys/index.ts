export { createKeys, type Keys, type LiveKey } from './service.ts'
export { keyRoutes } from './routes.ts'

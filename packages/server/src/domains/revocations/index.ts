export { createSharedRevocations, type SharedRevocations } from './service.ts'
export { revocationRoutes, type Endings } from './administer.ts'

export { createErasure, type Erasure } from './erase.ts'
export { createExports, type Exports } from './exports.ts'
export { privacyRoutes } from './routes.ts'

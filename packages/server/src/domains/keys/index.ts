export { createKeys, type Keys } from './service.ts'
export type { LiveKey } from './find-key.ts'
export type { KeyDays, Reservation } from './key-days.ts'
export { keyRoutes } from './routes.ts'

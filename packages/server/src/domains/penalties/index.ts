export { sealPenalisedAddresses } from './seal-addresses.ts'
export { penaltyRoutes } from './routes.ts'
export { createPenalties, type HeldAgainst, type Penalties } from './service.ts'
export type { PenaltyDeps } from './point-writer.ts'

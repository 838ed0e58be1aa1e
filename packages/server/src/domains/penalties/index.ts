export { penaltyRoutes } from './routes.ts'
export { createPenalties, type HeldAgainst, type Penalties } from './service.ts'

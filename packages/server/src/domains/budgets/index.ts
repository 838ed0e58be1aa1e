export type { Hold, Holds } from './hold.ts'
export { budgetRoutes } from './routes.ts'
export { createBudgets, type Budgets } from './service.ts'

export { createAccounts, type Accounts } from './service.ts'
export { createAccountStore } from './store.ts'
export { accountRoutes } from './routes.ts'

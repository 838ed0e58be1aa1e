import type { Handlers } from '../../kernel/handler.ts'
import type { Accounts } from './service.ts'

export const accountRoutes = (accounts: Accounts) => ({
  getSetup: async () => ({ open: !(await accounts.isSetUp()) }),
  listAccounts: ({ query }) => accounts.list(query),
}) satisfies Partial<Handlers>

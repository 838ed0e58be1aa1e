import type { Handlers } from '../../kernel/handler.ts'
import type { SecretUses } from './service.ts'

export const secretUseRoutes = (uses: SecretUses) => ({ listSecretUses: async () => ({ items: await uses.list() }) }) satisfies Partial<Handlers>

import type { Handlers } from '../../kernel/handler.ts'
import type { Keys } from './service.ts'

export const keyRoutes = (keys: Keys) => ({
  listKeys: ({ caller, query }) => keys.list(caller, query),
  createKey: ({ caller, body }) => keys.create(caller, body),
  revokeKey: async ({ caller, params }) => { await keys.revoke(caller, params.keyId) },
}) satisfies Partial<Handlers>

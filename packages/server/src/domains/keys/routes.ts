import type { Handlers } from '../../kernel/handler.ts'
import type { Keys } from './service.ts'

export const keyRoutes = (keys: Keys) => ({
  listKeys: ({ caller, query }) => keys.list(caller, query),
  createKey: ({ caller, body }) => keys.create(caller, body),
  changeKey: ({ caller, params, body }) => keys.change(caller, params.keyId, body),
  rotateKey: ({ caller, params, body }) => keys.rotate(caller, params.keyId, body.graceHours),
  revokeKey: async ({ caller, params }) => { await keys.revoke(caller, params.keyId) },
  listServiceKeys: ({ query }) => keys.services.list(query),
  createServiceKey: ({ caller, body }) => keys.services.create(caller, body),
  changeServiceKey: ({ caller, params, body }) => keys.services.change(caller, params.keyId, body),
  rotateServiceKey: ({ caller, params, body }) => keys.services.rotate(caller, params.keyId, body.graceHours),
  revokeServiceKey: async ({ caller, params }) => { await keys.services.revoke(caller, params.keyId) },
}) satisfies Partial<Handlers>

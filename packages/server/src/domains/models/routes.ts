import type { Handlers } from '../../kernel/handler.ts'
import type { Models } from './service.ts'

export const modelRoutes = (models: Models) => ({
  listModels: () => Promise.resolve({ items: [...models.list()], defaultModel: models.defaultModel() }),
  listProviders: () => Promise.resolve(models.listProviders()),
  saveProvider: ({ caller, params, body }) => models.save(caller, params.name, body),
  deleteProvider: async ({ caller, params }) => { await models.remove(caller, params.name) },
}) satisfies Partial<Handlers>

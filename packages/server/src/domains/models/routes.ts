import type { AnswerCacheFigures } from '@sallyport/contract'
import type { Handlers } from '../../kernel/handler.ts'
import type { Models } from './service.ts'

export const modelRoutes = (models: Models, cache: { figures(): Promise<AnswerCacheFigures> }) => ({
  listModels: ({ caller: { restriction } }) => Promise.resolve({ items: [...models.list(restriction)], defaultModel: models.defaultModel(restriction) }),
  listProviders: async () => ({ ...await models.listProviders(), cache: await cache.figures() }),
  saveProvider: ({ caller, params, body }) => models.save(caller, params.name, body),
  listProviderCredentials: ({ params }) => models.credentials.list(params.name),
  addProviderCredential: ({ caller, params, body }) => models.credentials.add(caller, params.name, body),
  rotateProviderCredential: ({ caller, params }) => models.hooks.rotateNow(caller, params.name),
  activateProviderCredential: ({ caller, params }) => models.credentials.activate(caller, params.name, params.credentialId),
  revokeProviderCredential: async ({ caller, params }) => { await models.credentials.revoke(caller, params.name, params.credentialId) },
  deleteProvider: async ({ caller, params }) => { await models.remove(caller, params.name) },
}) satisfies Partial<Handlers>

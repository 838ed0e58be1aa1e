import type { Handlers } from '../../kernel/handler.ts'
import type { BreakGlass } from './service.ts'

export const breakGlassRoutes = (breakGlass: BreakGlass) => ({
  openConversationAccess: ({ caller, params, body }) => breakGlass.open(caller, params.accountId, body),
  closeConversationAccess: async ({ caller, params }) => { await breakGlass.close(caller, params.accessId) },
  listConversationAccess: ({ caller, query }) => breakGlass.ownedBy(caller, query),
  listOpenedConversationAccess: ({ caller, query }) => breakGlass.openedBy(caller, query),
  listAccessedConversations: ({ caller, params, query }) => breakGlass.listConversations(caller, params.accountId, query),
  listAccessedMessages: ({ caller, params, query }) => breakGlass.listMessages(caller, params, query),
}) satisfies Partial<Handlers>

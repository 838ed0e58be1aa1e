import type { Handlers } from '../../kernel/handler.ts'
import type { Conversations } from './service.ts'

export const conversationRoutes = (conversations: Conversations) => ({
  listConversations: ({ caller, query }) => conversations.list(caller, query),
  searchConversations: ({ caller, body }) => conversations.search(caller, body),
  createConversation: ({ caller, body }) => conversations.create(caller, body),
  getConversation: ({ caller, params }) => conversations.get(caller, params.conversationId),
  changeConversation: ({ caller, params, body }) => conversations.change(caller, params.conversationId, body),
  deleteConversation: async ({ caller, params }) => { await conversations.remove(caller, params.conversationId) },
  listMessages: ({ caller, params, query }) => conversations.listMessages(caller, params.conversationId, query),
  clearMessages: async ({ caller, params }) => { await conversations.clear(caller, params.conversationId) },
  giveFeedback: ({ caller, params, body }) => conversations.rate(caller, params.messageId, body),
}) satisfies Partial<Handlers>

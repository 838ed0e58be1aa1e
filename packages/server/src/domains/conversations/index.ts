export { createConversations, isUntitled, titleFrom, toMessage, type Conversations } from './service.ts'
export { markInterrupted, type ConversationStore, type StoredMessage } from './store.ts'
export { conversationRoutes } from './routes.ts'

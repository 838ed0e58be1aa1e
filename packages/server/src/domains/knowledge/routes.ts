import type { Handlers } from '../../kernel/handler.ts'
import type { Knowledge } from './service.ts'

export const knowledgeRoutes = (knowledge: Knowledge) => ({
  listDocuments: ({ caller, query }) => knowledge.listDocuments(caller, query),
  addDocument: ({ caller, body }) => knowledge.addDocument(caller, body),
  deleteDocument: async ({ caller, params }) => { await knowledge.deleteDocument(caller, params.documentId) },
  getPassage: ({ caller, params }) => knowledge.getPassage(caller, params.passageId),
}) satisfies Partial<Handlers>

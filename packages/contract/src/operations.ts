import * as z from 'zod'
import { AuditCheck, AuditEntry, Document, DocumentRequest, Passage, Provider, ProviderAdapter, ProviderName, ProviderRequest } from './schemas/administration.ts'
import { BackupCheck, BackupName, BackupRecipients, BackupState } from './schemas/backups.ts'
import { ChatReply, Conversation, ConversationChange, ConversationRequest, Feedback, Message, Model, Turn, TurnRequest } from './schemas/chat.ts'
import { idOf, None, pageOf, pageQuery } from './schemas/common.ts'
import { GatewayChatReply, GatewayChatRequest, GatewayModel, GatewayModelList } from './schemas/gateway.ts'
import { Account, Key, KeyRequest, NewKey, Session, SetupRequest, SetupState, SignInRequest } from './schemas/identity.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
/** How errors are written: our own problem+json, or the form of the vendor whose wire this is. */
export type Dialect = 'problem' | 'openai'
/** What comes back: JSON, JSON or a stream of events as the caller asks, a page's file, or nothing. */
export type Media = 'json' | 'json-or-events' | 'events' | 'file' | 'none'

export interface Operation {
  readonly summary: string
  readonly method: Method
  /** In Fastify's and OpenAPI's common form: `:name` marks a parameter. */
  readonly path: string
  readonly params: z.ZodType
  readonly query: z.ZodType
  readonly body: z.ZodType
  readonly reply: z.ZodType
  readonly media: Media
  readonly dialect: Dialect
}

const ok = z.strictObject({ ok: z.literal(true) })
const nothing = { params: None, query: None, body: None, reply: None, media: 'json', dialect: 'problem' } as const
const conversation = z.strictObject({ conversationId: idOf('conversation') })
const turn = z.strictObject({ turnId: idOf('turn') })
const message = z.strictObject({ messageId: idOf('message') })

/** Everything the wire offers. The key is the operationId in the OpenAPI document and in every policy table. */
export const operations = {
  getPage: { ...nothing, summary: 'The web page and its files', method: 'GET', path: '/*', params: z.strictObject({ '*': z.string().max(300) }), query: z.record(z.string(), z.unknown()), media: 'file' },
  getHealth: { ...nothing, summary: 'Whether the process lives', method: 'GET', path: '/healthz', reply: ok },
  getReadiness: { ...nothing, summary: 'Whether it can take work', method: 'GET', path: '/readyz', reply: ok },
  getOpenApi: { ...nothing, summary: 'This description', method: 'GET', path: '/api/v1/openapi.json', reply: z.record(z.string(), z.unknown()) },

  getSetup: { ...nothing, summary: 'Whether set-up is open', method: 'GET', path: '/api/v1/setup', reply: SetupState },
  createOwner: { ...nothing, summary: 'Make the first account with the printed token', method: 'POST', path: '/api/v1/setup', body: SetupRequest, reply: Session },
  signIn: { ...nothing, summary: 'Sign in with a password', method: 'POST', path: '/api/v1/session', body: SignInRequest, reply: Session },
  getSession: { ...nothing, summary: 'Who is signed in', method: 'GET', path: '/api/v1/session', reply: Session },
  signOut: { ...nothing, summary: 'End this session', method: 'DELETE', path: '/api/v1/session', media: 'none' },

  listKeys: { ...nothing, summary: 'Own API keys', method: 'GET', path: '/api/v1/keys', query: pageQuery('key'), reply: pageOf(Key) },
  createKey: { ...nothing, summary: 'Make an API key', method: 'POST', path: '/api/v1/keys', body: KeyRequest, reply: NewKey },
  revokeKey: { ...nothing, summary: 'Revoke an API key', method: 'DELETE', path: '/api/v1/keys/:keyId', params: z.strictObject({ keyId: idOf('key') }), media: 'none' },

  listModels: { ...nothing, summary: 'Models that may be used', method: 'GET', path: '/api/v1/models', reply: z.strictObject({ items: z.array(Model), defaultModel: z.string() }) },
  listConversations: { ...nothing, summary: 'Own conversations, newest first', method: 'GET', path: '/api/v1/conversations', query: pageQuery('conversation'), reply: pageOf(Conversation) },
  createConversation: { ...nothing, summary: 'Begin a conversation', method: 'POST', path: '/api/v1/conversations', body: ConversationRequest, reply: Conversation },
  getConversation: { ...nothing, summary: 'One conversation', method: 'GET', path: '/api/v1/conversations/:conversationId', params: conversation, reply: Conversation },
  changeConversation: { ...nothing, summary: 'Rename it, or choose its model', method: 'PATCH', path: '/api/v1/conversations/:conversationId', params: conversation, body: ConversationChange, reply: Conversation },
  deleteConversation: { ...nothing, summary: 'Delete it with its messages', method: 'DELETE', path: '/api/v1/conversations/:conversationId', params: conversation, media: 'none' },
  listMessages: { ...nothing, summary: 'History, oldest first within a page', method: 'GET', path: '/api/v1/conversations/:conversationId/messages', params: conversation, query: pageQuery('message'), reply: pageOf(Message) },
  clearMessages: { ...nothing, summary: 'Clear the history', method: 'DELETE', path: '/api/v1/conversations/:conversationId/messages', params: conversation, media: 'none' },
  createTurn: { ...nothing, summary: 'Ask, and be answered: whole, or as server-sent events', method: 'POST', path: '/api/v1/conversations/:conversationId/turns', params: conversation, body: TurnRequest, reply: Turn, media: 'json-or-events' },
  resumeTurn: { ...nothing, summary: 'The events of a turn from the beginning, or after Last-Event-ID', method: 'GET', path: '/api/v1/turns/:turnId/events', params: turn, media: 'events' },
  stopTurn: { ...nothing, summary: 'Stop a running turn', method: 'POST', path: '/api/v1/turns/:turnId/stop', params: turn, media: 'none' },
  giveFeedback: { ...nothing, summary: 'Rate an answer', method: 'PUT', path: '/api/v1/messages/:messageId/feedback', params: message, body: Feedback, reply: Feedback },
  createChat: { ...nothing, summary: 'One question, one answer, nothing kept', method: 'POST', path: '/api/v1/chat', body: TurnRequest, reply: ChatReply, media: 'json-or-events' },

  listDocuments: { ...nothing, summary: 'Documents that answers may draw on', method: 'GET', path: '/api/v1/documents', query: pageQuery('document'), reply: pageOf(Document) },
  addDocument: { ...nothing, summary: 'Add a text or Markdown document', method: 'POST', path: '/api/v1/documents', body: DocumentRequest, reply: Document },
  deleteDocument: { ...nothing, summary: 'Remove a document from the index', method: 'DELETE', path: '/api/v1/documents/:documentId', params: z.strictObject({ documentId: idOf('document') }), media: 'none' },
  getPassage: { ...nothing, summary: 'A cited passage with its surroundings', method: 'GET', path: '/api/v1/passages/:passageId', params: z.strictObject({ passageId: idOf('passage') }), reply: Passage },

  listProviders: { ...nothing, summary: 'Model providers', method: 'GET', path: '/api/v1/providers', reply: z.strictObject({ items: z.array(Provider), adapters: z.array(ProviderAdapter) }) },
  saveProvider: { ...nothing, summary: 'Add or change a provider; asks it for its models', method: 'PUT', path: '/api/v1/providers/:name', params: z.strictObject({ name: ProviderName }), body: ProviderRequest, reply: Provider },
  deleteProvider: { ...nothing, summary: 'Remove a provider', method: 'DELETE', path: '/api/v1/providers/:name', params: z.strictObject({ name: ProviderName }), media: 'none' },

  listAudit: { ...nothing, summary: 'The audit log, newest first', method: 'GET', path: '/api/v1/audit', query: z.strictObject({ limit: z.coerce.number().int().min(1).max(200).default(50), before: z.coerce.number().int().positive().optional() }), reply: z.strictObject({ items: z.array(AuditEntry), next: z.int().nullable() }) },
  verifyAudit: { ...nothing, summary: 'Check the chain of the audit log', method: 'POST', path: '/api/v1/audit/verify', reply: AuditCheck },
  listAccounts: { ...nothing, summary: 'Accounts', method: 'GET', path: '/api/v1/accounts', query: pageQuery('account'), reply: pageOf(Account) },

  listBackups: { ...nothing, summary: 'Backups, newest first, and how the running one goes', method: 'GET', path: '/api/v1/backups', reply: BackupState },
  createBackup: { ...nothing, summary: 'Begin a backup; it goes on by itself', method: 'POST', path: '/api/v1/backups', reply: BackupState },
  checkBackup: { ...nothing, summary: 'Whether a stored backup is still what was stored', method: 'POST', path: '/api/v1/backups/:backupName/check', params: z.strictObject({ backupName: BackupName }), reply: BackupCheck },
  setBackupRecipients: { ...nothing, summary: 'For whom backups are encrypted', method: 'PUT', path: '/api/v1/backup-recipients', body: BackupRecipients, reply: BackupState },

  gatewayListModels: { ...nothing, summary: 'OpenAI: list models', method: 'GET', path: '/v1/models', reply: GatewayModelList, dialect: 'openai' },
  gatewayGetModel: { ...nothing, summary: 'OpenAI: one model', method: 'GET', path: '/v1/models/*', params: z.strictObject({ '*': z.string().min(1).max(200) }), reply: GatewayModel, dialect: 'openai' },
  gatewayChat: { ...nothing, summary: 'OpenAI: chat completions, whole or streamed', method: 'POST', path: '/v1/chat/completions', body: GatewayChatRequest, reply: GatewayChatReply, media: 'json-or-events', dialect: 'openai' },
} as const satisfies Record<string, Operation>

export type Operations = typeof operations
export type OperationId = keyof Operations
export type ParamsOf<Id extends OperationId> = z.output<Operations[Id]['params']>
export type QueryOf<Id extends OperationId> = z.output<Operations[Id]['query']>
export type BodyOf<Id extends OperationId> = z.output<Operations[Id]['body']>
export type ReplyOf<Id extends OperationId> = z.output<Operations[Id]['reply']>

/** The ids of all operations, typed. */
export const operationIds = Object.keys(operations) as readonly OperationId[]

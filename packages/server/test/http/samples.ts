import { operations, type OperationId } from '@sallyport/contract'
import * as z from 'zod'
import type { Database } from '../../src/database/database.ts'
import { PASSWORD, type Person, type TestServer } from '../../src/testing/server.ts'

/** One call that its owner may make, ready to send. */
export interface Sample {
  readonly method: string
  readonly path: string
  readonly body?: unknown
  /** What an allowed caller, to whom everything in the call belongs, is answered. */
  readonly status: number
}

interface Made { readonly params?: Readonly<Record<string, string>>; readonly query?: string; readonly body?: unknown; readonly status?: number }
interface Surroundings { readonly server: TestServer; readonly owner: Person }
type Maker = (surroundings: Surroundings) => Promise<Made> | Made

const Id = z.object({ id: z.string() })
const TurnReply = z.object({ turnId: z.string(), answer: z.object({ id: z.string() }) })
const KeyReply = z.object({ key: z.object({ id: z.string() }) })

const MODEL = 'sallyport/library'
/** A recipient whose identity nobody has. */
const RECIPIENT = 'age1xkx3neescdg5c8e9lkzfmmfh4hsdhdmcvjywju6kp9sgec9cy4ts0z9lw5'
const conversation = async ({ owner }: Surroundings) => ({ conversationId: await owner.newConversation() })
const turns = new WeakMap<Person, Promise<z.output<typeof TurnReply>>>()
/** One turn serves every call that only looks at it. */
const turn = ({ owner }: Surroundings) => {
  const made = turns.get(owner) ?? newTurn(owner)
  turns.set(owner, made)
  return made
}
const newTurn = async (owner: Person) =>
  TurnReply.parse((await owner.call('POST', `/api/v1/conversations/${await owner.newConversation()}/turns`, { text: 'How do I make an API key?', model: MODEL })).json)
const document = async ({ owner }: Surroundings) =>
  Id.parse((await owner.call('POST', '/api/v1/documents', { title: 'A note', text: `Bees dance. ${crypto.randomUUID()}`, mediaType: 'text/plain', collection: 'mine' })).json)
const key = async ({ owner }: Surroundings) => KeyReply.parse((await owner.call('POST', '/api/v1/keys', { name: 'sample' })).json).key

/** One working call of every operation. An operation without one does not compile. */
const makers = {
  getPage: () => ({ params: { '*': '' } }),
  getHealth: () => ({}),
  getReadiness: () => ({}),
  getOpenApi: () => ({}),
  getSetup: () => ({}),
  // Set-up is closed by then: the door answers, and refuses.
  createOwner: () => ({ body: { token: 'x'.repeat(43), email: 'second@example.org', name: 'Second', password: PASSWORD }, status: 403 }),
  signIn: ({ owner }) => ({ body: { email: owner.account.email, password: PASSWORD } }),
  getSession: () => ({}),
  signOut: () => ({}),
  listKeys: () => ({}),
  createKey: () => ({ body: { name: 'laptop', expiresInDays: 30 } }),
  revokeKey: async (from) => ({ params: { keyId: (await key(from)).id } }),
  listModels: () => ({}),
  listConversations: () => ({ query: '?limit=5' }),
  createConversation: () => ({ body: { title: 'Bees' } }),
  getConversation: async (from) => ({ params: await conversation(from) }),
  changeConversation: async (from) => ({ params: await conversation(from), body: { title: 'Wasps' } }),
  deleteConversation: async (from) => ({ params: await conversation(from) }),
  listMessages: async (from) => ({ params: await conversation(from) }),
  clearMessages: async (from) => ({ params: await conversation(from) }),
  createTurn: async (from) => ({ params: await conversation(from), body: { text: 'What is a turn?', model: MODEL } }),
  resumeTurn: async (from) => ({ params: { turnId: (await turn(from)).turnId } }),
  stopTurn: async (from) => ({ params: { turnId: (await turn(from)).turnId } }),
  giveFeedback: async (from) => ({ params: { messageId: (await turn(from)).answer.id }, body: { rating: 'up', comment: 'Clear.' } }),
  createChat: () => ({ body: { text: 'What is a turn?', model: MODEL } }),
  listDocuments: () => ({}),
  addDocument: () => ({ body: { title: 'A note', text: `Bees dance. ${crypto.randomUUID()}`, mediaType: 'text/plain', collection: 'mine' } }),
  deleteDocument: async (from) => ({ params: { documentId: (await document(from)).id } }),
  getPassage: async (from) => ({ params: { passageId: await passageOf(from.server.sallyport.database, (await document(from)).id) } }),
  listProviders: () => ({}),
  saveProvider: () => ({ params: { name: 'local' }, body: { adapter: 'ollama', baseUrl: 'http://127.0.0.1:9', allowPrivateAddress: true, models: ['llama'] } }),
  deleteProvider: async ({ owner }) => {
    await owner.call('PUT', '/api/v1/providers/gone', { adapter: 'ollama', baseUrl: 'http://127.0.0.1:9', allowPrivateAddress: true, models: ['llama'] })
    return { params: { name: 'gone' } }
  },
  listAudit: () => ({ query: '?limit=3' }),
  verifyAudit: () => ({}),
  listAccounts: () => ({}),
  listBackups: () => ({}),
  createBackup: async ({ owner }) => {
    await owner.call('PUT', '/api/v1/backup-recipients', { recipients: [RECIPIENT] })
    return {}
  },
  checkBackup: () => ({ params: { backupName: '20260101t000000z-00000000' }, status: 404 }),
  setBackupRecipients: () => ({ body: { recipients: [RECIPIENT] } }),
  gatewayListModels: () => ({}),
  gatewayGetModel: () => ({ params: { '*': MODEL } }),
  gatewayChat: () => ({ body: { model: MODEL, messages: [{ role: 'user', content: 'Hello' }] } }),
} satisfies Record<OperationId, Maker>

/** A working call of an operation, about things that the owner has just made for it. */
export async function makeSample(id: OperationId, surroundings: Surroundings): Promise<Sample> {
  const maker: Maker = makers[id]
  const { params = {}, query = '', body, status } = await maker(surroundings)
  const { method, path, media } = operations[id]
  return {
    method, path: path.replaceAll(/:(\w+)|\*/g, (_, name: string | undefined) => params[name ?? '*'] ?? '') + query, ...(body !== undefined && { body }),
    status: status ?? (media === 'none' ? 204 : 200),
  }
}

async function passageOf(database: Database, documentId: string): Promise<string> {
  const row = await database.read.selectFrom('passage').select('id').where('document_id', '=', documentId).executeTakeFirstOrThrow()
  return row.id
}

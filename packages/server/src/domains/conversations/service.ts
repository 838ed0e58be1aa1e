import { Citation, Notice, type Message } from '@sallyport/contract'
import * as z from 'zod'
import { WriteConflict, type Database } from '../../database/database.ts'
import { writeUnlessConflict } from '../../database/write-unless-conflict.ts'
import { toMoment, type Clock } from '../../kernel/clock.ts'
import type { Caller } from '../../kernel/handler.ts'
import { newId } from '../../kernel/ids.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { requireScope } from '../../kernel/require-scope.ts'
import type { Scope } from '../../kernel/scope.ts'
import type { ConversationCaps } from '../../policy/limits.ts'
import { expiry } from '../../policy/retention.ts'
import { refuseTooMuch } from '../../policy/too-much.ts'
import type { MessageIndex } from '../../ports/message-index.ts'
import type { Models } from '../models/index.ts'
import type { KeyRing } from '../secrets/index.ts'
import { createCapStore } from './cap-store.ts'
import { searchConversations, type SearchRequest } from './search.ts'
import { createSearchStore } from './search-store.ts'
import { createConversationStore, toConversation, type ConversationStore, type StoredMessage } from './store.ts'
import { toldUnreadable } from './unreadable.ts'

const NEW_TITLE = 'New conversation'
const TITLE_CHARACTERS = 60
const Citations = z.array(Citation)
const Notices = z.array(Notice)

export interface ConversationDeps { readonly database: Database; readonly keyRing: KeyRing; readonly clock: Clock; readonly models: Pick<Models, 'defaultModel' | 'resolve'>; readonly index: MessageIndex; readonly caps: ConversationCaps; /** The idle life of an ephemeral conversation. */ readonly ephemeralMinutes: number }
interface PageRequest { readonly limit: number; readonly before?: string | undefined }

/** Conversations and their messages, for their owner alone: what is not yours does not exist. */
export function createConversations({ database, keyRing, clock, models, index, caps, ephemeralMinutes }: ConversationDeps) {
  const stores = createConversationStore(database)
  const open = async (scope: Scope): Promise<ConversationStore> => stores(scope, await keyRing.sealerOf(scope.accountId))
  const openFor = (caller: Caller) => open(requireScope(caller))
  const write = async (steps: Parameters<Database['write']>[0]) => {
    if (!await writeUnlessConflict(database, steps)) throw new ProblemError('not-found')
  }
  const mustGet = async (store: ConversationStore, id: string) => {
    const row = await store.get(id)
    if (row === null) throw new ProblemError('not-found')
    return row
  }

  /** Reading in a scope. The owner's is the caller's own; another's is opened by break-glass alone. */
  const reader = {
    async list(scope: Scope, { limit, before }: PageRequest) {
      const rows = await (await open(scope)).page(before, limit)
      return { items: rows.map(toConversation), next: rows.length === limit ? rows.at(-1)?.id ?? null : null }
    },
    async listMessages(scope: Scope, conversationId: string, { limit, before }: PageRequest) {
      const store = await open(scope)
      await mustGet(store, conversationId)
      const rows = await store.messagePage(conversationId, before, limit)
      return { items: rows.map(toMessage).reverse(), next: rows.length === limit ? rows.at(-1)?.id ?? null : null }
    },
  }

  return {
    /** The scoped store, for the turn. */
    open,
    reader,
    list: (caller: Caller, page: PageRequest) => reader.list(requireScope(caller), page),
    /** What a key opens is ephemeral unless it is asked to be kept. Throws `too-many-requests` over a cap. */
    async create(caller: Caller, { title = NEW_TITLE, model = models.defaultModel(caller.restriction), ephemeral = caller.keyId !== null }: { readonly title?: string | undefined; readonly model?: string | undefined; readonly ephemeral?: boolean | undefined }) {
      models.resolve(model, caller.restriction)
      const row = { id: newId('conversation', clock.now()), title, model, ephemeral, at: clock.now(), keyId: caller.keyId }
      const store = await openFor(caller)
      const counted = createCapStore(database, requireScope(caller))
      try {
        await database.write(counted.within(row, store.insert(row), caps))
      } catch (error) {
        throw error instanceof WriteConflict ? await overCap(counted, row, { caps, ephemeralMinutes }) : error
      }
      return toConversation(await mustGet(store, row.id))
    },
    /** Throws `not-found`, here and below, for what is another's as for what is nobody's. */
    get: async (caller: Caller, id: string) => toConversation(await mustGet(await openFor(caller), id)),
    async change(caller: Caller, id: string, change: { readonly title?: string | undefined; readonly model?: string | undefined }) {
      if (change.model !== undefined) models.resolve(change.model, caller.restriction)
      const store = await openFor(caller)
      await write([store.change(id, { ...change, at: clock.now() })])
      return toConversation(await mustGet(store, id))
    },
    async remove(caller: Caller, id: string) {
      const store = await openFor(caller)
      await write([store.removeMessages(id), store.remove(id)])
    },
    listMessages: (caller: Caller, conversationId: string, page: PageRequest) => reader.listMessages(requireScope(caller), conversationId, page),
    /** Own messages that hold every word of a text, and own conversations whose title holds it. */
    async search(caller: Caller, request: SearchRequest) {
      const scope = requireScope(caller)
      const sealer = await keyRing.sealerOf(scope.accountId)
      return searchConversations({ store: createSearchStore(database, scope, sealer), sealer, index }, request)
    },
    async clear(caller: Caller, conversationId: string) {
      const store = await openFor(caller)
      await mustGet(store, conversationId)
      // No message is left that needs its stand-ins.
      await write([store.removeMessages(conversationId), store.change(conversationId, { title: NEW_TITLE, pseudonyms: '[]', at: clock.now() })])
    },
    async rate(caller: Caller, messageId: string, feedback: { readonly rating: 'up' | 'down'; readonly comment?: string | undefined }) {
      const store = await openFor(caller)
      await write([store.rate(messageId, { rating: feedback.rating, comment: feedback.comment })])
      return feedback
    },
  }
}
export type Conversations = ReturnType<typeof createConversations>


/** The problem of whoever has too many conversations: which cap it was, and what to do. */
async function overCap(counted: ReturnType<typeof createCapStore>, { keyId, ephemeral, at }: { readonly keyId: string | null; readonly ephemeral: boolean; readonly at: number }, { caps, ephemeralMinutes }: Pick<ConversationDeps, 'caps' | 'ephemeralMinutes'>): Promise<ProblemError> {
  const counts = await counted.counts(keyId)
  const oldest = ephemeral ? await counted.oldestChange(counts.ephemeralByKey >= caps.ephemeralByKey ? keyId : null) : null
  // Until the oldest ephemeral one is gone.
  const waitSeconds = ((oldest ?? at) + ephemeralMinutes * 60_000 + expiry.lookMilliseconds - at) / 1_000
  if (counts.perAccount >= caps.perAccount) return refuseTooMuch('conversations', `An account may have ${caps.perAccount} conversations. Delete some, then try again.`)
  if (ephemeral && counts.ephemeralByKey >= caps.ephemeralByKey) return refuseTooMuch('ephemeral-conversations', `An API key may have ${caps.ephemeralByKey} ephemeral conversations at once. Delete some, or wait until they expire.`, waitSeconds)
  if (ephemeral && counts.ephemeralInAll >= caps.ephemeralInAll) return refuseTooMuch('ephemeral-conversations', `This server holds ${caps.ephemeralInAll} ephemeral conversations at once. Wait until some expire, or ask for one that is kept.`, waitSeconds)
  return new ProblemError('not-found')
}

/** A stored message as the wire shows it. */
export const toMessage = (row: StoredMessage): Message => ({
  id: row.id, role: row.role, text: row.text, createdAt: toMoment(row.created_at), turnId: row.turn_id, status: row.status, model: row.model,
  citations: Citations.parse(JSON.parse(row.citations)), notices: Notices.parse(JSON.parse(row.notices)),
  feedback: row.rating === null ? null : { rating: row.rating, ...(row.comment !== null && { comment: row.comment }) },
  ...toldUnreadable(row.unreadable),
})

/** A conversation's first question names it, until its owner does. */
export const titleFrom = (question: string): string => {
  const line = question.trim().split('\n', 1)[0]?.trim() ?? ''
  if (line === '') return NEW_TITLE
  return line.length <= TITLE_CHARACTERS ? line : `${line.slice(0, TITLE_CHARACTERS).replace(/\s+\S*$/, '')}…`
}
export const isUntitled = (title: string): boolean => title === NEW_TITLE

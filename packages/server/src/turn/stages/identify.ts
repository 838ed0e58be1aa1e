import type { Conversations } from '../../domains/conversations/index.ts'
import type { Models } from '../../domains/models/index.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { refuseTooMuch } from '../../policy/too-much.ts'
import { requireScope } from '../../kernel/require-scope.ts'
import type { Scope } from '../../kernel/scope.ts'
import type { ModelMessage } from '../../ports/model-provider.ts'
import { parsePseudonyms } from '../pseudonyms.ts'
import { estimateTokens } from '../../kernel/estimate-tokens.ts'
import { answerRunning } from '../answer-running.ts'
import { passed } from '../passed.ts'
import type { Identified, KeptConversation, Received } from '../turn.ts'

export interface IdentifyDeps { readonly conversations: Pick<Conversations, 'open'>; readonly models: Pick<Models, 'resolve'>; readonly history: HistoryCaps; readonly storedBytes: (scope: Scope) => Promise<number> }
/** What a conversation may hold, and what of it goes to a model again. */
export interface HistoryCaps { readonly messagesKept: number; readonly messages: number; readonly tokens: number; readonly storedMegabytes: number }

/** Who asks, whether the conversation is theirs, which model answers, and what was said before. Throws `not-found`, `model-not-found`, and `history-unreadable` where that was damaged. */
export const identify = ({ conversations, models, history, storedBytes }: IdentifyDeps) => async (turn: Received): Promise<Identified> => {
  const scope = requireScope(turn.caller)
  const kept = turn.conversationId === null ? null : await openConversation({ conversations, storedBytes }, { scope, id: turn.conversationId, caps: history })
  const chosen = models.resolve(turn.model ?? kept?.model ?? null, turn.caller.restriction)
  if (turn.tools.length > 0 && !chosen.capabilities.tools) {
    const detail = `${chosen.id} takes no tools. Leave them out, or choose another model.`
    throw new ProblemError('invalid-request', { detail, members: { errors: [{ pointer: '/tools', detail }] } })
  }
  const messages = kept === null ? turn.messages : [...kept.history, ...turn.messages]
  return passed<Identified>({ ...turn, messages, scope, chosen, conversation: kept })
}

interface Opening { readonly scope: Scope; readonly id: string; readonly caps: HistoryCaps }

async function openConversation({ conversations, storedBytes }: Pick<IdentifyDeps, 'conversations' | 'storedBytes'>, { scope, id, caps }: Opening): Promise<KeptConversation & { model: string; history: readonly ModelMessage[] }> {
  const store = await conversations.open(scope)
  const row = await store.get(id)
  if (row === null) throw new ProblemError('not-found')
  if (await store.countMessages(id, caps.messagesKept) >= caps.messagesKept) {
    throw refuseTooMuch('conversation-messages', 'This conversation is full. Begin a new one, or clear its history.')
  }
  if (await storedBytes(scope) >= caps.storedMegabytes * 1_000_000) {
    throw refuseTooMuch('stored-bytes', `Your conversations take up the ${caps.storedMegabytes} MB that an account may have. Delete some, then try again.`)
  }
  const newest = await store.messagePage(id, undefined, caps.messages)
  if (newest.some(({ status }) => status === 'running')) {
    throw answerRunning()
  }
  // Of two answers from half a conversation nobody could tell which half was left out, and whoever can damage a row could choose it.
  if (row.unreadable.includes('stand-ins') || newest.some(({ unreadable }) => unreadable.includes('text'))) {
    throw new ProblemError('history-unreadable')
  }
  const history = withinTokens(newest.reverse()
    // An answer that failed before its first word is no part of what was said.
    .filter(({ role, text }) => role === 'user' || text !== '')
    .map(({ role, text }): ModelMessage => (role === 'user' ? { role, text } : { role, text, toolCalls: [] })), caps.tokens)
  return { id, title: row.title, pseudonyms: parsePseudonyms(row.pseudonyms), model: row.model, store, history }
}

/** The newest messages that have room, whole, from a question on: a model is not given an answer to what it does not see. */
function withinTokens(history: readonly ModelMessage[], most: number): readonly ModelMessage[] {
  let tokens = 0
  const from = history.findLastIndex(({ text }) => { tokens += estimateTokens(text); return tokens > most }) + 1
  if (from === 0) return history
  const kept = history.slice(from)
  const question = kept.findIndex(({ role }) => role === 'user')
  return question < 0 ? [] : kept.slice(question)
}

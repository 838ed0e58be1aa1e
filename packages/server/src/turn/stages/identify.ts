import type { Conversations } from '../../domains/conversations/index.ts'
import type { Models } from '../../domains/models/index.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { requireScope } from '../../kernel/require-scope.ts'
import type { Scope } from '../../kernel/scope.ts'
import { conversationMessages, historyMessages } from '../../policy/limits.ts'
import type { ModelMessage } from '../../ports/model-provider.ts'
import { parsePseudonyms } from '../pseudonyms.ts'
import { answerRunning } from '../answer-running.ts'
import { passed } from '../passed.ts'
import type { Identified, KeptConversation, Received } from '../turn.ts'

export interface IdentifyDeps { readonly conversations: Pick<Conversations, 'open'>; readonly models: Pick<Models, 'resolve'> }

/** Who asks, whether the conversation is theirs, which model answers, and what was said before. Throws `not-found` and `model-not-found`. */
export const identify = ({ conversations, models }: IdentifyDeps) => async (turn: Received): Promise<Identified> => {
  const scope = requireScope(turn.caller)
  const kept = turn.conversationId === null ? null : await openConversation(conversations, scope, turn.conversationId)
  const chosen = models.resolve(turn.model ?? kept?.model ?? null, turn.caller.restriction)
  if (turn.tools.length > 0 && !chosen.capabilities.tools) {
    const detail = `${chosen.id} takes no tools. Leave them out, or choose another model.`
    throw new ProblemError('invalid-request', { detail, members: { errors: [{ pointer: '/tools', detail }] } })
  }
  const messages = kept === null ? turn.messages : [...kept.history, ...turn.messages]
  return passed<Identified>({ ...turn, messages, scope, chosen, conversation: kept })
}

async function openConversation(conversations: IdentifyDeps['conversations'], scope: Scope, id: string): Promise<KeptConversation & { model: string; history: readonly ModelMessage[] }> {
  const store = await conversations.open(scope)
  const row = await store.get(id)
  if (row === null) throw new ProblemError('not-found')
  if (await store.countMessages(id, conversationMessages.default) >= conversationMessages.default) {
    throw new ProblemError('conflict', { detail: 'This conversation is full. Begin a new one, or clear its history.' })
  }
  const newest = await store.messagePage(id, undefined, historyMessages.default)
  if (newest.some(({ status }) => status === 'running')) {
    throw answerRunning()
  }
  const history = newest.reverse()
    // An answer that failed before its first word is no part of what was said.
    .filter(({ role, text }) => role === 'user' || text !== '')
    .map(({ role, text }): ModelMessage => (role === 'user' ? { role, text } : { role, text, toolCalls: [] }))
  return { id, title: row.title, pseudonyms: parsePseudonyms(row.pseudonyms), model: row.model, store, history }
}

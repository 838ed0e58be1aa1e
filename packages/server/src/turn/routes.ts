import type { Message } from '@sallyport/contract'
import { toMessage, type Conversations } from '../domains/conversations/index.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Call, EventsReply, Handlers } from '../kernel/handler.ts'
import { newId } from '../kernel/ids.ts'
import { ProblemError, toProblem, toProblemError } from '../kernel/problem.ts'
import { requireScope } from '../kernel/require-scope.ts'
import type { Scope } from '../kernel/scope.ts'
import { tellCache } from './cache-header.ts'
import { beginning, frame, parsePosition, toFrames, type Position } from './events.ts'
import type { LiveTurns } from './live-turns.ts'
import type { Entrance, Received, TurnOutput } from './turn.ts'

export interface TurnRouteDeps {
  readonly run: (received: Received) => AsyncIterable<TurnOutput>
  readonly live: LiveTurns
  readonly conversations: Pick<Conversations, 'open'>
  readonly clock: Clock
}

type EndOutput = Extract<TurnOutput, { type: 'end' }>
type HeaderLines = Record<string, string>

/** The operations that run a turn. Domains never import turn, so they live here. */
export function turnRoutes({ run, live, conversations, clock }: TurnRouteDeps) {
  const begin = (call: Call<'createTurn'> | Call<'createChat'>, entrance: Entrance, conversationId: string | null): string => {
    const turnId = newId('turn', clock.now())
    const received: Omit<Received, 'signal'> = {
      turnId, entrance, caller: call.caller, conversationId, model: call.body.model ?? null, messages: [{ role: 'user', text: call.body.text }],
      tools: [], toolChoice: 'auto', options: {}, choices: 1, streamed: true, knowledge: call.body.knowledge ?? null,
      correlationId: call.correlationId, startedAt: clock.now(), tellRates: call.tellRates,
    }
    live.start(turnId, call.caller, (signal) => run({ ...received, signal }))
    return turnId
  }
  const storedMessage = (scope: Scope) => async (id: string): Promise<Message> => {
    const row = await (await conversations.open(scope)).message(id)
    if (row === null) throw new ProblemError('not-found')
    return toMessage(row)
  }
  const follow = (call: Call<'createTurn'> | Call<'createChat'>, turnId: string) => {
    const outputs = live.read(turnId, requireScope(call.caller), call.gone)
    if (outputs === null) throw new Error('A turn that was just begun is not there.')
    return outputs
  }
  const events = (call: Pick<Call<'resumeTurn'>, 'caller' | 'correlationId'>, outputs: AsyncIterable<TurnOutput>, { turnId, conversationId, after }: { readonly turnId: string; readonly conversationId: string | null; readonly after: Position }): EventsReply => {
    const headers: HeaderLines = {}
    return {
      kind: 'events', headers,
      frames: toFrames(outputs, { turnId, conversationId, message: storedMessage(requireScope(call.caller)), started: (output) => { tellCache(headers, output) } }, after),
      failure: (error) => frame({ name: 'problem', data: toProblem(toProblemError(error), call.correlationId) }, null),
    }
  }

  return {
    createTurn: async (call) => {
      const scope = requireScope(call.caller)
      const { conversationId } = call.params
      const turnId = begin(call, 'conversation', conversationId)
      const outputs = follow(call, turnId)
      if (call.wantsEvents) return events(call, outputs, { turnId, conversationId, after: beginning })
      const headers = {}
      const { usage } = await readToEnd(outputs, headers)
      const [question, answer] = (await (await conversations.open(scope)).messagesOfTurn(turnId)).map(toMessage)
      if (question === undefined || answer === undefined) throw new ProblemError('not-found', { detail: 'The conversation was deleted meanwhile.' })
      return { kind: 'headed', headers, reply: { turnId, conversationId, question, answer, usage } }
    },
    createChat: async (call) => {
      const turnId = begin(call, 'chat', null)
      // Nothing is kept that could be read later: whoever leaves has no use for the rest.
      call.gone.addEventListener('abort', () => { live.stop(turnId, requireScope(call.caller)) }, { once: true })
      const outputs = follow(call, turnId)
      if (call.wantsEvents) return events(call, outputs, { turnId, conversationId: null, after: beginning })
      const headers = {}
      const { text, model, status, citations, notices, usage } = await readToEnd(outputs, headers)
      return { kind: 'headed', headers, reply: { turnId, answer: text, model, status, citations: [...citations], notices: [...notices], usage } }
    },
    resumeTurn: async (call) => {
      const { turnId } = call.params
      const scope = requireScope(call.caller)
      const after = parsePosition(turnId, call.lastEventId)
      if (after === null) throw new ProblemError('invalid-request', { detail: 'Last-Event-ID is not an event of this turn. Leave it out to read from the beginning.' })
      const messages = (await (await conversations.open(scope)).messagesOfTurn(turnId)).map(toMessage)
      const answer = messages.find(({ role }) => role === 'assistant')
      const running = live.read(turnId, scope, call.gone)
      if (answer === undefined && running === null) throw new ProblemError('not-found')
      const stored = answer === undefined ? null : fromStore(messages[0]?.id ?? null, answer)
      const outputs = running ?? stored
      if (outputs === null) throw new ProblemError('not-found')
      const conversationId = answer === undefined ? null : (await (await conversations.open(scope)).message(answer.id))?.conversation_id ?? null
      return events(call, outputs, { turnId, conversationId, after })
    },
    stopTurn: async ({ caller, params }) => {
      const scope = requireScope(caller)
      if (live.stop(params.turnId, scope)) return
      const stored = await (await conversations.open(scope)).messagesOfTurn(params.turnId)
      if (stored.length === 0) throw new ProblemError('not-found')
    },
  } satisfies Partial<Handlers>
}

/** Waits for the end of a turn, and notes in the headers what its beginning says. Throws `shutting-down`. */
async function readToEnd(outputs: AsyncIterable<TurnOutput>, headers: HeaderLines): Promise<EndOutput> {
  for await (const output of outputs) {
    if (output.type === 'start') tellCache(headers, output)
    if (output.type === 'end') return output
  }
  throw new ProblemError('shutting-down', { detail: 'The answer goes on in the conversation.' })
}

/** An ended turn as the outputs that it once gave, from what is stored: exactly what was shown. */
async function* fromStore(questionId: string | null, answer: Message): AsyncIterable<TurnOutput> {
  const { citations, notices, model } = answer
  yield await Promise.resolve({ type: 'start' as const, model, questionId, answerId: answer.id, cache: null })
  if (citations.length > 0) yield { type: 'passages', citations }
  if (answer.text !== '') yield { type: 'text-delta', choice: 0, text: answer.text }
  for (const notice of notices) if (notice.place === 'answer') yield { type: 'notice', notice }
  yield { type: 'end', model, answerId: answer.id, status: answer.status, usage: { inputTokens: 0, outputTokens: 0 }, text: answer.text, citations, notices }
}

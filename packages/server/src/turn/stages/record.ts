import type { Citation, Notice, TurnStatus, Usage } from '@sallyport/contract'
import { WriteConflict, type Database, type WriteStep } from '../../database/database.ts'
import { actorOf, auditStep, securityEventStep } from '../../domains/audit/index.ts'
import { isUntitled, titleFrom } from '../../domains/conversations/index.ts'
import type { KeptAnswer } from '../../domains/answer-cache/index.ts'
import type { UsageStore } from '../../domains/usage/index.ts'
import type { Clock } from '../../kernel/clock.ts'
import { newId } from '../../kernel/ids.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { answerRunning } from '../answer-running.ts'
import { mergeNotices } from '../notices.ts'
import { createOwedEndings } from '../owed-endings.ts'
import type { ClearedEvent, ClearedEvents, EndedAnswer, Prepared, TurnOutput } from '../turn.ts'

export interface RecordDeps {
  readonly database: Database
  readonly usage: UsageStore
  readonly clock: Clock
  /** Told of messages that are written for good. */
  readonly recorded: (messageIds: readonly string[]) => void
}

/** What a turn has come to so far: exactly what was shown. */
interface Progress {
  text: string
  reasoning: string
  finish: EndedAnswer['finish']
  readonly notices: Notice[]
  isBlocked: boolean
}

/**
 * Makes the question durable, then lets events through, then makes the answer, its usage and its audit row durable, and only then says
 * `end`. A turn that is stopped or fails is recorded just so, with what was shown of it. What is kept of gateway turns is everything but text.
 * An ending that the store does not take is thrown to the reader, and written as failed once the store takes it.
 */
export function record({ database, usage, clock, recorded }: RecordDeps) {
  const owed = createOwedEndings(database)
  return async function* (turn: Prepared, events: ClearedEvents): AsyncIterable<TurnOutput> {
    const { conversation } = turn
    const questionId = conversation === null ? null : newId('message', clock.now())
    const answerId = conversation === null ? null : newId('message', clock.now())
    if (questionId !== null && answerId !== null) await begin(database, turn, { questionId, answerId, at: clock.now(), usage })
    yield { type: 'start', model: turn.chosen.id, questionId, answerId, cache: turn.recalled === null ? null : turn.recalled.answer === null ? 'miss' : 'hit' }
    if (turn.citations.length > 0) yield { type: 'passages', citations: turn.citations }

    const progress: Progress = { text: '', reasoning: '', finish: null, notices: [...turn.notices], isBlocked: false }
    const end = async (status: TurnStatus): Promise<TurnOutput> => {
      const ending = toEnding(turn, progress, status)
      const deps = { database, usage, answerId, at: clock.now() }
      try {
        await database.write([...endSteps(turn, ending, deps), ...await turn.recalled?.end({ ...ending, reasoning: progress.reasoning, finish: progress.finish }) ?? []])
      } catch (error) {
        if (!(error instanceof WriteConflict)) owed.add(endSteps(turn, { ...ending, status: 'failed' }, deps))
        throw error
      }
      if (questionId !== null && answerId !== null) recorded([questionId, answerId])
      return { type: 'end', model: turn.lease.answeredBy, answerId, ...ending }
    }
    let model = turn.chosen.id
    try {
      for await (const event of events) {
        if (turn.lease.answeredBy !== model) yield { type: 'model', model: model = turn.lease.answeredBy }
        note(progress, event)
        yield event
      }
    } catch (error) {
      if (!turn.signal.aborted) {
        await end('failed')
        throw error
      }
    }
    yield await end(turn.signal.aborted ? 'stopped' : progress.isBlocked ? 'blocked' : 'complete')
  }
}

function note(progress: Progress, event: ClearedEvent): void {
  switch (event.type) {
    case 'text-delta':
      if (event.choice === 0) progress.text += event.text
      return
    case 'reasoning-delta':
      if (event.choice === 0) progress.reasoning += event.text
      return
    case 'tool-call-delta': case 'usage': return
    case 'notice':
      progress.notices.push(event.notice)
      if (event.notice.action === 'block') progress.isBlocked = true
      return
    case 'finish': progress.finish = event.reason; return
  }
}

interface Ending { readonly status: TurnStatus; readonly usage: Usage; readonly text: string; readonly citations: readonly Citation[]; readonly notices: readonly Notice[] }

function toEnding(turn: Prepared, progress: Progress, status: TurnStatus): Ending {
  return {
    status, text: progress.text, notices: mergeNotices([...progress.notices, ...turn.lease.notices]),
    usage: turn.recalled?.answer != null ? savedOf(turn.recalled.answer) : turn.lease.spending.usage(status === 'stopped'),
    citations: turn.citations.filter(({ number }) => progress.text.includes(`[${number}]`)),
  }
}

const savedOf = ({ inputTokens, outputTokens }: KeptAnswer): Usage => ({ inputTokens: 0, outputTokens: 0, savedTokens: inputTokens + outputTokens })

const turnRow = (turn: Prepared) => ({
  id: turn.turnId, account_id: turn.scope.accountId, conversation_id: turn.conversation?.id ?? null,
  credential_id: turn.caller.credential.id, entrance: turn.entrance, model: turn.lease.answeredBy, started_at: turn.startedAt,
})

interface Beginning { readonly questionId: string; readonly answerId: string; readonly at: number; readonly usage: UsageStore }

/** Stores the question. Of two at the same moment in one conversation the second is refused, by the store itself. */
async function begin(database: Database, turn: Prepared, beginning: Beginning): Promise<void> {
  try {
    await database.write(beginningSteps(turn, beginning))
  } catch (error) {
    if (!(error instanceof WriteConflict)) throw error
    const isThere = turn.conversation !== null && await turn.conversation.store.get(turn.conversation.id) !== null
    throw isThere ? answerRunning() : new ProblemError('not-found')
  }
}

function beginningSteps(turn: Prepared, { questionId, answerId, at, usage }: Beginning): readonly WriteStep[] {
  const { conversation } = turn
  if (conversation === null) return []
  const { store, id, title } = conversation
  const shared = { conversationId: id, turnId: turn.turnId, model: turn.chosen.id, at }
  return [
    store.change(id, {
      at, ...(isUntitled(title) && { title: titleFrom(turn.question) }),
      ...(turn.pseudonyms !== conversation.pseudonyms && { pseudonyms: JSON.stringify(turn.pseudonyms) }),
    }),
    store.insertMessage({ ...shared, id: questionId, role: 'user', status: 'complete', text: turn.question, notices: turn.notices.filter(({ place }) => place === 'question') }),
    store.insertMessage({ ...shared, id: answerId, role: 'assistant', status: 'running', text: '', notices: [] }),
    usage.insert({ ...turnRow(turn), status: 'running', input_tokens: 0, output_tokens: 0, notices: '[]', ended_at: null }),
  ]
}

/** What budgets and providers say to the reader is nothing that was found in a text. */
const isFound = (type: string) => !type.startsWith('budget-') && type !== 'model-replaced' && type !== 'answer-recalled'

interface EndDeps { readonly database: Database; readonly usage: UsageStore; readonly answerId: string | null; readonly at: number }

function endSteps(turn: Prepared, ending: Ending, { database, usage, answerId, at }: EndDeps): readonly WriteStep[] {
  const { status, notices } = ending
  const notes = JSON.stringify(notices)
  const { inputTokens, outputTokens, savedTokens } = ending.usage
  const saved = savedTokens === undefined ? {} : { saved_tokens: savedTokens, saved_money: turn.recalled?.savedMoney ?? 0 }
  const kept = turn.conversation
  const rows: readonly WriteStep[] = kept === null || answerId === null
    ? [usage.insert({ ...turnRow(turn), ...saved, status, input_tokens: inputTokens, output_tokens: outputTokens, notices: notes, ended_at: at })]
    : [
        kept.store.endAnswer(answerId, { model: turn.lease.answeredBy, text: ending.text, status, citations: ending.citations, notices: notices.filter(({ place }) => place !== 'question') }),
        usage.end(turn.turnId, { model: turn.lease.answeredBy, status, inputTokens, outputTokens, notices: notes, at, ...saved }),
      ]
  const found = notices.filter(({ type }) => isFound(type))
  const events = found.length === 0 ? [] : [securityEventStep(database, {
    at, type: status !== 'blocked' ? 'content-found' : notices.some(({ type }) => type === 'canary') ? 'canary-leaked' : 'content-blocked', severity: status === 'blocked' ? 'medium' : 'info', accountId: actorOf(turn.caller), detail: { turnId: turn.turnId, notices: found },
  })]
  const audit = auditStep(turn.caller, {
    at, action: 'turn-ended', outcome: status === 'failed' ? 'failed' : 'allowed',
    detail: { turnId: turn.turnId, entrance: turn.entrance, model: turn.lease.answeredBy, status, inputTokens, outputTokens, ...(savedTokens !== undefined && { savedTokens }) },
  })
  return [...rows, ...turn.lease.settle({ inputTokens, outputTokens }), ...events, audit]
}

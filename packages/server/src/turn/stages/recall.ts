import type { AnswerCache } from '../../domains/answer-cache/index.ts'
import type { GuardPolicyFor } from '../../policy/guard-policies.ts'
import { canonicalRequest } from '../canonical-request.ts'
import { createCalmInspection } from '../inspect-calmly.ts'
import { passed } from '../passed.ts'
import type { EndedAnswer, Grounded, Prepared } from '../turn.ts'

export interface RecallDeps {
  readonly cache: Pick<AnswerCache, 'reach' | 'place' | 'find' | 'hasRoom' | 'keep' | 'countHit'>
  readonly guardFor: GuardPolicyFor
  /** Who judges content. */
  readonly moderation: string
  readonly answerTokens: number
  readonly costOf: (model: string) => Promise<(inputTokens: number, outputTokens: number) => { readonly money: number }>
}

/**
 * Looks for an answer that was given to exactly this request before (PRV-10). It comes behind the limits, the budgets and the inspection of the
 * question, and what it finds goes through the inspection of answers and is recorded, like a model's. What is found is charged nothing.
 */
export const recall = ({ cache, guardFor, moderation, answerTokens, costOf }: RecallDeps) => async (turn: Grounded): Promise<Prepared> => {
  if (cache.reach === 'off' || !mayBeKept(turn)) return passed<Prepared>({ ...turn, recalled: null })
  const guard = guardFor(turn.chosen.id)
  const place = await cache.place(turn.scope, canonicalRequest(turn, { guard, moderation, answerTokens }))
  const found = await cache.find(place)
  // A longer answer than the budgets have room for is none that may be given.
  const answer = found !== null && found.outputTokens <= turn.lease.answerTokens ? found : null
  if (answer !== null) turn.lease.notices.push({ place: 'answer', type: 'answer-recalled', action: 'warn', count: 1 })
  const savedMoney = answer === null ? 0 : (await costOf(turn.chosen.id))(answer.inputTokens, answer.outputTokens).money

  const isKeepable = async (ended: EndedAnswer): Promise<boolean> => {
    if (ended.status !== 'complete' || ended.finish !== 'stop' || ended.text === '' || ended.notices.some(({ type }) => type !== 'budget-nearly-spent') || turn.lease.answeredBy !== turn.chosen.id) return false
    // The answer is whole: a reader who leaves now does not end this.
    const inspection = createCalmInspection(new AbortController().signal)
    // Also what the policy lets pass: it is of this answer's reader, and nobody else's business.
    for (const text of [ended.text, ended.reasoning]) if ((await inspection(text, { types: guard.types })).length > 0) return false
    return cache.hasRoom(place)
  }
  return passed<Prepared>({ ...turn, recalled: {
    answer, savedMoney,
    async end(ended) {
      if (answer !== null) return [cache.countHit(place)]
      const { text, reasoning, usage: { inputTokens, outputTokens } } = ended
      return await isKeepable(ended) ? cache.keep(place, { text, reasoning, inputTokens, outputTokens }) : []
    },
  } })
}

/** Whether the answer to a request may be kept at all: not where something was found or replaced in what is sent, nor where tools or documents play a part. */
const mayBeKept = ({ chosen, choices, tools, messages, passages, pseudonyms, notices, isClean }: Grounded): boolean =>
  isClean && notices.length === 0 && pseudonyms.length === 0 && passages.length === 0 && !chosen.capabilities.grounding && choices === 1
  && tools.length === 0 && !messages.some((message) => message.role === 'tool' || (message.role === 'assistant' && message.toolCalls.length > 0))

import type { GuardPolicy } from '../policy/guard-policies.ts'
import { answerCacheRules } from '../policy/answer-cache.ts'
import { writeInstructions } from './instructions.ts'
import type { Grounded } from './turn.ts'

interface Surroundings { readonly guard: GuardPolicy; readonly moderation: string; readonly answerTokens: number }

/**
 * Everything that could change the answer to a turn, as one text: two turns have the same exactly when the model would be sent the same, and
 * the guard asks the same of it. Our own instructions stand in it without the words that are random in each turn. As JSON, no text can pass
 * for another field of it.
 */
export function canonicalRequest({ chosen, messages, options, canary }: Grounded, { guard, moderation, answerTokens }: Surroundings): string {
  return JSON.stringify([
    answerCacheRules.version, chosen.id, chosen.vendorModel, chosen.behind,
    canary === null ? null : writeInstructions({ canary: '', delimiter: '', passages: [] }),
    // Our own instructions come first where there are any.
    canary === null ? messages : messages.slice(1),
    options, answerTokens,
    [guard.actions, guard.toolCalls, [...guard.types].toSorted(), [...guard.answer].toSorted(), moderation],
  ])
}

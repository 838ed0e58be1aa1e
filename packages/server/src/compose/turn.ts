import type { Config } from '../config/load.ts'
import type { Database } from '../database/database.ts'
import type { Clock } from '../kernel/clock.ts'
import { createGuardPolicies } from '../policy/guard-policies.ts'
import { createLiveTurns } from '../turn/live-turns.ts'
import { runTurn, type TurnStages } from '../turn/run-turn.ts'
import { complete } from '../turn/stages/complete.ts'
import { identify } from '../turn/stages/identify.ts'
import { inspectInput } from '../turn/stages/inspect-input.ts'
import { inspectOutput } from '../turn/stages/inspect-output.ts'
import { limit } from '../turn/stages/limit.ts'
import { recall } from '../turn/stages/recall.ts'
import { record } from '../turn/stages/record.ts'
import { retrieve } from '../turn/stages/retrieve.ts'
import type { Received } from '../turn/turn.ts'
import type { FairQueue } from '../domains/load/index.ts'
import type { Domains } from './domains.ts'
import type { Rates } from './rates.ts'

/** The one turn, with its stages filled in. */
export function composeTurn({ config, domains, database, clock, rates, queue }: { readonly queue: FairQueue; readonly config: Config; readonly rates: Rates; readonly domains: Domains; readonly database: Database; readonly clock: Clock }) {
  const { conversations, models, knowledge, usage, keys } = domains
  const guardFor = createGuardPolicies({ preset: config.preset, ...config.guard })
  const stages: TurnStages = {
    identify: identify({ conversations, models, storedBytes: domains.storedBytes, history: { messagesKept: config.limits.conversationMessages, messages: config.limits.historyMessages, tokens: config.limits.historyTokens, storedMegabytes: config.limits.storedMegabytes } }),
    limit: limit({ ...rates, queue, clock, answerSeconds: config.resilience.totalSeconds, concurrentTurns: config.limits.concurrentTurns, answerTokens: config.limits.answerTokens, keyDays: keys.days, hold: domains.budgets.hold }),
    inspectInput: inspectInput({ database, clock, questionCharacters: config.limits.questionCharacters, moderators: domains.moderators, guardFor }),
    retrieve: retrieve({ search: knowledge.searchPassages, guardFor }),
    recall: recall({ cache: domains.answerCache, guardFor, moderation: [config.moderation.kind, config.moderation.baseUrl, config.moderation.model].join(' '), answerTokens: config.limits.answerTokens, costOf: domains.budgets.costOf }),
    complete: complete({ answerTokens: config.limits.answerTokens, guardFor }),
    inspectOutput: inspectOutput({ moderators: domains.moderators, guardFor }),
    record: record({ database, usage, clock, recorded: domains.messageIndexer.note }),
  }
  const live = createLiveTurns()
  domains.revocations.subscribe(live.stopRevoked)
  return { live, run: (received: Received) => runTurn(stages, received) }
}

import type { Config } from '../config/load.ts'
import type { Database } from '../database/database.ts'
import type { Clock } from '../kernel/clock.ts'
import { guarding } from '../policy/guarding.ts'
import { createLiveTurns } from '../turn/live-turns.ts'
import { runTurn, type TurnStages } from '../turn/run-turn.ts'
import { complete } from '../turn/stages/complete.ts'
import { identify } from '../turn/stages/identify.ts'
import { inspectInput } from '../turn/stages/inspect-input.ts'
import { inspectOutput } from '../turn/stages/inspect-output.ts'
import { limit } from '../turn/stages/limit.ts'
import { record } from '../turn/stages/record.ts'
import { retrieve } from '../turn/stages/retrieve.ts'
import type { Received } from '../turn/turn.ts'
import type { Domains } from './domains.ts'

/** The one turn, with its stages filled in. */
export function composeTurn({ config, domains, database, clock }: { readonly config: Config; readonly domains: Domains; readonly database: Database; readonly clock: Clock }) {
  const { conversations, models, knowledge, usage } = domains
  const guard = guarding[config.preset]
  const stages: TurnStages = {
    identify: identify({ conversations, models }),
    limit: limit({ clock, turnsPerMinute: config.limits.turnsPerMinute, concurrentTurns: config.limits.concurrentTurns }),
    inspectInput: inspectInput({ database, clock, questionCharacters: config.limits.questionCharacters, moderators: domains.moderators, guarding: guard }),
    retrieve: retrieve({ search: knowledge.searchPassages, guarding: guard }),
    complete: complete({ answerTokens: config.limits.answerTokens }),
    inspectOutput: inspectOutput({ moderators: domains.moderators, guarding: guard }),
    record: record({ database, usage, clock }),
  }
  return { live: createLiveTurns(), run: (received: Received) => runTurn(stages, received) }
}

import { randomInt } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { Clock } from '../../kernel/clock.ts'
import { retryRules } from '../../policy/egress.ts'
import { ProviderFailure, type ModelEvent, type ModelProvider, type ModelRequest, type ProviderFailureKind } from '../../ports/model-provider.ts'
import { createUsageJudge, type ImplausibleUsage } from './believe-usage.ts'
import { createBreaker, type BreakerState, type Permit } from './breaker.ts'

export interface ResilienceRules {
  readonly breakerFailures: number
  readonly breakerSeconds: number
  /** Calls that one provider may have under way. */
  readonly callsAtOnce: number
}
export interface ResilienceDeps { readonly clock: Clock; /** A count that cannot be true was put right. */ readonly onImplausible: (found: ImplausibleUsage) => void }
/** How a provider does. */
export interface ProviderHealth extends ProviderCounts { readonly breaker: BreakerState; readonly failures: number; readonly running: number; readonly retryAfterSeconds: number }
/** What a provider did since it was taken into use: its calls, and of these those that were answered whole, failed, were made again, or not let through at all. */
export interface ProviderCounts { readonly calls: number; readonly answered: number; readonly failed: number; readonly askedAgain: number; readonly turnedAway: number; /** To the first of an answer, in the mean of late; null where none came yet. */ readonly firstMilliseconds: number | null }
export interface ResilientProvider extends ModelProvider { health(): ProviderHealth }

/** What says that the provider itself is not well. A wrong key or a refused request says nothing of the kind, and asking to slow down is no illness. */
const illnesses: ReadonlySet<ProviderFailureKind> = new Set(['timeout', 'unavailable', 'failed', 'invalid-answer'])
/** How much of a mean the newest value makes up. */
const RECENT_SHARE = 0.1
/** What may be over in a moment, and cost nothing. A time-out has taken its time already. */
const momentary: ReadonlySet<ProviderFailureKind> = new Set(['unavailable', 'failed', 'rate-limited'])

/**
 * A provider that is asked again where that is safe, left alone while it is ill, and never given more than it may have at once, so that
 * it cannot take the server down with it. Nothing is asked again once an event has come. What it counts is within what it can have used.
 */
export function resilient(provider: ModelProvider, rules: ResilienceRules, { clock, onImplausible }: ResilienceDeps): ResilientProvider {
  const breaker = createBreaker({ failures: rules.breakerFailures, seconds: rules.breakerSeconds }, clock)
  let running = 0
  const counts = { calls: 0, answered: 0, failed: 0, askedAgain: 0, turnedAway: 0, firstMilliseconds: null as number | null }
  const noteFirst = (milliseconds: number) => { counts.firstMilliseconds = counts.firstMilliseconds === null ? milliseconds : counts.firstMilliseconds + (milliseconds - counts.firstMilliseconds) * RECENT_SHARE }
  const turnAway = (kind: 'busy' | 'resting', message: string, retryAfterSeconds: number): never => {
    counts.turnedAway += 1
    throw new ProviderFailure(kind, message, { retryAfterSeconds })
  }

  const enter = (): Permit => {
    if (running >= rules.callsAtOnce) return turnAway('busy', `The provider has ${running} calls under way.`, 1)
    const permit = breaker.enter()
    if (permit === null) return turnAway('resting', 'The provider failed again and again, and is left alone for a while.', breaker.retryAfterSeconds())
    running += 1
    counts.calls += 1
    return permit
  }
  const judge = (permit: Permit, error: unknown) => {
    if (error instanceof ProviderFailure && illnesses.has(error.kind)) permit.failed()
    // A provider that answers at all, if only with a refusal, is there.
    else if (error instanceof ProviderFailure) permit.succeeded()
    else permit.leftOpen()
  }
  return {
    async *stream(request, signal): AsyncGenerator<ModelEvent, void, undefined> {
      const permit = enter()
      const began = clock.monotonic()
      const judged = createUsageJudge(request, onImplausible)
      let hasBegun = false
      try {
        for await (const event of withRetries(provider, request, { signal, onAgain: () => { counts.askedAgain += 1 } })) {
          if (!hasBegun) noteFirst(clock.monotonic() - began)
          hasBegun = true
          permit.begun()
          yield judged(event)
        }
        counts.answered += 1
        permit.succeeded()
      } catch (error) {
        if (error instanceof ProviderFailure) counts.failed += 1
        judge(permit, error)
        throw error
      } finally {
        running -= 1
        permit.leftOpen()
      }
    },
    listModels: (signal) => provider.listModels(signal),
    health: () => ({ ...counts, firstMilliseconds: counts.firstMilliseconds === null ? null : Math.round(counts.firstMilliseconds), breaker: breaker.state(), failures: breaker.failures(), running, retryAfterSeconds: breaker.retryAfterSeconds() }),
  }
}

async function* withRetries(provider: ModelProvider, request: ModelRequest, { signal, onAgain }: { readonly signal: AbortSignal; readonly onAgain: () => void }): AsyncGenerator<ModelEvent, void, undefined> {
  for (let tries = 1; ; tries += 1) {
    let hasBegun = false
    try {
      for await (const event of provider.stream(request, signal)) {
        hasBegun = true
        yield event
      }
      return
    } catch (error) {
      const pause = hasBegun || tries >= retryRules.tries ? null : pauseAfter(error, tries)
      if (pause === null) throw error
      onAgain()
      await wait(pause, undefined, { signal }).catch(() => { signal.throwIfAborted() })
    }
  }
}

/** Milliseconds to wait before asking again; null where that is not safe, or would take too long. Drawn at random, so that many do not come back together. */
function pauseAfter(error: unknown, tries: number): number | null {
  if (!(error instanceof ProviderFailure) || !momentary.has(error.kind)) return null
  const asked = (error.retryAfterSeconds ?? 0) * 1_000
  if (asked > retryRules.patienceMilliseconds) return null
  const most = retryRules.firstPauseMilliseconds * 2 ** (tries - 1)
  return Math.max(asked, 0) + randomInt(Math.ceil(most / 2), most + 1)
}

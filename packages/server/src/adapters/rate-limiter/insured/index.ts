import type { Clock } from '../../../kernel/clock.ts'
import type { RateRule, RateVerdict, ToldUse } from '../../../kernel/rates.ts'
import type { LocalLimiter, RateLimiter } from '../../../ports/rate-limiter.ts'
import { createKnownUses } from './known-uses.ts'

/** After a failure the shared limiter is asked again this often, by one request, while all others are judged here. */
const PROBE_MILLISECONDS = 500

export interface Insurance {
  readonly clock: Clock
  /** Where this process counts what it lets in by itself. */
  readonly own: LocalLimiter
  /** The share of what is left of each limit that this process may give by itself. */
  readonly share: number
  readonly onChange: (state: 'lost' | 'found', error: unknown) => void
}

/** A limiter that tells when it may have forgotten what it counted. */
export interface Insured extends RateLimiter {
  /** The shared limiter was out of reach, if only for a moment: it may come back with nothing in it. */
  lose(error: unknown): void
  /** What the processes together have used at most, as the shared limiter tells it. */
  hear(use: ToldUse): void
}

/**
 * A shared limiter that may be gone. While it is, this process gives its share of what is left and no more: what the processes have given
 * together they all were told before. When it is back it may have forgotten everything, so for the length of each window both must have room:
 * together they never give more than is written. Two things nobody can know: what was given before a process began, if the shared limiter
 * was gone already; and what it goes on giving to others when one process alone has lost it.
 */
export function createInsuredLimiter(shared: RateLimiter, { clock, own, share, onChange }: Insurance): Insured {
  const known = createKnownUses(clock)
  let lostUntil: number | null = null
  let foundAt = -Infinity

  const lose = (error: unknown) => {
    if (lostUntil === null) onChange('lost', error)
    lostUntil = clock.monotonic() + PROBE_MILLISECONDS
  }
  const find = () => {
    if (lostUntil === null) return
    lostUntil = null
    foundAt = clock.monotonic()
    onChange('found', null)
  }
  const isTrusted = ({ windowSeconds }: Pick<RateRule, 'windowSeconds'>) => lostUntil === null && clock.monotonic() - foundAt > windowSeconds * 1_000
  const remember = ({ standings }: RateVerdict) => {
    // What was known when it was lost stays what it was until that is over.
    for (const standing of standings) if (isTrusted(standing.rule)) known.noteAnswer(standing)
  }
  /** The rules with what this process may give of them. */
  const tighter = (rules: readonly RateRule[]) => rules.map((rule) => ({ ...rule, count: Math.max(0, Math.floor((rule.count - known.usedOf(rule)) * share)) }))
  /** A verdict in the words of the limits as they are written. */
  const asWritten = ({ refused, standings }: RateVerdict, rules: readonly RateRule[]): RateVerdict => {
    const written = (name: string) => rules.find((rule) => rule.name === name)
    const toWritten = <Standing extends RateVerdict['standings'][number]>(standing: Standing) => ({ ...standing, rule: written(standing.rule.name) ?? standing.rule })
    return { refused: refused === null ? null : toWritten(refused), standings: standings.map(toWritten) }
  }
  const ask = async (work: () => RateVerdict | Promise<RateVerdict>): Promise<RateVerdict | null> => {
    if (lostUntil !== null && clock.monotonic() < lostUntil) return null
    // The one who asks again moves the moment on for the others.
    if (lostUntil !== null) lostUntil = clock.monotonic() + PROBE_MILLISECONDS
    try {
      const verdict = await work()
      find()
      remember(verdict)
      return verdict
    } catch (error) {
      lose(error)
      return null
    }
  }
  return {
    lose,
    hear(use) { if (isTrusted(use)) known.noteTold(use) },
    async take(rules) {
      const guarded = rules.filter((rule) => !isTrusted(rule))
      const here = own.look(tighter(guarded))
      if (here.refused !== null) {
        // Also those who are refused here may find out that it is back.
        if (lostUntil !== null) await ask(() => shared.look(rules))
        return asWritten(here, rules)
      }
      const verdict = await ask(() => shared.take(rules))
      // Others may have taken the room while this one asked: so this is judged again, and not only noted.
      if (verdict === null) return asWritten(own.take(tighter(rules)), rules)
      if (verdict.refused === null) own.note(rules.filter((rule) => !isTrusted(rule)))
      return verdict
    },
    look: async (rules) => await ask(() => shared.look(rules)) ?? asWritten(own.look(tighter(rules)), rules),
    close: () => shared.close(),
  }
}

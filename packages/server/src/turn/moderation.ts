import type { Notice } from '@sallyport/contract'
import { moderation, moderationSeconds, moderationSegment, moderationUnavailable } from '../policy/moderation.ts'
import type { ModerationPlace } from '../kernel/hazards.ts'
import type { Moderator } from '../ports/moderator.ts'
import type { ModelEvent } from '../ports/model-provider.ts'

/** What the moderators and the policy make of a text. */
export interface Judgement { readonly isBlocked: boolean; readonly notices: readonly Pick<Notice, 'type' | 'action'>[] }

export interface Moderators {
  /** Asked for every text; they answer at once. */
  readonly local: readonly Moderator[]
  /** Asked where configured; answers wait for their word. */
  readonly remote: readonly Moderator[]
}

const clear: Judgement = { isBlocked: false, notices: [] }

/** Asks moderators and applies the policy row of each hazard, or the row for a moderator that cannot tell (GRD-7). Throws only for an abort. */
export async function judge(moderators: Moderators, text: string, { place, signal }: { readonly place: ModerationPlace; readonly signal: AbortSignal }): Promise<Judgement> {
  const asked = [...moderators.local, ...moderators.remote]
  if (asked.length === 0 || text.trim() === '') return clear
  const limited = moderators.remote.length === 0 ? signal : AbortSignal.any([signal, AbortSignal.timeout(moderationSeconds * 1_000)])
  const answers = await Promise.all(asked.map(async (moderator) => {
    try {
      return await moderator.moderate(text, place, limited)
    } catch (cause) {
      signal.throwIfAborted()
      return { outcome: 'unavailable', cause } as const
    }
  }))
  const notices = answers.flatMap((answer): Judgement['notices'] => answer.outcome === 'unavailable'
    ? [{ type: 'moderation-unavailable', action: moderationUnavailable[place] }]
    : answer.categories.map((category) => ({ type: category, action: moderation[category][place] })))
  const said = notices.filter(({ action }) => action !== 'allow')
  return said.length === 0 ? clear : { isBlocked: said.some(({ action }) => action === 'block'), notices: said }
}

export type ModeratedEvent = ModelEvent | { readonly type: 'notice'; readonly notice: Notice }

/**
 * Judges an answer while it is written, a segment at a time, each with what went before it. Where a remote moderator is asked, text
 * waits until its segment was judged; local rules follow close behind the text. What is blocked ends the answer.
 */
export async function* moderateOutput(events: AsyncIterable<ModeratedEvent>, moderators: Moderators, signal: AbortSignal): AsyncIterable<ModeratedEvent> {
  const segments = new Map<number, Segment>()
  const said = new Set<string>()
  const waits = moderators.remote.length > 0

  for await (const event of events) {
    if (event.type !== 'text-delta' && event.type !== 'finish') { yield event; continue }
    const segment = segments.get(event.choice) ?? { context: '', unjudged: '' }
    segments.set(event.choice, segment)
    if (event.type === 'text-delta') {
      segment.unjudged += event.text
      if (!waits) yield event
    }
    const isDue = event.type === 'finish' || segment.unjudged.length >= (waits ? moderationSegment.remoteCharacters : moderationSegment.localCharacters)
    if (!isDue) continue
    const judgement = await judge(moderators, segment.context + segment.unjudged, { place: 'output', signal })
    for (const { type, action } of judgement.notices) {
      if (said.has(type)) continue
      said.add(type)
      yield { type: 'notice', notice: { place: 'answer', type, action, count: 1 } }
    }
    if (judgement.isBlocked) { yield { type: 'finish', choice: event.choice, reason: 'content-filter' }; return }
    if (waits && segment.unjudged !== '') yield { type: 'text-delta', choice: event.choice, text: segment.unjudged }
    segment.context = (segment.context + segment.unjudged).slice(-moderationSegment.contextCharacters)
    segment.unjudged = ''
    if (event.type === 'finish') yield event
  }
}

interface Segment { context: string; unjudged: string }

import { createStreamGuard, inspect, redact, type DetectorType, type StreamGuard, type StreamGuardOptions } from '@sallyport/guard'
import type { GuardPolicy, GuardPolicyFor } from '../../policy/guard-policies.ts'
import type { ModelEvent } from '../../ports/model-provider.ts'
import { markToolCalls, ruleOfCalls } from '../approval.ts'
import { channelOf, textOf, withText } from '../channels.ts'
import { moderateOutput, type Moderators } from '../moderation.ts'
import { actionOn, toNotices } from '../notices.ts'
import { cleared } from '../passed.ts'
import { createEscapeReader, type EscapeReader } from '../plain-escapes.ts'
import { restoreEvents } from '../restore-events.ts'
import type { ActionOf } from '../rewrite.ts'
import type { ClearedEvent, ClearedEvents, Prepared, RawEvents } from '../turn.ts'

/**
 * Lets out only what was looked at. Every text of every choice has a guard of its own (answer, reasoning, arguments of each tool call),
 * which holds back as much as an open match needs, so that nothing leaks across chunks (GRD-6). What is left is moderated (GRD-7).
 * What is blocked ends the answer. Last, stand-ins become what they stand for, for their owner's eyes alone (GRD-5).
 */
export const inspectOutput = ({ moderators, guardFor }: InspectOutputDeps) => (turn: Prepared, events: RawEvents): ClearedEvents => {
  const guard = guardFor(turn.chosen.id)
  const moderated = moderateOutput(guardEvents(turn, events, guard), moderators, turn.signal)
  return cleared(restoreEvents(turn.pseudonyms, markToolCalls(moderated, ruleOfCalls(guard.toolCalls, turn))))
}

export interface InspectOutputDeps { readonly moderators: Moderators; readonly guardFor: GuardPolicyFor }
interface Channel { readonly guard: StreamGuard; readonly escapes: EscapeReader | null; readonly toEvent: (text: string) => ModelEvent }

async function* guardEvents(turn: Prepared, events: RawEvents, { actions, answer }: GuardPolicy): AsyncIterable<ClearedEvent> {
  const options: StreamGuardOptions & { readonly actionOf: ActionOf } = {
    ...(turn.canary !== null && { canary: turn.canary }), types: answer, actionOf: actionOn(actions, 'model', turn.chosen.capabilities.thirdParty),
    known: new Set(turn.pseudonyms.map(({ standIn }) => standIn)),
  }
  // The name and id of a tool call come whole, and are looked at whole.
  const clean = (text: string) => redact(text, inspect(text, { types: answer }), options.actionOf).text
  const channels = new Map<string, Channel>()
  const ended = new Set<number>()

  for await (const event of events) {
    if (event.type === 'usage') { yield event; continue }
    if (event.type === 'finish') {
      yield* finish(channels, event.choice, options.actionOf)
      ended.add(event.choice)
      yield event
      continue
    }
    if (ended.has(event.choice)) continue
    const key = channelOf(event)
    let channel = channels.get(key)
    if (channel === undefined) {
      channel = { guard: createStreamGuard(options), escapes: event.type === 'tool-call-delta' ? createEscapeReader() : null, toEvent: (text) => withText(event, text) }
      channels.set(key, channel)
    }
    const given = textOf(event)
    const text = channel.guard.push(channel.escapes?.push(given) ?? given)
    if (event.type === 'tool-call-delta' && event.id !== undefined) yield { ...event, id: clean(event.id), name: clean(event.name ?? ''), argumentsText: text }
    else if (text !== '' || isBeginning(event)) yield channel.toEvent(text)
    if (channel.guard.blocked !== undefined) {
      for (const { guard } of channels.values()) yield* noticesOf(guard, options.actionOf)
      yield* blocked(channel.guard.blocked, event.choice)
      return
    }
  }
}

const isBeginning = (event: ModelEvent) => event.type === 'text-delta' && event.text === ''

/** Gives out what a choice still holds back, and says what was changed in it. */
function* finish(channels: Map<string, Channel>, choice: number, actionOf: ActionOf): Iterable<ClearedEvent> {
  for (const [key, { guard, escapes, toEvent }] of channels) {
    if (!key.startsWith(`${choice} `)) continue
    const rest = guard.push(escapes?.end() ?? '') + guard.end()
    if (rest !== '') yield toEvent(rest)
    yield* noticesOf(guard, actionOf)
    channels.delete(key)
  }
}

function* noticesOf(guard: StreamGuard, actionOf: ActionOf): Iterable<ClearedEvent> {
  for (const notice of toNotices(actionOf, { place: 'answer', counts: guard.findings })) yield { type: 'notice', notice }
}

function* blocked(type: DetectorType, choice: number): Iterable<ClearedEvent> {
  yield { type: 'notice', notice: { place: 'answer', type, action: 'block', count: 1 } }
  yield { type: 'finish', choice, reason: 'content-filter' }
}

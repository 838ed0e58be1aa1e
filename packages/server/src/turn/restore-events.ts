import { createRestorer, type PseudonymMap, type Restorer } from '@sallyport/guard'
import { channelOf, textOf, withText, type Piece } from './channels.ts'
import type { ClearedEvent } from './turn.ts'

interface Channel { readonly restorer: Restorer; readonly last: Piece }

/** Puts the owner's values back where the model wrote their stand-ins: in the answer, in reasoning, and, escaped, in tool arguments. */
export const restoreEvents = (map: PseudonymMap, events: AsyncIterable<ClearedEvent>): AsyncIterable<ClearedEvent> =>
  (map.length === 0 ? events : restoring(map, events))

async function* restoring(map: PseudonymMap, events: AsyncIterable<ClearedEvent>): AsyncIterable<ClearedEvent> {
  const channels = new Map<string, Channel>()
  for await (const event of events) {
    if (event.type === 'finish') {
      for (const [key, { restorer, last }] of channels) {
        if (last.choice !== event.choice) continue
        const rest = restorer.end()
        channels.delete(key)
        if (rest !== '') yield withText(last, rest)
      }
    }
    if (event.type === 'usage' || event.type === 'notice' || event.type === 'finish') { yield event; continue }
    const key = channelOf(event)
    const restorer = channels.get(key)?.restorer ?? createRestorer(map, { json: event.type === 'tool-call-delta' })
    channels.set(key, { restorer, last: event })
    const given = textOf(event)
    const text = restorer.push(given)
    if (event.type === 'tool-call-delta' && event.id !== undefined) yield { ...event, argumentsText: text }
    else if (text !== '' || given === '') yield withText(event, text)
  }
}

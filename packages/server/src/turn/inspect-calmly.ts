import { setImmediate } from 'node:timers/promises'
import { inspect, inspectInSlices, type Finding, type InspectOptions } from '@sallyport/guard'

/** So much is inspected in one go, a few milliseconds' work; beyond it others get their turn. */
export const charactersInOneGo = 16_384

/** What `inspect` finds; throws the signal's reason when it is aborted on the way. */
export type CalmInspection = (text: string, options?: InspectOptions) => Promise<readonly Finding[]>

/**
 * Inspects texts of one turn without holding up all others: a longer text is looked at in slices, and the event loop gets a turn between
 * them, as it does after as many characters of shorter texts.
 */
export const createCalmInspection = (signal: AbortSignal): CalmInspection => {
  let sinceTurn = 0
  const giveTurn = async () => {
    await setImmediate()
    signal.throwIfAborted()
    sinceTurn = 0
  }
  return async (text, options = {}) => {
    if (sinceTurn + text.length > charactersInOneGo && sinceTurn > 0) await giveTurn()
    sinceTurn += text.length
    if (text.length <= charactersInOneGo) return inspect(text, options)
    const slices = inspectInSlices(text, options)
    for (;;) {
      const slice = slices.next()
      if (slice.done === true) return slice.value
      await giveTurn()
    }
  }
}

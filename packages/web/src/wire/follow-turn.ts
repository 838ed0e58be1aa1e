import type { TurnEvent, TurnEventName } from '@sallyport/contract'
import { send, type RequestOf } from './call.ts'
import { turnEvents } from './contract.ts'
import { readEvents } from './event-stream.ts'
import { isAbort, PageProblem, problemOf } from './problem.ts'

/** How often a broken stream is taken up again before we say so, and the longest pause between two tries. */
const attempts = 8
const longestPauseMilliseconds = 5_000

const isTurnEventName = (name: string): name is TurnEventName => Object.hasOwn(turnEvents, name)

/** A known, well-formed event; null for anything else: what a stream says beyond the contract does not reach the page. */
export function parseTurnEvent(name: string, data: string): TurnEvent | null {
  if (!isTurnEventName(name)) return null
  try {
    const parsed = turnEvents[name].safeParse(JSON.parse(data))
    return parsed.success ? { name, data: parsed.data } as TurnEvent : null
  } catch {
    return null
  }
}

const isLast = (event: TurnEvent): boolean => event.name === 'turn-end' || event.name === 'problem'
const pause = (milliseconds: number) => new Promise((resolve) => { setTimeout(resolve, milliseconds) })

interface Progress {
  turnId: string | null
  lastEventId: string | null
  done: boolean
}

async function* read(response: Response, progress: Progress): AsyncGenerator<TurnEvent> {
  if (response.body === null) return
  for await (const { name, data, id } of readEvents(response.body)) {
    const event = parseTurnEvent(name, data)
    progress.lastEventId = id ?? progress.lastEventId
    if (event === null) continue
    if (event.name === 'turn-start') progress.turnId = event.data.turnId
    progress.done = isLast(event)
    yield event
    if (progress.done) return
  }
}

async function* resumeWhileBroken(progress: Progress, signal: AbortSignal): AsyncGenerator<TurnEvent> {
  for (let failed = 0; !progress.done && !signal.aborted;) {
    if (progress.turnId === null) throw problemOf(new TypeError('The stream ended before the turn began'))
    const before = progress.lastEventId
    try {
      const response = await send('resumeTurn', { params: { turnId: progress.turnId } }, { signal, accept: 'text/event-stream', lastEventId: before })
      yield* read(response, progress)
    } catch (error) {
      if (isAbort(error)) return
      if (error instanceof PageProblem) throw error
    }
    if (progress.done) return
    failed = progress.lastEventId === before ? failed + 1 : 0
    if (failed >= attempts) throw problemOf(new TypeError('The stream stays broken'))
    await pause(Math.min(250 * 2 ** failed, longestPauseMilliseconds))
  }
}

/** Asks, and gives the turn's events to the last one, through lost connections. Ends silently when `signal` aborts. */
export async function* askTurn(request: RequestOf<'createTurn'>, signal: AbortSignal): AsyncGenerator<TurnEvent> {
  const progress: Progress = { turnId: null, lastEventId: null, done: false }
  try {
    yield* read(await send('createTurn', request, { signal, accept: 'text/event-stream' }), progress)
  } catch (error) {
    if (isAbort(error)) return
    if (error instanceof PageProblem || progress.turnId === null) throw problemOf(error)
  }
  yield* resumeWhileBroken(progress, signal)
}

/** Gives the events of a turn that began earlier, from its first one. */
export async function* rejoinTurn(turnId: string, signal: AbortSignal): AsyncGenerator<TurnEvent> {
  yield* resumeWhileBroken({ turnId, lastEventId: null, done: false }, signal)
}

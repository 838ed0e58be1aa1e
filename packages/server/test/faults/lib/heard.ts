import { Problem, turnEvents, type TurnStatus } from '@sallyport/contract'
import { call, createFrameReader, open, textOf, type Frame, type Target } from './wire.ts'

/** What a reader was told of one turn, however often it had to come back. */
export interface Heard {
  readonly conversationId: string
  readonly question: string
  turnId: string | null
  questionId: string | null
  answerId: string | null
  text: string
  lastId: string | null
  /** Set by `turn-end`: from then on the answer is acknowledged. */
  end: { readonly status: TurnStatus; readonly text: string | null } | null
  problem: Problem | null
  /** Whether events came in an order, or in a number, that nobody promised. */
  readonly oddities: string[]
}

export const newHeard = (conversationId: string, question: string): Heard =>
  ({ conversationId, question, turnId: null, questionId: null, answerId: null, text: '', lastId: null, end: null, problem: null, oddities: [] })

/** Takes one event into account, as a page would. */
export function hear(heard: Heard, { id, name, data }: Frame): void {
  if (heard.end !== null) heard.oddities.push(`${name} after turn-end`)
  if (id !== null) heard.lastId = id
  const value: unknown = JSON.parse(data)
  switch (name) {
    case 'turn-start': {
      const { turnId, question, answerId } = turnEvents['turn-start'].parse(value)
      if (heard.turnId !== null) heard.oddities.push('a second turn-start')
      heard.turnId = turnId
      heard.questionId = question?.id ?? null
      heard.answerId = answerId
      if (question !== null && question.text !== heard.question) heard.oddities.push('a question of other words')
      return
    }
    case 'text-delta': heard.text += turnEvents['text-delta'].parse(value).text; return
    case 'turn-end': {
      const { status, answer } = turnEvents['turn-end'].parse(value)
      heard.end = { status, text: answer?.text ?? null }
      return
    }
    case 'problem': heard.problem = Problem.parse(value); return
    case 'passages-found': case 'notice-added': case 'reasoning-delta': return
    default: heard.oddities.push(`an event "${name}"`)
  }
}

/** How a reading ended: by the server, by our own cut, with a refusal instead of a stream, or because the connection broke. */
export type Reading = 'ended' | 'cut' | 'refused' | 'broken'

export interface ReadOptions {
  readonly target: Target
  readonly model?: string
  /** Lets go of the connection after so many bytes of the body, in the middle of whatever is there. */
  readonly cutAfterBytes?: number
  readonly signal?: AbortSignal
  readonly onFrame?: (frame: Frame) => void
}

/** Asks, and listens until the stream ends or is cut. */
export const ask = (heard: Heard, options: ReadOptions): Promise<Reading> =>
  read(heard, options, { line: `POST /api/v1/conversations/${heard.conversationId}/turns`, body: { text: heard.question, ...(options.model !== undefined && { model: options.model }) }, lastId: null })

/** Comes back to a turn from the last event that was heard. */
export const resume = (heard: Heard, options: ReadOptions): Promise<Reading> => {
  if (heard.turnId === null && heard.lastId === null) throw new Error('A turn of which nothing was heard cannot be found again.')
  return read(heard, options, { line: `GET /api/v1/turns/${heard.turnId ?? heard.lastId?.split(':')[0] ?? ''}/events`, lastId: heard.lastId })
}

interface Request { readonly line: string; readonly body?: unknown; readonly lastId: string | null }

async function read(heard: Heard, { target, cutAfterBytes = Number.POSITIVE_INFINITY, signal, onFrame }: ReadOptions, { line, body, lastId }: Request): Promise<Reading> {
  let bytes = 0
  try {
    const response = await open(target, line, {
      headers: { accept: 'text/event-stream', ...(lastId !== null && { 'last-event-id': lastId }) },
      ...(body !== undefined && { body }), ...(signal !== undefined && { signal }),
    })
    if (response.statusCode !== 200) {
      heard.problem = Problem.parse(JSON.parse(await textOf(response)))
      return 'refused'
    }
    const frames = createFrameReader()
    for await (const chunk of response as AsyncIterable<Buffer>) {
      const kept = chunk.subarray(0, Math.max(0, cutAfterBytes - bytes))
      bytes += kept.byteLength
      for (const frame of frames.feed(kept)) {
        hear(heard, frame)
        onFrame?.(frame)
      }
      if (bytes >= cutAfterBytes) {
        response.destroy()
        return 'cut'
      }
    }
    return 'ended'
  } catch {
    return 'broken'
  }
}

/** Stops a turn. */
export const stopTurn = (target: Target, turnId: string) => call(target, `POST /api/v1/turns/${turnId}/stop`)

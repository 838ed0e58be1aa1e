import type { Caller } from '../kernel/handler.ts'
import { isRevoked, type Revoked } from '../kernel/revocations.ts'
import type { Scope } from '../kernel/scope.ts'
import type { TurnOutput } from './turn.ts'

/** How a turn ended for its readers: normally, or with what was thrown. */
type Ended = { readonly error: unknown } | null

interface LiveTurn {
  readonly accountId: string
  /** Who asked. */
  readonly caller: Pick<Caller, 'scope' | 'credential' | 'sessionId'>
  readonly outputs: TurnOutput[]
  readonly stop: AbortController
  ended: Ended | undefined
  readonly waiting: Set<() => void>
}

export class TurnStopped extends Error {
  override readonly name = 'TurnStopped'
}

/** How long an ended turn stays readable from memory; afterwards it is read from the store. */
const KEPT_MILLISECONDS = 30_000
/** Deltas that join the last one, so that a turn's memory grows with its text and not with its chunks. */
const JOINED_CHARACTERS = 200

/**
 * The turns that are running in this process. A turn runs to its end whether or not anybody listens (CHT-6); readers come and go, each
 * from wherever it was. Only its owner finds it, and only *stop* ends it early.
 */
export function createLiveTurns() {
  const turns = new Map<string, LiveTurn>()

  const pump = async (id: string, turn: LiveTurn, run: AsyncIterable<TurnOutput>) => {
    try {
      for await (const output of run) {
        join(turn.outputs, output)
        wake(turn)
      }
      turn.ended = null
    } catch (error) {
      turn.ended = { error }
    }
    wake(turn)
    setTimeout(() => turns.delete(id), KEPT_MILLISECONDS).unref()
  }
  return {
    /** Starts a turn and returns at once. `run` gets the signal of *stop*. */
    start(id: string, caller: LiveTurn['caller'], run: (signal: AbortSignal) => AsyncIterable<TurnOutput>): void {
      const turn: LiveTurn = { accountId: caller.scope?.accountId ?? '', caller, outputs: [], stop: new AbortController(), ended: undefined, waiting: new Set() }
      turns.set(id, turn)
      void pump(id, turn, run(turn.stop.signal))
    },
    /** Everything from the beginning, then as it comes. Null when no such turn of this scope is in memory. Throws what the turn threw. */
    read(id: string, scope: Scope, gone: AbortSignal): AsyncIterable<TurnOutput> | null {
      const turn = turns.get(id)
      return turn === undefined || turn.accountId !== scope.accountId ? null : follow(turn, gone)
    },
    /** False when no such turn of this scope is running. */
    stop(id: string, scope: Scope): boolean {
      const turn = turns.get(id)
      if (turn === undefined || turn.accountId !== scope.accountId) return false
      if (turn.ended === undefined) turn.stop.abort(new TurnStopped('The turn was stopped.'))
      return true
    },
    /** Resolves when every running turn has ended. */
    async drain(): Promise<void> {
      const running = [...turns.values()].filter(({ ended }) => ended === undefined)
      await Promise.all(running.map((turn) => new Promise<void>((resolve) => {
        const check = () => { if (turn.ended === undefined) turn.waiting.add(check); else resolve() }
        check()
      })))
    },
    /** Ends what a credential began that was revoked. */
    stopRevoked(revoked: Revoked): void {
      for (const turn of turns.values()) if (turn.ended === undefined && isRevoked(turn.caller, revoked)) turn.stop.abort(new TurnStopped('What let its caller in was revoked.'))
    },
    stopAll(): void {
      for (const turn of turns.values()) if (turn.ended === undefined) turn.stop.abort(new TurnStopped('The server is stopping.'))
    },
  }
}
export type LiveTurns = ReturnType<typeof createLiveTurns>

function wake(turn: LiveTurn): void {
  const waiting = [...turn.waiting]
  turn.waiting.clear()
  for (const resume of waiting) resume()
}

/** Readers count text, not events, so a delta may grow after it was read: see `follow`. */
function join(outputs: TurnOutput[], output: TurnOutput): void {
  const last = outputs.at(-1)
  if (output.type === 'text-delta' && last?.type === 'text-delta' && last.choice === output.choice && last.text.length < JOINED_CHARACTERS) {
    outputs[outputs.length - 1] = { ...last, text: last.text + output.text }
  } else outputs.push(output)
}

async function* follow(turn: LiveTurn, gone: AbortSignal): AsyncIterable<TurnOutput> {
  let index = 0
  let readOfLast = 0
  while (!gone.aborted) {
    const output = turn.outputs[index]
    if (output?.type === 'text-delta') {
      const fresh = output.text.slice(readOfLast)
      readOfLast = output.text.length
      if (fresh !== '') { yield { ...output, text: fresh }; continue }
      if (index < turn.outputs.length - 1) { index += 1; readOfLast = 0; continue }
    } else if (output !== undefined) {
      index += 1
      readOfLast = 0
      yield output
      continue
    }
    if (turn.ended !== undefined) {
      if (turn.ended !== null) throw turn.ended.error
      return
    }
    await somethingNew(turn, gone)
  }
}

const somethingNew = (turn: LiveTurn, gone: AbortSignal) => new Promise<void>((resolve) => {
  const resume = () => { turn.waiting.delete(resume); gone.removeEventListener('abort', resume); resolve() }
  turn.waiting.add(resume)
  gone.addEventListener('abort', resume)
})

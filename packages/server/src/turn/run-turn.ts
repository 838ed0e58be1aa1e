import type { Admitted, ClearedEvents, Grounded, Identified, RawEvents, Received, Screened, TurnOutput } from './turn.ts'

/** The stages, each a file in `stages/`. Their types fit together in one order only. */
export interface TurnStages {
  identify(turn: Received): Promise<Identified>
  limit(turn: Identified): Promise<Admitted>
  inspectInput(turn: Admitted): Promise<Screened>
  retrieve(turn: Screened): Promise<Grounded>
  complete(turn: Grounded): RawEvents
  inspectOutput(turn: Grounded, events: RawEvents): ClearedEvents
  record(turn: Grounded, events: ClearedEvents): AsyncIterable<TurnOutput>
}

/**
 * A chat turn, from every entrance. The last three stages are streams and lazy: `record` makes the question durable before it pulls
 * the first event, so no model is called for a question that could be lost. Throws `ProblemError`.
 */
export async function* runTurn(stages: TurnStages, received: Received): AsyncGenerator<TurnOutput, void, undefined> {
  const identified = await stages.identify(received)
  const admitted = await stages.limit(identified)
  using _lease = admitted.lease
  const screened = await stages.inspectInput(admitted)
  const grounded = await stages.retrieve(screened)
  const raw = stages.complete(grounded)
  const clear = stages.inspectOutput(grounded, raw)
  yield* stages.record(grounded, clear)
}

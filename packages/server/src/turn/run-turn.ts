import type { Admitted, ClearedEvents, Grounded, Identified, Prepared, RawEvents, Received, Screened, TurnOutput } from './turn.ts'

/** The stages, each a file in `stages/`. Their types fit together in one order only. */
export interface TurnStages {
  identify(turn: Received): Promise<Identified>
  limit(turn: Identified): Promise<Admitted>
  inspectInput(turn: Admitted): Promise<Screened>
  retrieve(turn: Screened): Promise<Grounded>
  recall(turn: Grounded): Promise<Prepared>
  complete(turn: Prepared): RawEvents
  inspectOutput(turn: Prepared, events: RawEvents): ClearedEvents
  record(turn: Prepared, events: ClearedEvents): AsyncIterable<TurnOutput>
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
  const prepared = await stages.recall(grounded)
  const raw = stages.complete(prepared)
  const clear = stages.inspectOutput(prepared, raw)
  yield* stages.record(prepared, clear)
}

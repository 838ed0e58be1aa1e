import type { Database } from '../database/database.ts'
import type { Admitted, ClearedEvents, Grounded, Identified, Prepared, RawEvents, Received, Screened } from './turn.ts'
import type { TurnStages } from './run-turn.ts'

// What must not compile: a turn that skips a stage, a stream that was not looked at, a scope or a mark made by hand. `npm run check`
// compiles this file, and an expectation that no longer fails is an error itself. Nothing here is ever run.

declare const stages: TurnStages
declare const received: Received
declare const identified: Identified
declare const admitted: Admitted
declare const screened: Screened
declare const grounded: Grounded
declare const prepared: Prepared
declare const raw: RawEvents
declare const cleared: ClearedEvents

/** The one order that compiles. */
export const inOrder = async () => {
  const one: Identified = await stages.identify(received)
  const two: Admitted = await stages.limit(one)
  const three: Screened = await stages.inspectInput(two)
  const four: Grounded = await stages.retrieve(three)
  const five: Prepared = await stages.recall(four)
  return stages.record(five, stages.inspectOutput(five, stages.complete(five)))
}

export const skipped = () => [
  // @ts-expect-error A turn that nobody identified is not limited.
  stages.limit(received),
  // @ts-expect-error Nor inspected.
  stages.inspectInput(received),
  // @ts-expect-error A turn without a lease is not inspected.
  stages.inspectInput(identified),
  // @ts-expect-error A question that was not inspected finds no passages.
  stages.retrieve(received),
  // @ts-expect-error Not after identify alone.
  stages.retrieve(identified),
  // @ts-expect-error Nor after limit.
  stages.retrieve(admitted),
  // @ts-expect-error The model sees nothing that was only received.
  stages.complete(received),
  // @ts-expect-error Nor what was only identified.
  stages.complete(identified),
  // @ts-expect-error Nor what was only admitted: its text was not inspected.
  stages.complete(admitted),
  // @ts-expect-error Nor what was screened and has no passages, instructions and canary yet.
  stages.complete(screened),
  // @ts-expect-error Nor what did not look for a kept answer.
  stages.complete(grounded),
  // @ts-expect-error A kept answer is looked for only where the question was inspected and grounded.
  stages.recall(screened),
  // @ts-expect-error Output is inspected against the turn that was grounded, because that one knows the canary.
  stages.inspectOutput(screened, raw),
  // @ts-expect-error What the model says is not recorded, and so not shown, before it was looked at.
  stages.record(prepared, raw),
  // @ts-expect-error Nothing is recorded for a turn that was not grounded.
  stages.record(screened, cleared),
]

export const forged = () => {
  // @ts-expect-error A turn with the right fields and without the mark has not passed.
  const withoutMark: Screened = { ...admitted, notices: [], question: 'x' }
  // @ts-expect-error A mark of an earlier stage does not do.
  const earlier: Grounded = { ...screened, passages: [], citations: [], canary: null }
  // @ts-expect-error A stream is cleared by the output guard alone.
  const stream: ClearedEvents = raw
  // @ts-expect-error A scope is opened from a checked credential, not written down.
  const scope: Identified['scope'] = { accountId: 'acc_1' }
  return [withoutMark, earlier, stream, scope]
}

declare const database: Database
export const stores = async (conversations: import('../domains/conversations/index.ts').Conversations) => {
  // @ts-expect-error No store without a scope.
  await conversations.open()
  // @ts-expect-error Nor with the id of an account in its place.
  await conversations.open('acc_1')
  // @ts-expect-error What is written is a list of steps, never a bare statement.
  await database.write('delete from account')
}

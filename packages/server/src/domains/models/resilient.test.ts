import { describe, expect, test } from 'vitest'
import { systemClock } from '../../kernel/clock.ts'
import { ProviderFailure, type ModelEvent, type ModelProvider, type ModelRequest, type ProviderFailureKind } from '../../ports/model-provider.ts'
import { resilient } from './resilient.ts'

const request: ModelRequest = { model: 'm', messages: [], tools: [], toolChoice: 'auto', options: {}, choices: 1, streamed: true, passages: [], correlationId: 'test' }
const said: ModelEvent = { type: 'text-delta', choice: 0, text: 'Yes.' }
const deps = { clock: systemClock, onImplausible: () => undefined }
const rules = { breakerFailures: 3, breakerSeconds: 10, callsAtOnce: 2 }

/** A provider that plays one act for each call, and the last one again. */
function playing(...acts: readonly ((signal: AbortSignal) => AsyncIterable<ModelEvent>)[]) {
  let calls = 0
  const provider: ModelProvider = {
    stream(_request, signal) {
      const act = acts[Math.min(calls, acts.length - 1)]
      calls += 1
      if (act === undefined) throw new Error('There is no act.')
      return act(signal)
    },
    listModels: () => Promise.resolve([]),
  }
  return { provider, calls: () => calls }
}
const well = async function* () { yield await Promise.resolve(said) }
const failing = (kind: ProviderFailureKind, retryAfterSeconds?: number) => async function* (): AsyncGenerator<ModelEvent> {
  await Promise.reject(new ProviderFailure(kind, kind, retryAfterSeconds === undefined ? {} : { retryAfterSeconds }))
  yield said
}
const midway = async function* (): AsyncGenerator<ModelEvent> {
  yield said
  await Promise.reject(new ProviderFailure('unavailable', 'midway'))
}
const never = () => new AbortController().signal
const read = async (events: AsyncIterable<ModelEvent>) => {
  const got: ModelEvent[] = []
  try {
    for await (const event of events) got.push(event)
    return { got: got.length, failure: null }
  } catch (error) {
    return { got: got.length, failure: error instanceof ProviderFailure ? error.kind : error instanceof Error ? error.name : 'unknown' }
  }
}

describe('asking again', () => {
  test.each([
    ['what is over in a moment is asked again', [failing('unavailable'), failing('rate-limited'), well], { got: 1, failure: null, calls: 3 }],
    ['three tries at most', [failing('unavailable')], { got: 0, failure: 'unavailable', calls: 3 }],
    ['nothing after the first event', [midway, well], { got: 1, failure: 'unavailable', calls: 1 }],
    ['not a time-out, which has taken its time', [failing('timeout'), well], { got: 0, failure: 'timeout', calls: 1 }],
    ['not a refused key', [failing('rejected-credential'), well], { got: 0, failure: 'rejected-credential', calls: 1 }],
    ['not who asks for more patience than there is', [failing('rate-limited', 7), well], { got: 0, failure: 'rate-limited', calls: 1 }],
  ] as const)('%s', async (_name, acts, { calls, ...expected }) => {
    const play = playing(...acts)
    expect(await read(resilient(play.provider, rules, deps).stream(request, never()))).toEqual(expected)
    expect(play.calls()).toBe(calls)
  })

  test('whoever stops the turn does not wait for the next try', async () => {
    const play = playing(failing('unavailable'))
    const stop = new AbortController()
    const reading = read(resilient(play.provider, rules, deps).stream(request, stop.signal))
    stop.abort(new DOMException('stopped', 'AbortError'))
    expect(await reading).toEqual({ got: 0, failure: 'AbortError' })
    expect(play.calls()).toBeLessThanOrEqual(1)
  })
})

describe('leaving alone', () => {
  test('after failures in a row nothing reaches it, and the refusal says when to come back', async () => {
    const play = playing(failing('timeout'))
    const provider = resilient(play.provider, rules, deps)
    for (let turn = 0; turn < 5; turn += 1) await read(provider.stream(request, never()))
    expect([play.calls(), provider.health()]).toMatchObject([3, { breaker: 'open', running: 0, retryAfterSeconds: 10 }])
  })

  test('answers that break off again and again are an illness too', async () => {
    const provider = resilient(playing(midway).provider, rules, deps)
    for (let turn = 0; turn < 3; turn += 1) expect(await read(provider.stream(request, never()))).toEqual({ got: 1, failure: 'unavailable' })
    expect(provider.health()).toMatchObject({ breaker: 'open' })
  })

  test('a refusal is no illness, and neither is a reader who goes away', async () => {
    const refusing = resilient(playing(failing('rejected-credential')).provider, rules, deps)
    for (let turn = 0; turn < 5; turn += 1) await read(refusing.stream(request, never()))
    expect(refusing.health()).toMatchObject({ breaker: 'closed', failures: 0 })
    const left = resilient(playing(well).provider, rules, deps)
    for await (const event of left.stream(request, never())) { expect(event).toBe(said); break }
    expect(left.health()).toMatchObject({ breaker: 'closed', running: 0 })
  })

  test('no more than so many calls at once, and each place is free again', async () => {
    const hanging = (signal: AbortSignal): AsyncIterable<ModelEvent> => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise((_resolve, reject) => { signal.addEventListener('abort', () => { reject(signal.reason as Error) }) }) }) })
    const provider = resilient(playing(hanging).provider, rules, deps)
    const stop = new AbortController()
    const waiting = [read(provider.stream(request, stop.signal)), read(provider.stream(request, stop.signal))]
    expect(await read(provider.stream(request, never()))).toEqual({ got: 0, failure: 'busy' })
    stop.abort(new DOMException('stopped', 'AbortError'))
    await Promise.all(waiting)
    expect(provider.health()).toMatchObject({ running: 0, breaker: 'closed' })
  })
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createGuardPolicies } from '../../policy/guard-policies.ts'
import type { ModelEvent } from '../../ports/model-provider.ts'
import { channelOf, textOf, type Piece } from '../channels.ts'
import { passed } from '../passed.ts'
import type { ClearedEvent, Prepared } from '../turn.ts'
import { inspectOutput } from './inspect-output.ts'

/** Put together here, so that the source holds no key. */
const KEY = ['AKIA', 'Q3EGRZ5XJH7LN2PW'].join('')
const STAND_IN = 'avery.bbb@example.com'
const VALUE = 'ada@engine.example.org'
const pieces = ['Plain words. ', `the key ${KEY} `, 'write to nora.lind@example.org ', `or to ${STAND_IN}, `, 'card 4111 1111 1111 1111 ', 'Grüße 日本 🙂 ', 'Dr. Oyelaran ', '{"a":"', '\\u0041', '\\"', '"}', '.', ' ', '@', '4111 1111']
const textArbitrary = fc.array(fc.constantFrom(...pieces), { maxLength: 6 }).map((parts) => parts.join(''))

type Given = Readonly<Record<string, string>>
/** What each channel of two choices says: an answer, its reasoning, the arguments of two tool calls. */
const givenArbitrary: fc.Arbitrary<Given> = fc.record(Object.fromEntries([0, 1].flatMap((choice) => [`${choice} text-delta`, `${choice} reasoning-delta`, `${choice} tool 0`, `${choice} tool 1`]).map((channel) => [channel, textArbitrary])))

function pieceOf(channel: string, text: string, isFirst: boolean): Piece {
  const [choice = '', kind = '', index = ''] = channel.split(' ')
  if (kind === 'text-delta' || kind === 'reasoning-delta') return { type: kind, choice: Number(choice), text }
  return { type: 'tool-call-delta', choice: Number(choice), index: Number(index), argumentsText: text, ...(isFirst && { id: `call_${index}`, name: 'send' }) }
}

/** Cuts every channel's text and shuffles the channels among one another; the pieces of one channel stay in order. */
function* eventsOf(given: Given, cuts: readonly number[], order: readonly number[]): Iterable<ModelEvent> {
  const queues = Object.entries(given).map(([channel, text], number) => {
    const places = [...new Set(cuts.map((cut) => (cut * (number + 1)) % (text.length + 1)))].toSorted((one, other) => one - other)
    return { channel, texts: [0, ...places].map((start, index) => text.slice(start, places[index] ?? text.length)), next: 0 }
  })
  for (let turn = 0; queues.length > 0; turn += 1) {
    const at = (order[turn % Math.max(1, order.length)] ?? 0) % queues.length
    const queue = queues[at]
    if (queue === undefined) return
    yield pieceOf(queue.channel, queue.texts[queue.next] ?? '', queue.next === 0)
    queue.next += 1
    if (queue.next >= queue.texts.length) queues.splice(at, 1)
  }
  for (const choice of [0, 1]) yield { type: 'finish', choice, reason: 'stop' }
}

const guardFor = createGuardPolicies({ preset: 'personal', recognisers: ['person', 'postal-address'], models: { 'far/*': { stricter: { person: { model: 'mask' } } } } })
/** Only what the stage reads of a turn; the mark of the stages before it is put on for the test. */
const turn = passed<Prepared>({
  chosen: { id: 'far/model', vendorModel: 'model', capabilities: { tools: true, choices: true, grounding: false, thirdParty: true } }, canary: 'canaryword7f3a9c', signal: new AbortController().signal,
  pseudonyms: [{ type: 'email', original: VALUE, standIn: STAND_IN }], messages: [{ role: 'tool', toolCallId: 'call_0', text: 'from outside' }], passages: [],
} as unknown as Parameters<typeof passed<Prepared>>[0])

async function* stream(events: Iterable<ModelEvent>): AsyncIterable<ModelEvent> { for (const event of events) yield await Promise.resolve(event) }

interface Shown { readonly texts: Readonly<Record<string, string>>; readonly notices: readonly string[]; readonly calls: number }
async function shown(events: Iterable<ModelEvent>): Promise<Shown> {
  const texts: Record<string, string> = {}
  const notices: string[] = []
  let calls = 0
  const cleared: AsyncIterable<ClearedEvent> = inspectOutput({ moderators: { local: [], remote: [] }, guardFor })(turn, stream(events))
  for await (const event of cleared) {
    if (event.type === 'notice') notices.push(JSON.stringify(event.notice))
    if (event.type === 'notice' || event.type === 'usage' || event.type === 'finish') continue
    if ('needsApproval' in event) calls += 1
    texts[channelOf(event)] = (texts[channelOf(event)] ?? '') + textOf(event)
  }
  return { texts, notices: notices.toSorted(), calls }
}

describe('an answer of two choices, with reasoning and two tool calls each', () => {
  test('is the same however it was cut and its channels were mixed', async () => {
    await fc.assert(fc.asyncProperty(givenArbitrary, fc.array(fc.nat(80), { maxLength: 8 }), fc.array(fc.nat(7), { minLength: 1, maxLength: 9 }), async (given, cuts, order) => {
      const whole = await shown(eventsOf(given, [], [0]))
      expect(await shown(eventsOf(given, cuts, order))).toEqual(whole)
      expect(whole.calls).toBe(4)
    }), { numRuns: 300 })
  }, 60_000)

  test('shows in no channel what is masked, character by character, and gives the owner\'s value back in all', async () => {
    const said = `The key ${KEY} of Dr. Oyelaran and ${STAND_IN} is here.`
    const channels = ['0 text-delta', '0 reasoning-delta', '0 tool 0', '1 text-delta', '1 tool 1']
    const { texts } = await shown(eventsOf(Object.fromEntries(channels.map((channel) => [channel, said])), Array.from({ length: said.length }, (_, at) => at), [0, 1, 2, 3, 4]))
    for (const channel of channels) expect(texts[channel], channel).toBe(`The key [SECRET] of [PERSON] and ${VALUE} is here.`)
  })
})

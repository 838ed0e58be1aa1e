import { expect, test } from 'vitest'
import { readEvents, type StreamEvent } from './event-stream.ts'

const bytes = new TextEncoder()
async function read(chunks: readonly Uint8Array<ArrayBuffer>[]): Promise<readonly StreamEvent[]> {
  const events: StreamEvent[] = []
  for await (const event of readEvents(new ReadableStream({ start(controller) { for (const chunk of chunks) controller.enqueue(chunk); controller.close() } }))) events.push(event)
  return events
}
const text = 'id: trn_1:1\nevent: text-delta\ndata: {"text":"Grüße 🏰"}\n\n: a comment\r\ndata: one\r\ndata:two\r\n\r\nid: trn_1:3\rdata: three\r\rdata: cut off'
const expected = [
  { name: 'text-delta', data: '{"text":"Grüße 🏰"}', id: 'trn_1:1' },
  { name: 'message', data: 'one\ntwo', id: 'trn_1:1' },
  { name: 'message', data: 'three', id: 'trn_1:3' },
]

test('events are the same whole and cut at every byte', async () => {
  const whole = bytes.encode(text)
  expect(await read([whole])).toEqual(expected)
  for (let cut = 0; cut <= whole.length; cut += 1) expect(await read([whole.slice(0, cut), whole.slice(cut)])).toEqual(expected)
  expect(await read([...whole].map((byte) => Uint8Array.of(byte)))).toEqual(expected)
})

test('an event that the end cuts off is dropped', async () => {
  expect(await read([bytes.encode('data: one\n\ndata: two\n')])).toHaveLength(1)
})

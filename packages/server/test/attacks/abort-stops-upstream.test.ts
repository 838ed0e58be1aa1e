import { once } from 'node:events'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'
import { eventsIn, readEvents } from '../../src/testing/http-client.ts'
import type { VendorServer } from '../../src/testing/vendor-server.ts'

let server: TestServer
let owner: Person
let vendor: VendorServer
let pace = 10
beforeAll(async () => {
  server = await openTestServer()
  owner = await server.setUpOwner()
  vendor = await server.addVendor(owner, 'openai', { script: () => ({ text: Array.from({ length: 300 }, (_, index) => `word ${index} `) }), get paceMilliseconds() { return pace } })
})
afterAll(async () => { await server[Symbol.asyncDispose]() })

const WITHIN = { timeout: 1_000, interval: 5 }
const upstreamIsClosed = () => vi.waitFor(() => { expect(vendor.open().answers).toBe(0) }, WITHIN)
const gateway = (stream: boolean) => server.begin('POST', '/v1/chat/completions', { headers: { authorization: `Bearer ${owner.key}` }, body: { model: 'openai/model-a', stream, messages: [{ role: 'user', content: 'Count.' }] } })
const usageRows = async () => (await server.sallyport.database.read.selectFrom('turn').select(['status', 'entrance']).orderBy('id', 'desc').execute())
const auditRows = async () => (await server.sallyport.database.read.selectFrom('audit_entry').select('detail').where('action', '=', 'turn-ended').execute()).length

test('a gateway client that leaves its stream stops the vendor within a second, and the turn is on record', async () => {
  const [rows, audits, left] = [(await usageRows()).length, await auditRows(), vendor.left()]
  const call = gateway(true)
  const response = await call.response
  response.on('error', () => undefined)
  await once(response, 'data')
  expect(vendor.open().answers).toBe(1)
  call.leave()
  await upstreamIsClosed()
  expect(vendor.left()).toBe(left + 1)
  await vi.waitFor(async () => { expect(await usageRows()).toHaveLength(rows + 1) }, WITHIN)
  expect((await usageRows())[0]).toEqual({ status: 'stopped', entrance: 'gateway' })
  expect(await auditRows()).toBe(audits + 1)
})

test('also one that leaves in the middle of a flood', async () => {
  pace = 0
  const rows = (await usageRows()).length
  for (let time = 0; time < 10; time += 1) {
    const call = gateway(true)
    const response = await call.response
    response.on('error', () => undefined)
    await once(response, 'data')
    call.leave()
  }
  await upstreamIsClosed()
  pace = 10
  await vi.waitFor(async () => { expect(await usageRows()).toHaveLength(rows + 10) }, WITHIN)
})

test('a gateway client that leaves before its whole answer stops the vendor within a second', async () => {
  // A vendor's whole answer is written at once, so one that keeps it back is needed.
  const slow = await server.addVendor(owner, 'openai-compatible', { firstByteMilliseconds: 5_000 })
  const call = server.begin('POST', '/v1/chat/completions', { headers: { authorization: `Bearer ${owner.key}` }, body: { model: 'openai-compatible/model-a', messages: [{ role: 'user', content: 'Count.' }] } })
  const asked = slow.requests.length
  await vi.waitFor(() => { expect(slow.requests.length).toBe(asked + 1) })
  call.leave()
  await vi.waitFor(() => { expect(slow.open().answers).toBe(0) }, WITHIN)
})

test.each([true, false])('a client that leaves a chat that is kept nowhere stops the vendor within a second (streamed: %s)', async (streams) => {
  const [rows, left] = [(await usageRows()).length, vendor.left()]
  const call = server.begin('POST', '/api/v1/chat', { headers: { authorization: `Bearer ${owner.key}`, ...(streams && { accept: 'text/event-stream' }) }, body: { text: 'Count.', model: 'openai/model-a' } })
  call.response.catch(() => undefined)
  await vi.waitFor(() => { expect(vendor.open().answers).toBe(1) })
  if (streams) (await call.response).on('error', () => undefined)
  call.leave()
  await upstreamIsClosed()
  expect(vendor.left()).toBe(left + 1)
  await vi.waitFor(async () => { expect(await usageRows()).toHaveLength(rows + 1) }, WITHIN)
  expect((await usageRows())[0]).toEqual({ status: 'stopped', entrance: 'chat' })
})

test('stop ends a turn of the page within a second, upstream too; what was shown is kept', async () => {
  const conversation = await owner.newConversation()
  const call = server.begin('POST', `/api/v1/conversations/${conversation}/turns`, { headers: { cookie: owner.cookie, origin: server.url, accept: 'text/event-stream' }, body: { text: 'Count.', model: 'openai/model-a' } })
  let shown = ''
  let end: unknown = null
  let turnId = ''
  let isStopped = false
  for await (const { name, data } of readEvents(await call.response)) {
    if (name === 'turn-start') ({ turnId } = data as { turnId: string })
    if (name === 'text-delta') shown += (data as { text: string }).text
    if (name === 'text-delta' && !isStopped) {
      isStopped = true
      expect((await owner.call('POST', `/api/v1/turns/${turnId}/stop`)).status).toBe(204)
      await upstreamIsClosed()
    }
    if (name === 'turn-end') end = data
  }
  expect(end).toMatchObject({ status: 'stopped', answer: { status: 'stopped', text: shown } })
  const { items } = (await owner.call('GET', `/api/v1/conversations/${conversation}/messages`)).json as { items: { text: string; status: string }[] }
  expect(items[1]).toMatchObject({ status: 'stopped', text: shown })
})

test('a page that goes away does not stop its turn: the answer is whole afterwards', async () => {
  pace = 2
  const conversation = await owner.newConversation()
  const call = server.begin('POST', `/api/v1/conversations/${conversation}/turns`, { headers: { cookie: owner.cookie, origin: server.url, accept: 'text/event-stream' }, body: { text: 'Count.', model: 'openai/model-a' } })
  const response = await call.response
  response.on('error', () => undefined)
  await once(response, 'data')
  const left = vendor.left()
  call.leave()
  await vi.waitFor(async () => {
    const { items } = (await owner.call('GET', `/api/v1/conversations/${conversation}/messages`)).json as { items: { text: string; status: string }[] }
    expect(items[1]).toMatchObject({ status: 'complete', text: expect.stringMatching(/^word 0 .*word 299 $/) })
  }, { timeout: 5_000, interval: 100 })
  expect(vendor.left()).toBe(left)
  pace = 10
})

test('a stream that nobody stops is told to its end', async () => {
  const reply = await server.call('POST', '/v1/chat/completions', { headers: { authorization: `Bearer ${owner.key}` }, body: { model: 'openai/model-a', stream: true, messages: [{ role: 'user', content: 'Count.' }] } })
  expect(eventsIn(reply.text).at(-2)?.data).toMatchObject({ choices: [{ finish_reason: 'stop' }] })
  expect(reply.text.endsWith('data: [DONE]\n\n')).toBe(true)
})

import { expect, test } from 'vitest'
import { openTestServer } from '../../src/testing/server.ts'

/** Two questions at the same moment in one conversation: one is answered, the others are told to wait. */
test('of many questions at once in one conversation exactly one is let in, every time', async () => {
  await using server = await openTestServer()
  const owner = await server.setUpOwner()
  // The vendor keeps its answer back, so that the first turn is still running when the last question comes.
  const vendor = await server.addVendor(owner, 'openai', { day: ({ path }) => (path.endsWith('/models') ? null : 'hang') })
  for (let round = 0; round < 4; round += 1) {
    server.clock.advance(60_000)
    const conversation = await owner.newConversation()
    const asked = vendor.requests.length
    const statuses: number[] = []
    const calls = Array.from({ length: 20 }, async (_, index) => {
      const reply = await owner.call('POST', `/api/v1/conversations/${conversation}/turns`, { text: `Question ${index}`, model: 'openai/model-a' })
      statuses.push(reply.status)
      return reply
    })
    await expect.poll(() => statuses.length, { timeout: 10_000 }).toBe(19)
    expect(statuses).toEqual(Array<number>(19).fill(409))
    const running = await server.sallyport.database.read.selectFrom('turn').select('id').where('status', '=', 'running').execute()
    expect(running).toHaveLength(1)
    expect((await owner.call('POST', `/api/v1/turns/${running[0]?.id ?? ''}/stop`)).status).toBe(204)
    const replies = await Promise.all(calls)
    expect(replies.find(({ status }) => status === 200)?.json).toMatchObject({ answer: { status: 'stopped' } })
    expect(replies.find(({ status }) => status === 409)?.json).toMatchObject({ code: 'conflict', detail: expect.stringContaining('Wait') })
    expect(vendor.requests.length - asked).toBe(1)
    const { items } = (await owner.call('GET', `/api/v1/conversations/${conversation}/messages`)).json as { items: { role: string; status: string }[] }
    expect(items.map(({ role, status }) => `${role} ${status}`)).toEqual(['user complete', 'assistant stopped'])
  }
})

test('the same questions one after the other are all let in', async () => {
  await using server = await openTestServer()
  const owner = await server.setUpOwner()
  const conversation = await owner.newConversation()
  for (let index = 0; index < 3; index += 1) {
    expect((await owner.call('POST', `/api/v1/conversations/${conversation}/turns`, { text: `Question ${index}` })).status).toBe(200)
  }
})

test('a conversation that is deleted while a question comes in is not found, and nothing is asked', async () => {
  await using server = await openTestServer()
  const owner = await server.setUpOwner()
  await server.addVendor(owner, 'openai')
  for (let round = 0; round < 10; round += 1) {
    server.clock.advance(60_000)
    const conversation = await owner.newConversation()
    const [asked, deleted] = await Promise.all([
      owner.call('POST', `/api/v1/conversations/${conversation}/turns`, { text: 'Still there?', model: 'openai/model-a' }),
      owner.call('DELETE', `/api/v1/conversations/${conversation}`),
    ])
    expect(deleted.status).toBe(204)
    expect([200, 404]).toContain(asked.status)
    expect(await server.sallyport.database.read.selectFrom('message').select('id').execute()).toEqual([])
  }
})

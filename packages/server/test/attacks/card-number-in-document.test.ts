import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'

const CARD = '4111 1111 1111 1111'
const SSN = '536-22-1847'
const ID = '2471-0990-3358'

let server: TestServer
let owner: Person
beforeAll(async () => {
  server = await openTestServer()
  owner = await server.setUpOwner()
})
afterAll(async () => { await server[Symbol.asyncDispose]() })

test('a card and a social security number in a document are neither stored nor shown, and who adds it is told', async () => {
  const text = `# Travel desk\n\nPay the harbour hotel with the card ${CARD}.\n\nHer social security number is ${SSN}. The order number of the lamps is ${ID}.`
  const added = await owner.call('POST', '/api/v1/documents', { title: `Desk ${CARD}`, text, mediaType: 'text/markdown', collection: 'mine' })
  expect(added.status).toBe(200)
  expect(added.json).toMatchObject({ masked: expect.arrayContaining([{ type: 'payment-card', count: 1 }, { type: 'us-ssn', count: 1 }]) })
  const chat = await owner.call('POST', '/api/v1/chat', { text: 'How is the harbour hotel paid, and what is the order number of the lamps?', knowledge: true })
  const { citations } = chat.json as { citations: readonly { readonly passageId: string }[] }
  expect(citations.length).toBeGreaterThan(0)
  const passage = await owner.call('GET', `/api/v1/passages/${citations[0]?.passageId ?? ''}`)
  const seen = `${added.text}${(await owner.call('GET', '/api/v1/documents')).text}${chat.text}${passage.text}`
  for (const planted of [CARD, SSN]) expect(seen).not.toContain(planted)
  // What is no such number stays: the search has not gone blind.
  expect(passage.text).toContain(ID)
})

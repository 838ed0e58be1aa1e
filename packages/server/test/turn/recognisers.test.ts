import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'
import type { VendorServer } from '../../src/testing/vendor-server.ts'

const NAME = 'Ingrid Solheim'
const ADDRESS = 'Lindenstraße 12, 10969 Berlin'
const QUESTION = `My name is ${NAME} and I live at ${ADDRESS}. Is that far from the sea?`
const characters = (text: string) => [...text]

/** A server with these settings, and a model that repeats what it was asked, a character at a time. */
async function open(settings: Readonly<Record<string, string>>) {
  const server = await openTestServer({ settings })
  const owner = await server.setUpOwner()
  const vendor = await server.addVendor(owner, 'openai', { script: ({ question }) => ({ text: characters(`${question} Ask Tobias Brandt, Hauptstraße 5, 10115 Berlin.`) }) })
  return { server, owner, vendor }
}
interface Opened { readonly server: TestServer; readonly owner: Person; readonly vendor: VendorServer }
const ask = async ({ owner }: Opened, model = 'openai/model-a') => (await owner.program('POST', '/api/v1/chat', { text: QUESTION, model })).json as { readonly answer: string; readonly notices: readonly { readonly type: string; readonly place: string; readonly action: string }[] }
const noticed = ({ notices }: { readonly notices: readonly { readonly type: string; readonly place: string; readonly action: string }[] }) => notices.map(({ place, type, action }) => `${place} ${type} ${action}`)

let off: Opened
let on: Opened
beforeAll(async () => {
  off = await open({})
  on = await open({ GUARD_RECOGNISERS: 'person,postal-address', GUARD_MODELS: JSON.stringify({ 'openai/model-b': { preset: 'public', stricter: { person: { model: 'mask' } } } }) })
})
afterAll(async () => { await off.server[Symbol.asyncDispose](); await on.server[Symbol.asyncDispose]() })

describe('names and addresses', () => {
  test('pass as they are where nobody switched their recognisers on', async () => {
    const reply = await ask(off)
    expect(off.vendor.requests.at(-1)?.question).toBe(QUESTION)
    expect(reply.notices).toEqual([])
  })

  test('are stand-ins for a model elsewhere, and themselves for their owner; what the model brings itself stays', async () => {
    const reply = await ask(on)
    const asked = on.vendor.requests.at(-1)?.question ?? ''
    expect(asked).toMatch(/^My name is [A-Z][a-z]+ [A-Z][a-z]+ and I live at \d{4} Example Lane\. Is that far/)
    expect(reply.answer).toBe(`${QUESTION} Ask Tobias Brandt, Hauptstraße 5, 10115 Berlin.`)
    expect(noticed(reply)).toEqual(['question person pseudonymise', 'question postal-address pseudonymise', 'answer postal-address warn'])
  })

  test('of a model with another preset and a stricter row are masked, both ways', async () => {
    const reply = await ask(on, 'openai/model-b')
    expect(on.vendor.requests.at(-1)?.question).toBe('My name is [PERSON] and I live at [ADDRESS]. Is that far from the sea?')
    expect(reply.answer).toBe('My name is [PERSON] and I live at [ADDRESS]. Is that far from the sea? Ask [PERSON], [ADDRESS].')
    expect(noticed(reply)).toEqual(['question person mask', 'question postal-address mask', 'answer person mask', 'answer postal-address mask'])
  })

  test('of documents are stand-ins too', async () => {
    await on.owner.call('POST', '/api/v1/documents', { title: 'Wombats', text: `The wombat keeper is Dr. Oyelaran of ${ADDRESS}.`, mediaType: 'text/plain', collection: 'mine' })
    const reply = await on.owner.program('POST', '/api/v1/chat', { text: 'Who keeps the wombats?', model: 'openai/model-a', knowledge: true })
    expect(JSON.stringify(on.vendor.requests.at(-1)?.body)).not.toMatch(/Oyelaran|Lindenstra/)
    expect(noticed(reply.json as Awaited<ReturnType<typeof ask>>)).toContain('passage person pseudonymise')
  })
})

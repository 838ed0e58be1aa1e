import { expect, test } from 'vitest'
import { openTestServer } from '../../src/testing/server.ts'
import type { VendorScript } from '../../src/testing/vendor-script.ts'

const EMAIL = 'ada.lovelace@engine.example.org'
const chars = (text: string) => [...text]
const MODEL = 'openai/model-a'
/** A model that repeats what it was asked, a character at a time. */
const parrot = ({ question }: { readonly question: string }): VendorScript => ({ text: chars(`You said: ${question}`) })

test('a third party sees a stand-in, and its owner reads the value, streamed and whole', async () => {
  await using server = await openTestServer()
  const owner = await server.setUpOwner()
  const vendor = await server.addVendor(owner, 'openai', { script: parrot })
  const conversation = await owner.newConversation()
  const path = `/api/v1/conversations/${conversation}/turns`
  const whole = await owner.call('POST', path, { text: `Write to ${EMAIL} today`, model: MODEL })
  expect((whole.json as { answer: { text: string } }).answer.text).toBe(`You said: Write to ${EMAIL} today`)
  expect(vendor.requests.at(-1)?.question).toMatch(/^Write to [\w.]+@example\.com today$/)
  expect(JSON.stringify(vendor.requests.at(-1)?.body)).not.toContain('ada.lovelace')

  const streamed = await server.call('POST', '/v1/chat/completions', { body: { model: MODEL, stream: true, messages: [{ role: 'user', content: `Write to ${EMAIL} today` }] }, headers: { authorization: `Bearer ${owner.key}` } })
  const shown = [...streamed.text.matchAll(/"content":"((?:[^"\\]|\\.)*)"/g)].map(([, piece]) => piece).join('')
  expect(shown).toBe(`You said: Write to ${EMAIL} today`)
})

test('one value has one stand-in for the whole conversation, after a restart too', async () => {
  await using server = await openTestServer()
  const owner = await server.setUpOwner()
  const vendor = await server.addVendor(owner, 'openai', { script: parrot })
  const path = `/api/v1/conversations/${await owner.newConversation()}/turns`
  const standIns = () => [...JSON.stringify(vendor.requests.at(-1)?.body).matchAll(/[\w.]+@example\.com/g)].map(([standIn]) => standIn)
  await owner.call('POST', path, { text: `Write to ${EMAIL}`, model: MODEL })
  const [first] = standIns()
  await server.restart()
  await owner.call('POST', path, { text: `And again to ${EMAIL}, and to charles@mill.example.org`, model: MODEL })
  expect(standIns().filter((standIn) => standIn === first).length).toBeGreaterThanOrEqual(3)
  expect(new Set(standIns()).size).toBe(2)
})

test('tool arguments get the value back, as JSON', async () => {
  await using server = await openTestServer()
  const owner = await server.setUpOwner()
  await server.addVendor(owner, 'openai', { script: ({ question }) => ({ toolCalls: [{ id: 'call_1', name: 'send', argumentsText: chars(JSON.stringify({ to: /[\w.]+@[\w.]+/.exec(question)?.[0] ?? '' })) }] }) })
  const tools = [{ type: 'function', function: { name: 'send', parameters: { type: 'object' } } }]
  for (const stream of [false, true]) {
    const reply = await owner.program('POST', '/v1/chat/completions', { model: MODEL, stream, tools, messages: [{ role: 'user', content: `Write to ${EMAIL} please` }] })
    const text = stream ? [...reply.text.matchAll(/"arguments":"((?:[^"\\]|\\.)*)"/g)].map(([, piece]) => JSON.parse(`"${piece ?? ''}"`) as string).join('') : (reply.json as { choices: { message: { tool_calls: { function: { arguments: string } }[] } }[] }).choices[0]?.message.tool_calls[0]?.function.arguments
    expect(JSON.parse(text ?? '')).toEqual({ to: EMAIL })
  }
})

test('a value that the model brings itself is masked, not shown', async () => {
  await using server = await openTestServer()
  const owner = await server.setUpOwner()
  await server.addVendor(owner, 'openai', { script: { text: chars('Ask grace@navy.example.org instead.') } })
  const reply = await owner.program('POST', '/api/v1/chat', { text: `Should I write to ${EMAIL}?`, model: MODEL })
  expect((reply.json as { answer: string }).answer).toBe('Ask [EMAIL] instead.')
})

test('the public preset masks, and keeps no map', async () => {
  await using server = await openTestServer({ settings: { GUARD_MODELS: JSON.stringify({ 'openai/*': { preset: 'public' } }) } })
  const owner = await server.setUpOwner()
  const vendor = await server.addVendor(owner, 'openai', { script: parrot })
  const reply = await owner.call('POST', `/api/v1/conversations/${await owner.newConversation()}/turns`, { text: `Write to ${EMAIL}`, model: MODEL })
  expect((reply.json as { answer: { text: string } }).answer.text).toBe('You said: Write to [EMAIL]')
  expect(vendor.requests.at(-1)?.question).toBe('Write to [EMAIL]')
})

test('the built-in assistant, which is no third party, is asked in the owner\'s words', async () => {
  await using server = await openTestServer()
  const owner = await server.setUpOwner()
  const reply = await owner.call('POST', `/api/v1/conversations/${await owner.newConversation()}/turns`, { text: `Who is ${EMAIL}?` })
  expect((reply.json as { question: { notices: unknown[] } }).question.notices).toEqual([])
})

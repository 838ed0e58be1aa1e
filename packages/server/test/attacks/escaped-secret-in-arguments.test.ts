import { expect, test } from 'vitest'
import { openTestServer } from '../../src/testing/server.ts'

/** A model hides a key from the guard by writing it in JSON escapes, or as the name of a tool. */
const KEY = `sk-proj-${'Ab3dE6gH9jK2mN5pQ8sT1vW4'.repeat(2)}`
const escaped = [...KEY].map((character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')
const tools = [{ type: 'function', function: { name: 'send', parameters: { type: 'object' } } }]

const joined = (text: string) => [...text.matchAll(/"arguments":"((?:[^"\\]|\\.)*)"/g)].map(([, piece]) => JSON.parse(`"${piece ?? ''}"`) as string).join('')

test.each([false, true])('a key in JSON escapes does not pass, streamed: %s', async (stream) => {
  await using server = await openTestServer()
  const owner = await server.setUpOwner()
  await server.addVendor(owner, 'openai', { script: { toolCalls: [{ id: 'call_1', name: 'send', argumentsText: [...`{"text":"${escaped}"}`] }] } })
  const reply = await owner.program('POST', '/v1/chat/completions', { model: 'openai/model-a', stream, tools, messages: [{ role: 'user', content: 'Send it' }] })
  const meant = JSON.parse(joined(reply.text)) as { text: string }
  expect(meant.text).toBe('[SECRET]')
})

test('a key as the name or the id of a tool call does not pass', async () => {
  await using server = await openTestServer()
  const owner = await server.setUpOwner()
  await server.addVendor(owner, 'openai', { script: { toolCalls: [{ id: KEY, name: KEY, argumentsText: ['{}'] }] } })
  const reply = await owner.program('POST', '/v1/chat/completions', { model: 'openai/model-a', tools, messages: [{ role: 'user', content: 'Send it' }] })
  expect(reply.status).toBe(200)
  expect(reply.text).not.toContain(KEY.slice(0, 24))
})

test('a harmless escape means the same afterwards', async () => {
  await using server = await openTestServer()
  const owner = await server.setUpOwner()
  await server.addVendor(owner, 'openai', { script: { toolCalls: [{ id: 'call_1', name: 'send', argumentsText: [...'{"text":"gar\\u0064en \\u0022\\u00fc"}'] }] } })
  const reply = await owner.program('POST', '/v1/chat/completions', { model: 'openai/model-a', stream: true, tools, messages: [{ role: 'user', content: 'Send it' }] })
  expect(JSON.parse(joined(reply.text))).toEqual({ text: 'garden "ü' })
})

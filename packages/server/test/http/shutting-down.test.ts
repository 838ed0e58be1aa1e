import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { openTestServer } from '../../src/testing/server.ts'

test('a request that comes while the server stops gets the documented 503; what runs is brought to its end first', async () => {
  const server = await openTestServer()
  const owner = await server.setUpOwner()
  const vendor = await server.addVendor(owner, 'openai', { firstByteMilliseconds: 1_000 })
  const conversation = await owner.newConversation()
  const running = owner.call('POST', `/api/v1/conversations/${conversation}/turns`, { text: 'Take your time.', model: 'openai/model-a' })
  const socket = connect({ host: '127.0.0.1', port: server.port })
  let text = ''
  socket.on('data', (chunk: Buffer) => { text += chunk.toString('latin1') })
  socket.on('error', () => undefined)
  const body = JSON.stringify({ model: 'openai/model-a', messages: [{ role: 'user', content: 'x' }] })
  socket.write(`POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nAuthorization: Bearer ${owner.key}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
  // Both are at the model.
  await expect.poll(() => vendor.requests.filter(({ path }) => path.endsWith('/chat/completions')).length, { timeout: 5_000 }).toBe(2)
  const closed = server.sallyport.close()
  socket.write(`GET /readyz HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\n\r\n`)
  expect((await running).json).toMatchObject({ answer: { status: 'complete', text: 'You said: Take your time.' } })
  await closed
  await expect.poll(() => text, { timeout: 3_000 }).toMatch(/HTTP\/1\.1 200 OK/)
  await expect.poll(() => socket.closed || text.includes(' 503 '), { timeout: 3_000 }).toBe(true)
  // Either the connection was closed behind its answer, or the second request got its problem with all headers.
  const second = text.slice(text.indexOf('HTTP/1.1', 10))
  if (second.startsWith('HTTP/1.1 503')) {
    expect(second).toMatch(/X-Content-Type-Options: nosniff/i)
    expect(second).toContain('"code":"shutting-down"')
  }
  socket.destroy()
  await server[Symbol.asyncDispose]()
})

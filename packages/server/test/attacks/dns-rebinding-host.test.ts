import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sendRaw } from '../../src/testing/http-client.ts'
import { openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'

let server: TestServer
let owner: Person
beforeAll(async () => {
  server = await openTestServer({ settings: { HTTP_HOSTS: 'chat.example.org,Other.Example' } })
  owner = await server.setUpOwner()
})
afterAll(async () => { await server[Symbol.asyncDispose]() })

const at = (host: string, path = '/healthz', method = 'GET') => server.call(method, path, { headers: { host, ...(path.startsWith('/v1/') ? { 'x-api-key': owner.key } : { cookie: owner.cookie }) } })

describe('a name that is not the server\'s own reaches nothing', () => {
  test.each([
    'evil.example', 'evil.example:PORT', '127.0.0.1.evil.example:PORT', 'localhost.evil.example', '127.0.0.1:1', '127.0.0.1', 'localhost', '127.0.0.2:PORT', '0.0.0.0:PORT', '[::]:PORT', '2130706433:PORT', '0x7f000001:PORT',
    'localhost.:PORT', 'localhost:PORT@evil.example', 'chat.example.org.evil.example', 'chat.example.org:1', 'user@localhost:PORT', '127.0.0.1:PORT,evil.example', '127.0.0.1:PORT evil.example', ' ',
  ])('%j', async (host) => {
    for (const [method, path] of [['GET', '/'], ['GET', '/healthz'], ['GET', '/api/v1/conversations'], ['POST', '/v1/chat/completions'], ['GET', '/v1/models']] as const) {
      const reply = await at(host.replaceAll('PORT', String(server.port)), path, method)
      expect([400, 421]).toContain(reply.status)
      expect(reply.text).not.toContain('<html')
      if (reply.status === 421) expect(reply.text).toContain('http.hosts')
    }
  })
})

test.each(['127.0.0.1:PORT', 'localhost:PORT', 'LOCALHOST:PORT', '[::1]:PORT', 'chat.example.org', 'Chat.Example.ORG', 'chat.example.org:PORT', 'other.example'])('%j is a name of the server', async (host) => {
  expect((await at(host.replaceAll('PORT', String(server.port)))).status).toBe(200)
})

test.each([
  ['two hosts', 'Host: 127.0.0.1:PORT\r\nHost: evil.example\r\n'], ['two hosts, the other way', 'Host: evil.example\r\nHost: 127.0.0.1:PORT\r\n'],
  ['the same host twice', 'Host: 127.0.0.1:PORT\r\nHost: 127.0.0.1:PORT\r\n'],
])('%s in one request are refused', async (_, hosts) => {
  const { text } = await sendRaw(server.port, [`GET /healthz HTTP/1.1\r\n${hosts.replaceAll('PORT', String(server.port))}Connection: close\r\n\r\n`])
  expect(text).toMatch(/^HTTP\/1\.1 400 /)
})

test.each(['X-Forwarded-Host: 127.0.0.1:PORT', 'Forwarded: host=127.0.0.1:PORT', 'X-Host: 127.0.0.1:PORT', 'X-Original-Host: 127.0.0.1:PORT'])('%s changes nothing', async (header) => {
  const { text } = await sendRaw(server.port, [`GET /healthz HTTP/1.1\r\nHost: evil.example\r\n${header.replaceAll('PORT', String(server.port))}\r\nConnection: close\r\n\r\n`])
  expect(text).toMatch(/^HTTP\/1\.1 421 /)
})

test.each(['Host:', 'Host: ', 'X-Host: none'])('a request with %j alone is refused', async (header) => {
  const { text } = await sendRaw(server.port, [`GET /healthz HTTP/1.1\r\n${header}\r\nConnection: close\r\n\r\n`])
  expect(text).toMatch(/^HTTP\/1\.1 4(00|21) /)
})

test('the address line names no other host than the header', async () => {
  const { text } = await sendRaw(server.port, [`GET http://evil.example/healthz HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nConnection: close\r\n\r\n`])
  expect(text).toMatch(/^HTTP\/1\.1 421 /)
  const own = await sendRaw(server.port, [`GET http://127.0.0.1:${server.port}/healthz HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nConnection: close\r\n\r\n`])
  expect(own.text).toMatch(/^HTTP\/1\.1 200 /)
})

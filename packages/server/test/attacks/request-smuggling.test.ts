import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sendRaw } from '../../src/testing/http-client.ts'
import { openTestServer, type TestServer } from '../../src/testing/server.ts'

let server: TestServer
beforeAll(async () => { server = await openTestServer() })
afterAll(async () => { await server[Symbol.asyncDispose]() })

const host = () => `Host: 127.0.0.1:${server.port}`
const answers = (text: string) => [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]))
/** The request that is hidden behind another one, and must never be answered. */
const HIDDEN = 'GET /readyz HTTP/1.1\r\nHost: hidden\r\n\r\n'

const attacks: Readonly<Record<string, () => string>> = {
  'CL.TE': () => `POST /api/v1/session HTTP/1.1\r\n${host()}\r\nContent-Type: application/json\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nX${HIDDEN}`,
  'TE.CL': () => `POST /api/v1/session HTTP/1.1\r\n${host()}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n5c\r\n${HIDDEN}\r\n0\r\n\r\n`,
  'TE.TE, obfuscated': () => `POST /api/v1/session HTTP/1.1\r\n${host()}\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: cow\r\n\r\n0\r\n\r\n${HIDDEN}`,
  'an unknown transfer coding': () => `POST /api/v1/session HTTP/1.1\r\n${host()}\r\nTransfer-Encoding: xchunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n${HIDDEN}`,
  'chunked not last': () => `POST /api/v1/session HTTP/1.1\r\n${host()}\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${HIDDEN}`,
  'two different lengths': () => `POST /api/v1/session HTTP/1.1\r\n${host()}\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde${HIDDEN}`,
  'the same length twice': () => `POST /api/v1/session HTTP/1.1\r\n${host()}\r\nContent-Length: 4\r\nContent-Length: 4\r\n\r\nabcd`,
  'a list of lengths': () => `POST /api/v1/session HTTP/1.1\r\n${host()}\r\nContent-Length: 4, 4\r\n\r\nabcd`,
  'a negative length': () => `POST /api/v1/session HTTP/1.1\r\n${host()}\r\nContent-Length: -1\r\n\r\n${HIDDEN}`,
  'a length with a sign': () => `POST /api/v1/session HTTP/1.1\r\n${host()}\r\nContent-Length: +4\r\n\r\nabcd`,
  'a length beyond all numbers': () => `POST /api/v1/session HTTP/1.1\r\n${host()}\r\nContent-Length: 99999999999999999999\r\n\r\nabcd`,
  'a bad chunk size': () => `POST /api/v1/session HTTP/1.1\r\n${host()}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n`,
  'a bare line feed between headers': () => `GET /healthz HTTP/1.1\n${host()}\n\n`,
  'a bare carriage return': () => `GET /healthz HTTP/1.1\r\n${host()}\rX: y\r\n\r\n`,
  'NUL in a header': () => `GET /healthz HTTP/1.1\r\n${host()}\r\nX-A: a\u0000b\r\n\r\n`,
  'NUL in the address': () => `GET /health\u0000z HTTP/1.1\r\n${host()}\r\n\r\n`,
  'a space before the colon': () => `GET /healthz HTTP/1.1\r\n${host()}\r\nX-A : b\r\n\r\n`,
  'a space before the first header': () => `GET /healthz HTTP/1.1\r\n ${host()}\r\n\r\n`,
  'a header without a name': () => `GET /healthz HTTP/1.1\r\n${host()}\r\n: b\r\n\r\n`,
  'a header without a colon': () => `GET /healthz HTTP/1.1\r\n${host()}\r\nnonsense\r\n\r\n`,
  'an unknown version': () => `GET /healthz HTTP/9.9\r\n${host()}\r\n\r\n`,
  'no version': () => `GET /healthz\r\n${host()}\r\n\r\n`,
  'a method that does not exist': () => `GETT /healthz HTTP/1.1\r\n${host()}\r\n\r\n`,
  'no host': () => 'GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n',
}

describe('on a bare connection', () => {
  test.each(Object.entries(attacks))('%s is refused, and nothing behind it is answered', async (name, request) => {
    const { text } = await sendRaw(server.port, [request()], 700)
    const statuses = answers(text)
    expect({ name, statuses }).toEqual({ name, statuses: [expect.toSatisfy((status: number) => status === 400 || status === 405 || status === 415)] })
    expect(text).not.toContain('{"ok":true}')
  })

  test('a folded header is refused, or no header of ours', async () => {
    const { text } = await sendRaw(server.port, [`GET /api/v1/session HTTP/1.1\r\n${host()}\r\nX-A: b\r\n X-API-Key: slp_x\r\nConnection: close\r\n\r\n`])
    expect([400, 401]).toContain(answers(text)[0])
  })

  test('a tunnel is not opened', async () => {
    const { text } = await sendRaw(server.port, [`CONNECT evil.example:443 HTTP/1.1\r\n${host()}\r\n\r\n`])
    expect(answers(text).filter((status) => status === 200)).toEqual([])
  })

  test('two good requests in a row on one connection are answered in their order', async () => {
    const { text } = await sendRaw(server.port, [`GET /healthz HTTP/1.1\r\n${host()}\r\n\r\n`, `GET /api/v1/session HTTP/1.1\r\n${host()}\r\nConnection: close\r\n\r\n`])
    expect(answers(text)).toEqual([200, 401])
  })

  test('what is left of a refused body is not read as a request', async () => {
    const body = HIDDEN.padEnd(9_000, 'x')
    const { text, closed } = await sendRaw(server.port, [`POST /api/v1/conversations HTTP/1.1\r\n${host()}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`, body])
    expect(answers(text)).toEqual([401])
    expect(closed).toBe(true)
  })

  test('the server lives on', async () => {
    expect((await server.call('GET', '/healthz')).status).toBe(200)
    expect(server.logs.filter(({ level }) => level === 'error')).toEqual([])
  })
})

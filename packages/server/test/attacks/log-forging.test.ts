import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { callHttp, sendRaw } from '../../src/testing/http-client.ts'
import { startServerProcess } from '../../src/testing/server-process.ts'
import { startVendorServer } from '../../src/testing/vendor-server.ts'

const PASSWORD = 'four unrelated planted words'
const CREDENTIAL = 'planted-credential-9f31c2'
const QUESTION = 'planted-question-text'
const FORGED = 'x\n{"level":"error","event":"forged"}\r\n\u001b[31mred\u001b[0m\u2028line\u2029\u0085end'

/** OBS-1, OBS-2: one process whose log is read as bytes. */
test('no text of anybody\'s forges a line of the log, and no secret is in it', async () => {
  const home = await mkdtemp(join(tmpdir(), 'sallyport-log-'))
  const vendor = await startVendorServer('openai', { credential: 'another', day: ({ path }) => (path.endsWith('/models') ? null : 'unauthorised') })
  try {
    await using server = startServerProcess({ SALLYPORT_DATA_DIR: join(home, 'data'), SALLYPORT_CONFIG_DIR: join(home, 'config'), SALLYPORT_HTTP_PORT: '0', SALLYPORT_LOG_LEVEL: 'debug' })
    const url = await server.ready()
    const port = Number(new URL(url).port)
    const token = /setup#([\w-]{43})/.exec(server.out())?.[1] ?? ''
    const setUp = (name: string) => callHttp({ port, method: 'POST', path: '/api/v1/setup', body: { token, email: 'planted@example.org', name, password: PASSWORD } })
    expect((await setUp(FORGED.slice(0, 80))).status).toBe(400)
    const setup = await setUp('{"level":"error","event":"forged"}')
    expect(setup.status).toBe(200)
    const cookie = setup.headers['set-cookie']?.split(';', 1)[0] ?? ''
    const as = { cookie, origin: url }
    const key = ((await callHttp({ port, method: 'POST', path: '/api/v1/keys', headers: as, body: { name: 'k' } })).json as { value: string }).value
    await callHttp({ port, method: 'PUT', path: '/api/v1/providers/openai', headers: as, body: { adapter: 'openai', baseUrl: vendor.baseUrl, credential: CREDENTIAL, allowPrivateAddress: true, models: ['model-a'] } })
    for (const stream of [true, false]) {
      const reply = await callHttp({ port, method: 'POST', path: '/v1/chat/completions', headers: { 'x-api-key': key, 'x-request-id': FORGED.replaceAll(/[^\x20-\x7e]/g, ' ') }, body: { model: 'openai/model-a', stream, messages: [{ role: 'user', content: QUESTION }] } })
      expect(reply.status).toBe(502)
      for (const secret of [CREDENTIAL, key, cookie]) expect(reply.text).not.toContain(secret)
    }
    await callHttp({ port, method: 'POST', path: '/v1/chat/completions', headers: { 'x-api-key': key }, body: { model: `openai/${FORGED}`, messages: [{ role: 'user', content: QUESTION }] } })
    await callHttp({ port, method: 'POST', path: '/api/v1/session', headers: { origin: url, 'content-type': 'application/json' }, body: `{"email":"planted@example.org","password":"${PASSWORD}` })
    await callHttp({ port, method: 'POST', path: '/api/v1/session', headers: { origin: url }, body: { email: 'planted@example.org', password: `${PASSWORD}!` } })
    await callHttp({ port, path: `/${encodeURIComponent(FORGED)}`, headers: { 'user-agent': FORGED.replaceAll(/[^\x20-\x7e]/g, ' '), referer: 'https://x/?planted-referer' } })
    await sendRaw(port, [`GET /${CREDENTIAL} HTTP/1.1\r\nHost: ${CREDENTIAL}\r\n\r\n`, 'nonsense\u001b[31m\r\n\r\n'], 300)
    server.child.kill('SIGTERM')
    await server.ended()

    const lines = server.err().split('\n').filter((line) => line !== '')
    expect(lines.length).toBeGreaterThan(0)
    for (const line of lines) {
      // Every line is one whole object; nothing in it steers a terminal or breaks a line for another reader.
      expect(JSON.parse(line)).toMatchObject({ level: expect.any(String), time: expect.any(String) })
      expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/)
      expect(line).not.toContain('"event":"forged"')
    }
    // The vendor refused the key, and threw it back: that much is in the log, without the key.
    expect(lines.join()).toContain('The vendor answered 401')
    for (const secret of [PASSWORD, CREDENTIAL, key, key.slice(12), cookie.split('=')[1] ?? '', token, QUESTION, 'planted@example.org', 'planted-referer']) expect({ secret, found: server.err().includes(secret) }).toEqual({ secret, found: false })
    expect(server.out().replace(token, '')).not.toMatch(/planted|slp_/)
  } finally {
    await vendor.close()
    await rm(home, { recursive: true, force: true })
  }
}, 60_000)

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createEgress } from '../../kernel/egress.ts'
import { systemClock } from '../../kernel/clock.ts'
import { Secret } from '../../kernel/secret.ts'
import { defaultEgressRules } from '../../policy/egress.ts'
import { moderators } from './index.ts'

let server: Server
let base: string
let reply: { status: number; body: string }
let seen: { path: string; body: string; authorization: string | undefined }[]
const egress = createEgress({ clock: systemClock, rules: defaultEgressRules })

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => { body += chunk.toString() })
    request.on('end', () => {
      seen.push({ path: request.url ?? '', body, authorization: request.headers.authorization })
      response.writeHead(reply.status, { 'content-type': 'application/json' }).end(reply.body)
    })
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
  egress.list('moderator', { origin: new URL(base), allowPrivateAddress: true })
})
afterAll(async () => {
  await egress.close()
  await new Promise((resolve) => { server.close(resolve) })
})

const make = (id: string) => {
  const descriptor = moderators.find((one) => one.id === id)
  if (descriptor === undefined) throw new Error(`There is no moderator ${id}.`)
  seen = []
  return descriptor.create(descriptor.config.parse(descriptor.remote ? { baseUrl: base, credential: new Secret('moderator-key') } : {}), { fetchConfigured: egress.fetchConfigured })
}
const ask = (id: string, given: { status?: number; body: unknown }) => {
  reply = { status: given.status ?? 200, body: typeof given.body === 'string' ? given.body : JSON.stringify(given.body) }
  return make(id).moderate('some text', 'output', new AbortController().signal)
}

describe('the moderations endpoint', () => {
  test('flagged categories come in our words, each once', async () => {
    const answer = await ask('openai-moderations', { body: { results: [{ flagged: true, categories: { harassment: true, hate: true, violence: false, 'sexual/minors': true, novel: true } }] } })
    expect(answer).toEqual({ outcome: 'judged', categories: ['hate', 'child-exploitation'] })
    expect(seen).toEqual([{ path: '/v1/moderations', body: '{"input":"some text"}', authorization: 'Bearer moderator-key' }])
  })
  test('a clear text has no categories', async () => {
    expect(await ask('openai-moderations', { body: { results: [{ flagged: false, categories: { hate: false } }] } })).toEqual({ outcome: 'judged', categories: [] })
  })
})

describe('the guard model', () => {
  const says = (content: string) => ask('guard-model', { body: { choices: [{ message: { content } }] } })
  test('safe is clear', async () => { expect(await says('\n\nsafe')).toEqual({ outcome: 'judged', categories: [] }) })
  test('codes are hazards', async () => { expect(await says('\n\nunsafe\nS4,S10')).toEqual({ outcome: 'judged', categories: ['child-exploitation', 'hate'] }) })
  test.each(['', 'unsafe', 'unsafe\nS99', 'I think it is safe', 'safe-ish?'])('%j is no verdict', async (content) => {
    expect((await says(content)).outcome).toBe('unavailable')
  })
})

describe.each(['openai-moderations', 'guard-model'])('%s on a bad day', (id) => {
  test.each([{ status: 500, body: '{}' }, { status: 401, body: '{}' }, { body: 'not json' }, { body: {} }, { body: { results: [] , choices: [] } }, { body: `"${'x'.repeat(300_000)}"` }])('answers unavailable', async (given) => {
    expect((await ask(id, given)).outcome).toBe('unavailable')
  })
  test('an abort is an abort', async () => {
    reply = { status: 200, body: '{}' }
    await expect(make(id).moderate('text', 'input', AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped')
  })
})

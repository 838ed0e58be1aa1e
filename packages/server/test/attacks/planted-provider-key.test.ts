import { once } from 'node:events'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { zstdDecompressSync } from 'node:zlib'
import { operationIds } from '@sallyport/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openAge } from '../../src/domains/backups/index.ts'
import { openBackedUp, type BackedUp } from '../backups/support.ts'
import { makeSample } from '../http/samples.ts'

// The attack: somebody looks for a provider's key in everything that a server gives away or leaves lying: the page, every answer that it
// can be brought to give, its log, its files and its backups, also when the provider itself throws the key back.

const CONFIGURED = 'sk-configured-7Tq2vLk9XzB4mNc8'
const STORED = 'sk-stored-Wd5rGh1YpJ6uKs3eFa0'
const STANDBY = 'sk-standby-Zx8cVb2nMq4wErT7yUi'
const MODERATION = 'sk-moderation-Lk3jHg6fDs9aPo1i'
const KEYS = [CONFIGURED, STORED, STANDBY, MODERATION]
const PAGE = join(import.meta.dirname, '../../../web/dist')
const PIECE = 12

/** Whether a key, or a good piece of it, can be read in some bytes: as it is, turned round, or in one of the usual codings, at any alignment. */
function shows(bytes: Buffer, key: string): boolean {
  const pieces = Array.from({ length: key.length - PIECE + 1 }, (_, at) => key.slice(at, at + PIECE))
  return [...pieces, [...key].reverse().join(''), Buffer.from(key, 'utf16le')].some((form) => bytes.includes(form))
    || [0, 1, 2].some((shift) => bytes.includes(Buffer.from(key.slice(shift)).toString('base64').slice(0, PIECE)) || bytes.includes(Buffer.from(key.slice(shift)).toString('base64url').slice(0, PIECE)))
    || bytes.toString('latin1').toLowerCase().includes(Buffer.from(key).toString('hex').slice(0, 2 * PIECE))
}
const shownIn = (bytes: Buffer): readonly string[] => KEYS.filter((key) => shows(bytes, key))

let made: BackedUp
let provider: Server
/** What the provider was sent. */
let received = ''
let asked = 0
/** Whether the moderator judges, or throws back what it was sent. */
let moderates = false
const kinds = [401, 400, 403, 429, 500, 502]

/** A provider that lists its models, and throws back whatever it was sent with every question. */
async function startEchoing(): Promise<Server> {
  const server = createServer((request, response) => {
    const sent = JSON.stringify(request.headers)
    received += `${request.url} ${sent}\n`
    request.resume()
    if (request.method === 'GET') { response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ object: 'list', data: [{ id: 'model-a', object: 'model' }] })); return }
    if (request.url?.endsWith('/moderations') === true && moderates) { response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ id: 'mod-1', model: 'omni', results: [{ flagged: false, categories: {}, category_scores: {} }] })); return }
    asked += 1
    const status = kinds[asked % kinds.length] ?? 500
    response.writeHead(status, { 'content-type': 'application/json', 'x-echo': request.headers.authorization ?? '', 'www-authenticate': request.headers.authorization ?? '' })
    response.end(JSON.stringify({ error: { message: `Incorrect API key provided: ${request.headers.authorization}. ${sent}`, type: request.headers.authorization, code: request.headers.authorization } }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

beforeAll(async () => {
  provider = await startEchoing()
  const baseUrl = `http://127.0.0.1:${(provider.address() as AddressInfo).port}/v1`
  made = await openBackedUp({ settings: { LOG_LEVEL: 'debug' } })
  const place = (name: string) => join(made.server.configDirectory, `${name}.secret`)
  await writeFile(place('configured'), CONFIGURED, { mode: 0o600 })
  await writeFile(place('moderation'), MODERATION, { mode: 0o600 })
  await writeFile(join(made.server.configDirectory, 'sallyport.json'), JSON.stringify({
    providers: { configured: { adapter: 'openai-compatible', baseUrl, credential: `file:${place('configured')}`, allowPrivateAddress: true, models: ['model-a'] } },
    moderation: { kind: 'openai-moderations', baseUrl, credential: `file:${place('moderation')}`, allowPrivateAddress: true },
  }), { mode: 0o600 })
  await made.server.restart()
  made.owner = await made.server.renew(made.owner)
  const settings = { adapter: 'openai-compatible', baseUrl, allowPrivateAddress: true, models: ['model-a'] }
  expect((await made.owner.call('PUT', '/api/v1/providers/stored', { ...settings, credential: STORED })).status).toBe(200)
  expect((await made.owner.call('POST', '/api/v1/providers/stored/credentials', { credential: STANDBY })).status).toBe(200)
}, 60_000)
afterAll(async () => {
  await made[Symbol.asyncDispose]()
  provider.closeAllConnections()
  provider.close()
})

const replies: string[] = []
/** Makes a call as the owner, and as nobody, and keeps all that came back. */
async function ask(method: string, path: string, body?: unknown): Promise<void> {
  const { owner } = made
  for (const headers of [{ cookie: owner.cookie }, { authorization: `Bearer ${owner.key}` }, {}]) {
    const reply = await made.server.call(method, path, { body, headers })
    replies.push(`${reply.status} ${JSON.stringify(reply.headers)} ${reply.text}`)
  }
}

test('a provider\'s key is in no byte of an answer, a log, a file, a backup that is opened, or the page', async () => {
  const backup = await made.backUp()
  for (let round = 0; round < kinds.length; round += 1) await ask('POST', '/api/v1/chat', { text: 'Which key?', model: 'stored/model-a' })
  moderates = true
  // Every way in which a model is asked, of providers that throw the key back; often enough that each status comes.
  for (const name of ['configured', 'stored', 'planted']) {
    for (let round = 0; round < kinds.length; round += 1) {
      const model = `${name}/model-a`
      await ask('POST', `/api/v1/conversations/${await made.owner.newConversation()}/turns`, { text: 'Which key?', model })
      await ask('POST', '/v1/chat/completions', { model, messages: [{ role: 'user', content: 'Which key?' }], stream: round % 2 === 0 })
    }
    await ask('PUT', `/api/v1/providers/${name}`, { adapter: 'openai-compatible', baseUrl: 'http://127.0.0.1:9/v1', allowPrivateAddress: true })
    await ask('POST', `/api/v1/providers/${name}/credentials`, { credential: `${STANDBY}-wrong` })
  }
  for (const id of operationIds) {
    made.server.clock.advance(13_000)
    made.owner = await made.server.renew(made.owner)
    const { method, path, body } = await makeSample(id, { server: made.server, owner: made.owner })
    await ask(method, path, body)
    await ask(method, `${path}${path.includes('?') ? '&' : '?'}strange=1`, { strange: 1 })
  }
  expect(replies.length).toBeGreaterThan(6 * operationIds.length)
  expect(shownIn(Buffer.from(replies.join('\n')))).toEqual([])

  const { logs, configDirectory, dataDirectory } = made.server
  expect(logs.length).toBeGreaterThan(0)
  expect(shownIn(Buffer.from(JSON.stringify(logs)))).toEqual([])

  const bytesUnder = async (directory: string, leaveOut = /\.secret$/) => Buffer.concat(await Promise.all((await readdir(directory, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile() && !leaveOut.test(entry.name)).map((entry) => readFile(join(entry.parentPath, entry.name)))))
  for (const directory of [dataDirectory, configDirectory, made.folder]) expect(shownIn(await bytesUnder(directory)), directory).toEqual([])
  const opened: Buffer[] = []
  for (const file of [`${backup}.age`, ...(await readdir(made.folder)).filter((name) => /^keys-.*\.age$/.test(name))]) {
    const pieces: Buffer[] = []
    // A later backup may be for others: those are searched as they lie.
    try { for await (const piece of openAge(join(made.folder, file), [made.identity])) pieces.push(piece) } catch { continue }
    opened.push(zstdDecompressSync(Buffer.concat(pieces)))
  }
  const clear = Buffer.concat(opened)
  expect(clear.includes('owner-created'), 'the backup was opened').toBe(true)
  expect(shownIn(clear)).toEqual([])
  const page = await bytesUnder(PAGE)
  expect(page.byteLength, 'the page is built: npm run e2e builds it').toBeGreaterThan(100_000)
  expect(shownIn(page)).toEqual([])
  expect(replies.some((reply) => reply.includes('<!doctype html>')), 'and was served').toBe(true)

  // The same search finds the keys where they must be: with the provider.
  expect(shownIn(Buffer.from(received))).toEqual([CONFIGURED, STORED, STANDBY, MODERATION])
}, 300_000)

test.each([
  ['as it is', (key: string) => key], ['in part', (key: string) => key.slice(6, 20)], ['turned round', (key: string) => [...key].reverse().join('')], ['in base64', (key: string) => Buffer.from(`Bearer ${key}`).toString('base64')],
  ['in hexadecimal', (key: string) => Buffer.from(key).toString('hex').toUpperCase()], ['in UTF-16', (key: string) => Buffer.from(key, 'utf16le').toString('latin1')],
] as const)('the search can fail: it finds a key %s', (_, form) => {
  for (const key of KEYS) expect(shows(Buffer.from(`before ${form(key)} behind`, 'latin1'), key)).toBe(true)
})

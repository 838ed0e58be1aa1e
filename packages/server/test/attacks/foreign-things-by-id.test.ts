import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'

const SECRET_WORD = 'xylophone'

let server: TestServer
let owner: Person
let stranger: Person
let administrator: Person
let theirs: { conversation: string; turn: string; question: string; answer: string; document: string; passage: string; key: string }
let mine: { conversation: string; turn: string; answer: string }

async function make(person: Person) {
  const conversation = await person.newConversation()
  const turn = (await person.call('POST', `/api/v1/conversations/${conversation}/turns`, { text: `What is a ${SECRET_WORD}?`, model: 'openai/model-a' })).json as { turnId: string; question: { id: string }; answer: { id: string } }
  return { conversation, turn: turn.turnId, question: turn.question.id, answer: turn.answer.id }
}
beforeAll(async () => {
  server = await openTestServer()
  owner = await server.setUpOwner()
  stranger = await server.addAccount('stranger')
  administrator = await server.addAccount('administrator', 'administrator')
  await server.addVendor(owner, 'openai')
  const document = ((await owner.call('POST', '/api/v1/documents', { title: 'Private', text: `The ${SECRET_WORD} is in the cellar.`, mediaType: 'text/plain', collection: 'mine' })).json as { id: string }).id
  const { id: passage } = await server.sallyport.database.read.selectFrom('passage').select('id').where('document_id', '=', document).executeTakeFirstOrThrow()
  theirs = { ...await make(owner), document, passage, key: owner.keyId }
  mine = await make(stranger)
})
afterAll(async () => { await server[Symbol.asyncDispose]() })

interface Attack { readonly name: string; readonly method: string; readonly path: () => string; readonly body?: unknown; readonly byKey?: false }
const attacks: readonly Attack[] = [
  { name: 'read a conversation', method: 'GET', path: () => `/api/v1/conversations/${theirs.conversation}` },
  { name: 'read its messages', method: 'GET', path: () => `/api/v1/conversations/${theirs.conversation}/messages` },
  { name: 'rename it', method: 'PATCH', path: () => `/api/v1/conversations/${theirs.conversation}`, body: { title: 'Mine now' } },
  { name: 'ask in it', method: 'POST', path: () => `/api/v1/conversations/${theirs.conversation}/turns`, body: { text: 'What did I say?', model: 'openai/model-a' } },
  { name: 'clear it', method: 'DELETE', path: () => `/api/v1/conversations/${theirs.conversation}/messages` },
  { name: 'delete it', method: 'DELETE', path: () => `/api/v1/conversations/${theirs.conversation}` },
  { name: 'read a turn\'s stream', method: 'GET', path: () => `/api/v1/turns/${theirs.turn}/events` },
  { name: 'stop a turn', method: 'POST', path: () => `/api/v1/turns/${theirs.turn}/stop` },
  { name: 'rate an answer', method: 'PUT', path: () => `/api/v1/messages/${theirs.answer}/feedback`, body: { rating: 'down', comment: 'Bad.' } },
  { name: 'read a passage', method: 'GET', path: () => `/api/v1/passages/${theirs.passage}` },
  { name: 'delete a document', method: 'DELETE', path: () => `/api/v1/documents/${theirs.document}` },
  { name: 'revoke a key', method: 'DELETE', path: () => `/api/v1/keys/${theirs.key}`, byKey: false },
]

describe.each(attacks)('$name of somebody else\'s', ({ method, path, body, byKey }) => {
  test('is answered like what does not exist, to members and administrators, by session and by key', async () => {
    const before = await server.storedDigests()
    const absent = path().replace(/_[0-9a-f]{32}/, `_${'0'.repeat(32)}`)
    for (const person of [stranger, administrator]) {
      server.clock.advance(60_000)
      const foreign = await person.call(method, path(), body)
      const nothing = await person.call(method, absent, body)
      expect(foreign.status).toBe(404)
      const { instance: _one, ...said } = foreign.json as { instance: string }
      const { instance: _other, ...saidOfNothing } = nothing.json as { instance: string }
      expect(said).toEqual(saidOfNothing)
      expect(foreign.text).not.toContain(SECRET_WORD)
      if (byKey !== false) expect((await person.program(method, path(), body)).status).toBe(404)
    }
    expect(await server.storedDigests()).toEqual(before)
  })
})

test('what lists show is one\'s own', async () => {
  server.clock.advance(60_000)
  for (const path of ['/api/v1/conversations', '/api/v1/keys', '/api/v1/documents', `/api/v1/conversations/${mine.conversation}/messages?before=${theirs.answer}`, `/api/v1/conversations?before=con_${'f'.repeat(32)}`]) {
    const { status, text } = await stranger.call('GET', path)
    expect(status).toBe(200)
    for (const id of Object.values(theirs)) expect(text).not.toContain(id)
  }
})

test('a child is bound to the parent that was checked', async () => {
  server.clock.advance(60_000)
  // The conversation is the stranger's own; the turn, the answer and the cursor are not.
  expect((await stranger.call('PUT', `/api/v1/messages/${theirs.answer}/feedback`, { rating: 'up' })).status).toBe(404)
  expect((await stranger.call('GET', `/api/v1/turns/${theirs.turn}/events`)).status).toBe(404)
  expect((await stranger.call('PUT', `/api/v1/messages/${mine.answer}/feedback`, { rating: 'up' })).status).toBe(200)
})

test('an account that a client names in a body or header is nobody\'s concern', async () => {
  for (const body of [{ accountId: owner.account.id }, { account_id: owner.account.id }, { user_id: owner.account.id }, { id: theirs.conversation }]) {
    expect((await stranger.call('POST', '/api/v1/conversations', body)).status).toBe(400)
  }
  const reply = await server.call('GET', '/api/v1/conversations', { headers: { 'x-api-key': stranger.key, 'x-user-id': owner.account.id, 'x-account-id': owner.account.id, 'x-forwarded-user': owner.account.email } })
  expect(reply.text).not.toContain(theirs.conversation)
})

test('a stranger\'s question finds none of the owner\'s documents', async () => {
  server.clock.advance(60_000)
  const ask = async (person: Person) => (await person.call('POST', '/api/v1/chat', { text: `Where is the ${SECRET_WORD}?`, model: 'sallyport/library' })).text
  expect(await ask(owner)).toContain('cellar')
  expect(await ask(stranger)).not.toContain('cellar')
  expect(await ask(administrator)).not.toContain('cellar')
})

test('a live stream of somebody else\'s is not there either', async () => {
  const slow = await server.addVendor(owner, 'openai-compatible', { paceMilliseconds: 20, script: { text: Array.from({ length: 20 }, () => `${SECRET_WORD} `) } })
  const conversation = await owner.newConversation()
  const running = owner.call('POST', `/api/v1/conversations/${conversation}/turns`, { text: 'Go.', model: 'openai-compatible/model-a' })
  const turnId = await expect.poll(async () => (await server.sallyport.database.read.selectFrom('turn').select('id').where('status', '=', 'running').executeTakeFirst())?.id ?? '').toMatch(/^trn_/).then(async () =>
    (await server.sallyport.database.read.selectFrom('turn').select('id').where('status', '=', 'running').executeTakeFirst())?.id ?? '')
  expect((await stranger.call('GET', `/api/v1/turns/${turnId}/events`)).status).toBe(404)
  expect((await stranger.call('POST', `/api/v1/turns/${turnId}/stop`)).status).toBe(404)
  expect((await running).json).toMatchObject({ answer: { status: 'complete' } })
  expect(slow.left()).toBe(0)
})

test('the owner finds all of it still there', async () => {
  server.clock.advance(60_000)
  for (const { method, path } of attacks) if (method === 'GET') expect((await owner.call('GET', path())).status).toBe(200)
})

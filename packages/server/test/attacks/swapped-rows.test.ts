import { Conversation, ConversationSearch, Message, Passage, SecurityEvent } from '@sallyport/contract'
import { expect, test } from 'vitest'
import * as z from 'zod'
import type { Dialect, WriteStep } from '../../src/database/database.ts'
import { brokenValues } from '../../src/policy/broken-values.ts'
import { createPostgresDatabase } from '../../src/testing/postgres.ts'
import { openTestServer, PASSWORD, type Person, type TestServer } from '../../src/testing/server.ts'
import { describeEachEngine } from '../../src/testing/server-database.ts'
import { fetchExport, makeExport } from '../http/exports.ts'

// SEC-3: somebody who can write into the store swaps what is sealed there. Nothing opens in a place that is not its own; the rest is still its owner's to read,
// no model is given what is left, and those who watch over the server are told once.

const History = z.object({ items: z.array(Message) })
const Titles = z.object({ items: z.array(Conversation) })
const Events = z.object({ items: z.array(SecurityEvent) })
const WORD = 'zeppelin'

async function open(dialect: Dialect) {
  const postgres = dialect === 'postgres' ? await createPostgresDatabase() : null
  const server = await openTestServer({ settings: postgres === null ? {} : { STORE_URL: postgres.url } })
  const owner = await server.setUpOwner()
  const person = await server.addAccount('somebody')
  return { server, owner, person, [Symbol.asyncDispose]: async () => { await server[Symbol.asyncDispose](); await postgres?.[Symbol.asyncDispose]() } }
}

const ask = (person: Person, conversation: string, text: string) => person.call('POST', `/api/v1/conversations/${conversation}/turns`, { text, model: 'sallyport/library' })
async function talk(person: Person, text: string) {
  const id = await person.newConversation()
  const reply = await ask(person, id, text)
  expect(reply.status, reply.text).toBe(200)
  const { question, answer } = z.object({ question: Message, answer: Message }).parse(reply.json)
  return { id, question: question.id, answer: answer.id }
}
const history = async (person: Person, conversation: string) => {
  const reply = await person.call('GET', `/api/v1/conversations/${conversation}/messages`)
  expect(reply.status, reply.text).toBe(200)
  return History.parse(reply.json).items
}
const read = (server: TestServer) => server.sallyport.database.read
const sealedText = async (server: TestServer, id: string) => (await read(server).selectFrom('message').select('text_sealed').where('id', '=', id).executeTakeFirstOrThrow()).text_sealed
const sealedTitle = async (server: TestServer, id: string) => (await read(server).selectFrom('conversation').select('title_sealed').where('id', '=', id).executeTakeFirstOrThrow()).title_sealed
const putText = (server: TestServer, id: string, text_sealed: Uint8Array): WriteStep => ({ query: read(server).updateTable('message').set({ text_sealed }).where('id', '=', id).compile(), expectRows: 1 })
const putTitle = (server: TestServer, id: string, title_sealed: Uint8Array): WriteStep => ({ query: read(server).updateTable('conversation').set({ title_sealed }).where('id', '=', id).compile(), expectRows: 1 })
async function swapTexts(server: TestServer, one: string, other: string): Promise<void> {
  const [first, second] = [await sealedText(server, one), await sealedText(server, other)]
  await server.sallyport.database.write([putText(server, one, second), putText(server, other, first)])
}
const told = async (server: TestServer, owner: Person) => {
  await server.sallyport.domains.brokenValues.tell()
  return Events.parse((await owner.call('GET', '/api/v1/security-events?limit=100')).json).items.filter(({ type }) => type === 'sealed-value-broken')
}

describeEachEngine('sealed rows that were swapped', (dialect) => {
  test('are unreadable alone: in the list, the history, the search and the export everything else is there', async () => {
    await using opened = await open(dialect)
    const { server, owner, person } = opened
    const [one, other] = [await talk(person, `Where does the ${WORD} land?`), await talk(person, `Who flies the ${WORD}?`)]
    await server.sallyport.domains.messageIndexer.settled()
    const search = async () => ConversationSearch.parse((await person.call('POST', '/api/v1/conversations/search', { text: WORD })).json)
    const list = async () => Titles.parse((await person.call('GET', '/api/v1/conversations')).json).items
    // The control: nothing is marked before.
    expect([...await history(person, one.id), ...await list(), ...(await search()).messages].filter(({ unreadable }) => unreadable !== undefined)).toEqual([])
    expect((await search()).messages.map(({ messageId }) => messageId).toSorted()).toEqual([one.question, other.question].toSorted())
    expect(await told(server, owner)).toEqual([])

    await swapTexts(server, one.question, other.question)
    const [firstTitle, secondTitle] = [await sealedTitle(server, one.id), await sealedTitle(server, other.id)]
    await server.sallyport.database.write([putTitle(server, one.id, secondTitle), putTitle(server, other.id, firstTitle)])

    for (const { id, question, answer } of [one, other]) {
      const [asked, answered] = await history(person, id)
      expect(asked).toMatchObject({ id: question, text: expect.stringContaining('cannot be read'), unreadable: ['text'] })
      expect(asked?.text).not.toContain(WORD)
      expect(answered).toMatchObject({ id: answer, text: expect.stringMatching(/\S/) })
      expect(answered?.unreadable).toBeUndefined()
    }
    expect((await list()).map(({ title, unreadable }) => [title, unreadable])).toEqual([['A title that cannot be read', ['title']], ['A title that cannot be read', ['title']]])
    const found = await search()
    expect(found.conversations).toEqual([])
    expect(found.messages.map(({ unreadable }) => unreadable)).toEqual([['title', 'text'], ['title', 'text']].map((parts) => expect.arrayContaining(parts)))
    expect(JSON.stringify(found)).not.toContain(WORD)

    const made = await makeExport(server, '/api/v1/account/export', person)
    const files = await fetchExport(server, `/api/v1/account/export/${made.id}`, person)
    expect(files.get('message.json')?.match(/damaged and cannot be opened/g)).toHaveLength(2)
    expect(files.get('conversations.md')?.match(/### Answer/g)).toHaveLength(2)
    expect([...files.values()].join('')).not.toContain(WORD)

    // A new title is whole again.
    expect((await person.call('PATCH', `/api/v1/conversations/${one.id}`, { title: 'Airships' })).json).toMatchObject({ title: 'Airships' })
    expect((await list()).find(({ id }) => id === one.id)?.unreadable).toBeUndefined()
  }, 60_000)

  test('are told as an event of high severity, once for each value however often they are read, by their places alone', async () => {
    await using opened = await open(dialect)
    const { server, owner, person } = opened
    const [one, other] = [await talk(person, `Where does the ${WORD} land?`), await talk(person, 'Who flies it?')]
    await swapTexts(server, one.question, other.question)
    for (let time = 0; time < 3; time += 1) {
      await history(person, one.id)
      await history(person, other.id)
      await server.sallyport.domains.brokenValues.tell()
    }
    const events = await told(server, owner)
    // Whoever reads the log sees the row by a name of the day; the store has the id.
    expect(events.map(({ severity, accountId, detail }) => ({ severity, isNamed: accountId?.startsWith('acc-'), detail }))).toEqual([one, other].map(() => ({ severity: 'high', isNamed: true, detail: { table: 'message', column: 'text_sealed', row: expect.stringMatching(/^msg-\d{8}-/) } })))
    const stored = await read(server).selectFrom('security_event').select(['account_id', 'detail']).where('type', '=', 'sealed-value-broken').execute()
    expect(stored.map(({ account_id: account, detail }) => [account, JSON.parse(detail)])).toEqual(expect.arrayContaining([one.question, other.question].map((row) => [person.account.id, { table: 'message', column: 'text_sealed', row }])))
    expect(JSON.stringify(events)).not.toContain(WORD)
    // Also not by another process, or the next start.
    await server.restart()
    await history(await server.renew(person), one.id)
    expect(await told(server, await server.renew(owner))).toHaveLength(2)
  })

  test('names, addresses and passwords that were moved to another row say nothing and open nothing there; every list still answers', async () => {
    await using opened = await open(dialect)
    const { server, owner, person } = opened
    const columns = ['name_sealed', 'email_sealed', 'password_sealed'] as const
    const rows = await read(server).selectFrom('account').select(['id', ...columns]).execute()
    const [mine, theirs] = [rows.find(({ id }) => id === person.account.id), rows.find(({ id }) => id === owner.account.id)]
    if (mine === undefined || theirs === undefined) throw new Error('Both accounts are there.')
    const signIn = async () => (await server.call('POST', '/api/v1/session', { body: { email: 'owner@example.org', password: PASSWORD }, headers: { origin: server.url } })).status
    expect(await signIn()).toBe(200)

    // Somebody puts what is their own into the owner's row, so that their own password would open it.
    await server.sallyport.database.write([{ query: read(server).updateTable('account').set({ name_sealed: mine.name_sealed, email_sealed: mine.email_sealed, password_sealed: mine.password_sealed }).where('id', '=', owner.account.id).compile(), expectRows: 1 }])
    expect(await signIn()).toBe(401)
    const listed = await person.call('GET', '/api/v1/session')
    expect(listed.text).toContain('somebody')
    const accounts = await owner.call('GET', '/api/v1/accounts')
    expect(accounts.status, accounts.text).toBe(200)
    expect(z.object({ items: z.array(z.object({ name: z.string(), email: z.string() })) }).parse(accounts.json).items.map(({ name, email }) => [name, email]).toSorted())
      .toEqual([['Unreadable name', `${owner.account.id}@unreadable.invalid`], ['somebody', 'somebody@example.org']])
    expect((await told(server, owner)).map(({ detail }) => (detail as { column?: string }).column).toSorted()).toEqual(columns.toSorted())

    await server.sallyport.database.write([{ query: read(server).updateTable('account').set({ name_sealed: theirs.name_sealed, email_sealed: theirs.email_sealed, password_sealed: theirs.password_sealed }).where('id', '=', owner.account.id).compile(), expectRows: 1 }])
    expect(await signIn()).toBe(200)
  })

  test('a value that is whole again when it is looked at was never broken, and a flood is told some at a time', async () => {
    await using opened = await open(dialect)
    const { server, owner, person } = opened
    const { id, question } = await talk(person, `Where does the ${WORD} land?`)
    const sealed = await sealedText(server, question)
    await server.sallyport.database.write([putText(server, question, sealed.slice(1))])
    await history(person, id)
    await server.sallyport.database.write([putText(server, question, sealed)])
    expect(await told(server, owner)).toEqual([])

    const many = brokenValues.atOnce + 5
    const rows = Array.from({ length: many }, (_, index) => `msg_${String(index).padStart(32, '0')}`)
    await server.sallyport.database.write(rows.map((row): WriteStep => ({ query: read(server).insertInto('message').columns(['id', 'conversation_id', 'account_id', 'turn_id', 'role', 'status', 'model', 'text_sealed', 'notices', 'created_at']).expression((expression) =>
      expression.selectFrom('message').select(({ val }) => [val(row).as('id'), 'conversation_id', 'account_id', 'turn_id', 'role', 'status', 'model', 'text_sealed', 'notices', 'created_at']).where('id', '=', question)).compile() })))
    expect((await person.call('GET', `/api/v1/conversations/${id}/messages?limit=100`)).status).toBe(200)
    expect(await told(server, owner)).toHaveLength(brokenValues.atOnce)
    expect(await told(server, owner)).toHaveLength(many)
    expect(await told(server, owner)).toHaveLength(many)
  })

  test('no model is asked with what is left of a conversation; once its messages are cleared it goes on', async () => {
    await using opened = await open(dialect)
    const { server, owner, person } = opened
    const vendor = await server.addVendor(owner, 'openai', { script: { text: ['Hello.'], usage: { inputTokens: 10, outputTokens: 4 } } })
    const [one, other] = [await talk(person, `Where does the ${WORD} land?`), await talk(person, 'Who flies it?')]
    const withModel = () => person.call('POST', `/api/v1/conversations/${one.id}/turns`, { text: 'And then?', model: 'openai/model-a' })
    expect((await withModel()).status).toBe(200)
    const before = vendor.requests.length
    await swapTexts(server, one.question, other.question)
    const refused = await withModel()
    expect(refused.json).toMatchObject({ status: 409, code: 'history-unreadable' })
    expect(vendor.requests).toHaveLength(before)
    expect(await history(person, one.id)).toHaveLength(4)
    expect((await person.call('DELETE', `/api/v1/conversations/${one.id}/messages`)).status).toBe(204)
    expect((await withModel()).status).toBe(200)

    // The same where what names stood for does not open.
    await server.sallyport.database.write([{ query: read(server).updateTable('conversation').set({ pseudonyms_sealed: await sealedTitle(server, other.id) }).where('id', '=', one.id).compile(), expectRows: 1 }])
    expect((await withModel()).json).toMatchObject({ code: 'history-unreadable' })
    expect((await person.call('GET', `/api/v1/conversations/${one.id}`)).json).toMatchObject({ unreadable: ['stand-ins'] })
    expect((await person.call('DELETE', `/api/v1/conversations/${one.id}/messages`)).status).toBe(204)
    expect((await withModel()).status).toBe(200)
  })

  test('a passage of a document that was swapped is given to no model, and says so to whoever opens it', async () => {
    await using opened = await open(dialect)
    const { server, person } = opened
    const add = async (title: string, text: string) => z.object({ id: z.string() }).parse((await person.call('POST', '/api/v1/documents', { title, text, mediaType: 'text/plain', collection: 'mine' })).json).id
    const [first, second] = [await add('Airships', `The ${WORD} lands in the harbour of Bregenz.`), await add('Birds', 'The heron stands in the reeds.')]
    const passageOf = (document: string) => read(server).selectFrom('passage').select(['id', 'text_sealed']).where('document_id', '=', document).executeTakeFirstOrThrow()
    const answer = async () => z.object({ answer: Message }).parse((await ask(person, await person.newConversation(), `Where does the ${WORD} land?`)).json).answer
    expect((await answer()).text).toContain('Bregenz')
    const [one, other] = [await passageOf(first), await passageOf(second)]
    const put = (id: string, text_sealed: Uint8Array): WriteStep => ({ query: read(server).updateTable('passage').set({ text_sealed }).where('id', '=', id).compile(), expectRows: 1 })
    await server.sallyport.database.write([put(one.id, other.text_sealed), put(other.id, one.text_sealed)])
    const left = await answer()
    expect(left).toMatchObject({ status: 'complete', citations: [] })
    expect(left.text).not.toContain('Bregenz')
    expect(Passage.parse((await person.call('GET', `/api/v1/passages/${one.id}`)).json)).toMatchObject({ title: 'Airships', text: expect.stringContaining('cannot be read'), unreadable: true })
    expect((await person.call('GET', '/api/v1/documents')).status).toBe(200)
  })
})

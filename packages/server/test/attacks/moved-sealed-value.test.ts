import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import type { WriteStep } from '../../src/database/database.ts'
import { openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'

let server: TestServer
let owner: Person
let stranger: Person
beforeAll(async () => {
  server = await openTestServer()
  owner = await server.setUpOwner()
  stranger = await server.addAccount('stranger')
})
afterAll(async () => { await server[Symbol.asyncDispose]() })

const SECRET = 'The vault opens at nine.'
async function talk(person: Person, text: string) {
  const id = await person.newConversation()
  const { question, answer } = (await person.call('POST', `/api/v1/conversations/${id}/turns`, { text, model: 'sallyport/library' })).json as { question: { id: string }; answer: { id: string } }
  return { id, question: question.id, answer: answer.id }
}
const sealedOf = async (id: string) => (await server.sallyport.database.read.selectFrom('message').select('text_sealed').where('id', '=', id).executeTakeFirstOrThrow()).text_sealed
const put = (id: string, text_sealed: Uint8Array): WriteStep => ({ query: server.sallyport.database.read.updateTable('message').set({ text_sealed }).where('id', '=', id).compile(), expectRows: 1 })
const history = (person: Person, id: string) => person.call('GET', `/api/v1/conversations/${id}/messages`)

const Broken = z.object({ items: z.array(z.object({ id: z.string(), unreadable: z.array(z.string()).optional() })) })
/** The history is shown, with that part of that message alone as unreadable. */
async function expectBroken(person: Person, conversation: string, { message, part = 'text' }: { readonly message: string; readonly part?: string }): Promise<void> {
  const reply = await history(person, conversation)
  expect(reply.status).toBe(200)
  expect(Broken.parse(reply.json).items.filter(({ unreadable }) => unreadable !== undefined)).toEqual([{ id: message, unreadable: [part] }])
  if (part === 'text') expect(reply.text).not.toContain('vault')
}

describe('a sealed value opens in its own place alone', () => {
  test('not when two messages of one owner are swapped', async () => {
    const [one, other] = [await talk(owner, SECRET), await talk(owner, 'Nothing.')]
    const [first, second] = [await sealedOf(one.question), await sealedOf(other.question)]
    expect((await history(owner, one.id)).status).toBe(200)
    await server.sallyport.database.write([put(one.question, second), put(other.question, first)])
    await expectBroken(owner, one.id, { message: one.question })
    await expectBroken(owner, other.id, { message: other.question })
    await server.sallyport.database.write([put(one.question, first), put(other.question, second)])
    expect((await history(owner, one.id)).text).toContain(SECRET)
  })

  test('not in a row of somebody else\'s', async () => {
    const [theirs, mine] = [await talk(owner, SECRET), await talk(stranger, 'Nothing.')]
    await server.sallyport.database.write([put(mine.question, await sealedOf(theirs.question))])
    await expectBroken(stranger, mine.id, { message: mine.question })
  })

  test('not in another column', async () => {
    const { id, question, answer } = await talk(owner, SECRET)
    await server.sallyport.database.write([{ query: server.sallyport.database.read.updateTable('message').set({ comment_sealed: await sealedOf(question), rating: 'up' }).where('id', '=', answer).compile() }])
    await expectBroken(owner, id, { message: answer, part: 'comment' })
  })

  test('not when the row itself is given to somebody else', async () => {
    const [theirs, mine] = [await talk(owner, SECRET), await talk(stranger, 'Nothing.')]
    await server.sallyport.database.write([{ query: server.sallyport.database.read.updateTable('message').set({ account_id: stranger.account.id, conversation_id: mine.id }).where('id', '=', theirs.question).compile() }])
    await expectBroken(stranger, mine.id, { message: theirs.question })
  })

  test('not when a bit of it is flipped, at any place, and not when it is cut', async () => {
    const { id, question } = await talk(owner, SECRET)
    const sealed = await sealedOf(question)
    for (let position = 0; position < sealed.byteLength; position += 7) {
      const changed = Uint8Array.from(sealed)
      changed[position] = (changed[position] ?? 0) ^ 1
      await server.sallyport.database.write([put(question, changed)])
      await expectBroken(owner, id, { message: question })
    }
    for (const length of [0, 4, 20, sealed.byteLength - 1]) {
      await server.sallyport.database.write([put(question, sealed.slice(0, length))])
      await expectBroken(owner, id, { message: question })
    }
    await server.sallyport.database.write([put(question, sealed)])
    expect((await history(owner, id)).text).toContain(SECRET)
  })
})

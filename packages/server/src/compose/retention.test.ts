import { sql } from 'kysely'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { expiry } from '../policy/retention.ts'
import { openTestServer, type TestServer } from '../testing/server.ts'

const Blocks = z.array(z.object({ block: z.instanceof(Uint8Array) }))
const words = async ({ sallyport: { database } }: TestServer, table: string) =>
  Buffer.concat(Blocks.parse((await sql`select block from ${sql.table(`${table}_data`)}`.execute(database.read)).rows).map(({ block }) => Buffer.from(block))).byteLength

test('what people remove leaves the word indexes of the embedded store within a day', async () => {
  // The handbook's words are in before anything is counted: an index that is being filled merges by itself.
  await using server = await openTestServer({ withHandbook: true })
  const owner = await server.setUpOwner()
  const empty = { passage_word: await words(server, 'passage_word'), message_word: await words(server, 'message_word') }
  const remove = async () => {
    const text = `${Array.from({ length: 50 }, (_, index) => `Marmalade${index}`).join(' ')}.`
    const added = await owner.call('POST', '/api/v1/documents', { title: 'Bees', text, mediaType: 'text/plain', collection: 'mine' })
    const conversation = await owner.newConversation()
    await owner.call('POST', `/api/v1/conversations/${conversation}/turns`, { text, model: 'sallyport/library' })
    await server.sallyport.domains.messageIndexer.walk()
    expect((await owner.call('DELETE', `/api/v1/documents/${z.object({ id: z.string() }).parse(added.json).id}`)).status).toBeLessThan(300)
    expect((await owner.call('DELETE', `/api/v1/conversations/${conversation}`)).status).toBeLessThan(300)
  }
  const isLeft = async () => ({ passages: await words(server, 'passage_word') > empty.passage_word + 200, messages: await words(server, 'message_word') > empty.message_word + 200 })
  await remove()
  expect(await isLeft()).toEqual({ passages: true, messages: true })
  await server.sallyport.domains.expire()
  expect(await isLeft()).toEqual({ passages: false, messages: false })
  // Not at every look: an index is rewritten for it.
  await remove()
  await server.sallyport.domains.expire()
  expect((await isLeft()).messages).toBe(true)
  server.clock.advance(expiry.purgeMilliseconds)
  await server.sallyport.domains.expire()
  expect(await isLeft()).toEqual({ passages: false, messages: false })
})

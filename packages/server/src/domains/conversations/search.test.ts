import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { messageIndexes } from '../../adapters/message-index/index.ts'
import { systemClock } from '../../kernel/clock.ts'
import { openScope } from '../../kernel/scope.ts'
import { toSearchWords } from '../../kernel/words/index.ts'
import { describeEachEngine, idLike, openTestStore, type TestStore } from '../../testing/server-database.ts'
import { createMessageIndexer } from './index-messages.ts'
import { createSearchStore } from './search-store.ts'
import { searchConversations } from './search.ts'
import { snippetOf } from './snippet.ts'
import { createConversationStore } from './store.ts'

const ann = idLike('acc', 1)
const ben = idLike('acc', 2)
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }

async function openSearch(store: TestStore) {
  const { database, keyRing } = store
  const index = messageIndexes[database.dialect].create(database.read)
  const indexer = createMessageIndexer({ database, index, keyRing, clock: systemClock, log: quiet })
  const stores = createConversationStore(database)
  for (const id of [ann, ben]) await store.addAccount(id)
  let made = 0
  const scoped = async (owner: string) => stores(openScope(owner), await keyRing.sealerOf(owner))
  const reading = async (owner: string) => createSearchStore(database, openScope(owner), await keyRing.sealerOf(owner))
  return {
    indexer, scoped, reading,
    /** A conversation with these messages. Gives its id and theirs. */
    async add(owner: string, title: string, texts: readonly string[]) {
      const of = await scoped(owner)
      const id = idLike('con', ++made)
      const messages = texts.map((text) => ({ id: idLike('msg', ++made), conversationId: id, turnId: idLike('trn', made), role: 'user' as const, status: 'complete' as const, model: 'a/b', text, notices: [], at: made }))
      await database.write([of.insert({ id, title, model: 'a/b', at: made }), ...messages.map(of.insertMessage)])
      return { id, messages: messages.map((message) => message.id) }
    },
    async find(owner: string, text: string, limit = 20) {
      const found = await searchConversations({ store: await reading(owner), sealer: await keyRing.sealerOf(owner), index }, { text, limit })
      return { titles: found.conversations.map(({ title }) => title), texts: found.messages.map(({ snippet }) => snippet.text), all: found }
    },
    rows: async () => (await sql<{ readonly count: number }>`select count(*) as count from message_word`.execute(database.read)).rows[0]?.count,
  }
}

describeEachEngine('a search in conversations', (dialect) => {
  test('finds the newest of a frequent word, and a rare one however old it is', async () => {
    await using store = await openTestStore(dialect)
    const { add, find, indexer } = await openSearch(store)
    await add(ann, 'Old', ['A zebra among the words.'])
    // More than are walked before the index is asked (adapters/message-index/tsvector).
    for (let from = 0; from < 2_100; from += 300) await add(ann, 'New', Array.from({ length: 300 }, (_, index) => `Of words, number ${from + index}.`))
    await indexer.walk()
    expect((await find(ann, 'zebra')).texts).toEqual(['A zebra among the words.'])
    expect((await find(ann, 'words', 3)).texts).toEqual(['Of words, number 2099.', 'Of words, number 2098.', 'Of words, number 2097.'])
    expect((await find(ann, 'words zebra')).texts).toEqual(['A zebra among the words.'])
  }, 60_000)

  test('finds messages that hold every word in any of its forms, newest first, and titles by a part of a word', async () => {
    await using store = await openTestStore(dialect)
    const { add, find, indexer } = await openSearch(store)
    await add(ann, 'Lighthouses of Brittany', ['How many lighthouses stand in Brittany?', 'There are sixty of them, and the keepers are retired.'])
    await add(ann, 'Keepers', ['Was macht ein Leuchtturmwärter, wenn die Schlüssel fehlen und das Licht nicht brennt?', 'The lighthouse keeper keeps a spare key.'])
    await indexer.walk()
    expect((await find(ann, 'lighthouse')).texts).toEqual(['The lighthouse keeper keeps a spare key.', 'How many lighthouses stand in Brittany?'])
    expect((await find(ann, 'LIGHTHOUSE keepers')).texts).toEqual(['The lighthouse keeper keeps a spare key.'])
    expect((await find(ann, 'leuchtturmwarter schluessel')).texts).toEqual([])
    expect((await find(ann, 'leuchtturmwarter schlussel')).texts[0]).toContain('Leuchtturmwärter')
    expect((await find(ann, 'ighthou')).titles).toEqual(['Lighthouses of Brittany'])
    expect((await find(ann, 'zebra')).texts).toEqual([])
    for (const nothing of [' ', '?!', 'the', '"', "' OR 1", '* OR lighthouse) --']) expect((await find(ann, nothing)).all.messages.length, nothing).toBeLessThanOrEqual(nothing.includes('lighthouse') ? 2 : 0)
  })

  test('says where in the snippet the words stand, and no more than asked for', async () => {
    await using store = await openTestStore(dialect)
    const { add, find, indexer } = await openSearch(store)
    await add(ann, 'Long', Array.from({ length: 30 }, (_, index) => `${'Filling of many words. '.repeat(40)}Number ${index}: the velvet kazoos are here. ${'More of it. '.repeat(50)}`))
    await indexer.walk()
    const { all } = await find(ann, 'kazoo', 7)
    expect(all.messages).toHaveLength(7)
    for (const { snippet: { text, marks } } of all.messages) {
      expect(text.length).toBeLessThan(250)
      expect(marks.map(({ from, to }) => text.slice(from, to))).toEqual(['kazoos'])
    }
    expect(all.messages[0]?.snippet.text).toContain('Number 29')
  })

  test('gives nobody anything of another, not even by the other\'s hashes', async () => {
    await using store = await openTestStore(dialect)
    const { add, find, indexer, reading } = await openSearch(store)
    await add(ann, 'Mine', ['The velvet kazoo is mine.'])
    await add(ben, 'Theirs', ['The velvet kazoo is theirs.'])
    await indexer.walk()
    expect((await find(ann, 'velvet kazoo')).texts).toEqual(['The velvet kazoo is mine.'])
    const numbers = (await store.database.read.selectFrom('message_index').select('number').execute()).map(({ number }) => number)
    expect(numbers).toHaveLength(2)
    expect((await (await reading(ben)).messagesByNumber(numbers, 10)).map(({ text }) => text)).toEqual(['The velvet kazoo is theirs.'])
  })

  test('holds no word in clear, and not the same hash for the same word of two accounts', async () => {
    await using store = await openTestStore(dialect)
    const { add, indexer } = await openSearch(store)
    await add(ann, 'Mine', ['kazoo'])
    await add(ben, 'Theirs', ['kazoo'])
    await indexer.walk()
    const rows = dialect === 'postgres'
      ? (await sql<{ readonly words: string }>`select words::text as words from message_word`.execute(store.database.read)).rows.map(({ words }) => words)
      : (await sql<{ readonly block: Uint8Array }>`select block from message_word_data`.execute(store.database.read)).rows.map(({ block }) => Buffer.from(block).toString('latin1'))
    const all = rows.join('\n')
    expect(all).not.toContain('kazoo')
    // A second document with the same hash would add none.
    expect(dialect === 'postgres' ? new Set(rows).size : all.match(/[0-9a-f]{8,16}/g)?.length ?? 0).toBeGreaterThanOrEqual(2)
  })

  test('forgets a message with its row, whoever removes it', async () => {
    await using store = await openTestStore(dialect)
    const { add, find, indexer, scoped, rows } = await openSearch(store)
    const [one, two] = [await add(ann, 'One', ['A velvet kazoo.', 'A plain kazoo.']), await add(ann, 'Two', ['Another kazoo.'])]
    await add(ben, 'Other', ['The last kazoo.'])
    await indexer.walk()
    expect(await rows()).toBe(4)
    const of = await scoped(ann)
    await store.database.write([of.removeMessages(one.id)])
    expect(await rows()).toBe(2)
    await store.database.write([of.remove(two.id)])
    expect([await rows(), (await find(ann, 'kazoo')).texts]).toEqual([1, []])
    await store.database.write([{ query: store.database.read.deleteFrom('account').where('id', '=', ben).compile() }])
    expect([await rows(), await store.database.read.selectFrom('message_index').select('number').execute()]).toEqual([0, []])
  })

  test('puts into the index what is missing there: noted, left from before, or by an older tokeniser; what is being written comes later', async () => {
    await using store = await openTestStore(dialect)
    const { add, find, indexer, scoped } = await openSearch(store)
    const { messages: [first = ''] } = await add(ann, 'One', ['A velvet kazoo.'])
    indexer.note([first, idLike('msg', 99)])
    await indexer.settled()
    expect((await find(ann, 'velvet')).texts).toHaveLength(1)
    await store.database.write([{ query: store.database.read.updateTable('message_index').set({ tokeniser: 0 }).compile() }, { query: sql`delete from message_word`.compile(store.database.read) }])
    expect((await find(ann, 'velvet')).texts).toHaveLength(0)
    const of = await scoped(ann)
    const running = idLike('msg', 500)
    await store.database.write([of.insertMessage({ id: running, conversationId: idLike('con', 1), turnId: idLike('trn', 500), role: 'assistant', status: 'running', model: 'a/b', text: '', notices: [], at: 1 })])
    await indexer.walk()
    expect((await find(ann, 'velvet')).texts).toHaveLength(1)
    await store.database.write([of.endAnswer(running, { text: 'The velvet answer.', status: 'complete', citations: [], notices: [] })])
    indexer.note([running])
    await indexer.settled()
    expect((await find(ann, 'velvet')).texts).toEqual(['The velvet answer.', 'A velvet kazoo.'])
  })
})

describe('a snippet', () => {
  test('is a whole piece with whole words, whatever the text', () => {
    const words = toSearchWords('naïve lighthouses')
    for (const text of ['', 'naive', 'x'.repeat(5_000), `${'ß'.repeat(300)} NAÏVE ${'y'.repeat(300)}`, '👩‍👩‍👧'.repeat(200), `a\nb\tc ${'word '.repeat(100)}lighthouse`, '灯台'.repeat(300)]) {
      const { text: piece, marks } = snippetOf(text, words)
      expect(piece.isWellFormed()).toBe(true)
      expect(piece.length).toBeLessThanOrEqual(260)
      expect(piece).not.toMatch(/[\n\t]/)
      for (const { from, to } of marks) expect(piece.slice(from, to)).toMatch(/naïve|naive|lighthouse/i)
    }
    expect(snippetOf(`${'word '.repeat(100)}the lighthouse stands`, words)).toMatchObject({ text: expect.stringContaining('lighthouse stands') })
  })
})

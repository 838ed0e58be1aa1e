import { expect, test } from 'vitest'
import type { Dialect } from '../../database/database.ts'
import { openScope } from '../../kernel/scope.ts'
import { describeEachEngine, openTestStore } from '../../testing/server-database.ts'
import { createSearchStore } from './search-store.ts'
import { createConversationStore, type NewMessage } from './store.ts'

const message = (id: string, conversationId: string): NewMessage => ({ id, conversationId, turnId: `trn_${id}`, role: 'user', status: 'complete', model: 'm', text: `text of ${id}`, notices: [], at: 1 })

/** Two accounts with a conversation each and a message in it, which is in the word index. */
async function openTwo(dialect: Dialect) {
  const store = await openTestStore(dialect)
  const { database: { read, write }, keyRing } = store
  const searching = async (id: 'acc_1' | 'acc_2') => {
    await store.addAccount(id)
    const sealer = await keyRing.sealerOf(id)
    const of = createConversationStore(store.database)(openScope(id), sealer)
    const [conversation, note] = [`con_${id}`, `msg_${id}`]
    await write([of.insert({ id: conversation, title: `Title of ${id}`, model: 'm', at: 1 }), of.insertMessage(message(note, conversation))])
    await write([{ query: read.insertInto('message_index').values({ message_id: note, tokeniser: 1 }).compile() }])
    return createSearchStore(store.database, openScope(id), sealer)
  }
  const [mine, theirs] = [await searching('acc_1'), await searching('acc_2')]
  const numbers = (await read.selectFrom('message_index').select('number').execute()).map(({ number }) => number)
  return { store, mine, theirs, numbers }
}

describeEachEngine('what a search reads', (dialect) => {
  test('is one account\'s, whatever is named', async () => {
    const { store, mine, theirs, numbers } = await openTwo(dialect)
    await using _store = store
    expect(numbers).toHaveLength(2)
    for (const [search, id] of [[mine, 'acc_1'], [theirs, 'acc_2']] as const) {
      expect(await search.titles(9)).toEqual([{ id: `con_${id}`, title: `Title of ${id}` }])
      expect((await search.some(['con_acc_1', 'con_acc_2'])).map(({ title }) => title)).toEqual([`Title of ${id}`])
      expect((await search.messagesByNumber(numbers, 9)).map(({ text, title }) => [text, title])).toEqual([[`text of msg_${id}`, `Title of ${id}`]])
    }
  })

  test('a message that names another account than its conversation is nobody\'s', async () => {
    const { store, mine, theirs, numbers } = await openTwo(dialect)
    await using _store = store
    await store.database.write([{ query: store.database.read.updateTable('message').set({ account_id: 'acc_2' }).where('id', '=', 'msg_acc_1').compile() }])
    expect(await mine.messagesByNumber(numbers, 9)).toEqual([])
    expect((await theirs.messagesByNumber(numbers, 9)).map(({ id }) => id)).toEqual(['msg_acc_2'])
  })
})

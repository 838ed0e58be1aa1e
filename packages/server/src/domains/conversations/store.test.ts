import { expect, test } from 'vitest'
import { WriteConflict } from '../../database/database.ts'
import { openScope } from '../../kernel/scope.ts'
import { describeEachEngine, openTestStore, type TestStore } from '../../testing/server-database.ts'
import { measureStored } from '../../testing/stored-bytes.ts'
import { createStoredBytes } from './cap-store.ts'
import { createConversationStore, markInterrupted, type NewMessage } from './store.ts'
import { unreadableText } from './unreadable.ts'

const open = async (store: TestStore, accountId: string) => createConversationStore(store.database)(openScope(accountId), await store.keyRing.sealerOf(accountId))
const message = (id: string, more: Partial<NewMessage> = {}): NewMessage => ({ id, conversationId: 'con_1', turnId: 'trn_1', role: 'user', status: 'complete', model: 'm', text: `text of ${id}`, notices: [], at: 1, ...more })

async function openTwo(dialect: 'sqlite' | 'postgres') {
  const store = await openTestStore(dialect)
  await store.addAccount('acc_1')
  await store.addAccount('acc_2')
  const [mine, theirs] = [await open(store, 'acc_1'), await open(store, 'acc_2')]
  await store.database.write([mine.insert({ id: 'con_1', title: 'Bees 🐝', model: 'm', at: 5 }), theirs.insert({ id: 'con_2', title: 'Wasps', model: 'm', at: 6 })])
  return { store, mine, theirs, write: store.database.write }
}

describeEachEngine('the store of conversations', (dialect) => {
  test('gives back what it took, to its owner alone', async () => {
    const { store, mine, theirs } = await openTwo(dialect)
    await using _store = store
    expect(await mine.get('con_1')).toMatchObject({ id: 'con_1', title: 'Bees 🐝', model: 'm', created_at: 5, updated_at: 5 })
    expect(await mine.get('con_2')).toBeNull()
    expect(await theirs.get('con_1')).toBeNull()
    expect((await mine.page(undefined, 10)).map(({ id }) => id)).toEqual(['con_1'])
  })

  test('no write reaches another account\'s rows', async () => {
    const { store, mine, theirs, write } = await openTwo(dialect)
    await using _store = store
    await write([mine.insertMessage(message('msg_1')), mine.insertMessage(message('msg_2', { role: 'assistant' }))])
    await expect(write([theirs.change('con_1', { title: 'Mine', at: 9 })])).rejects.toBeInstanceOf(WriteConflict)
    await expect(write([theirs.remove('con_1')])).rejects.toBeInstanceOf(WriteConflict)
    await expect(write([theirs.rate('msg_2', { rating: 'up', comment: undefined })])).rejects.toBeInstanceOf(WriteConflict)
    await write([theirs.removeMessages('con_1'), theirs.endAnswer('msg_2', { text: 'gone', status: 'complete', citations: [], notices: [] })])
    expect((await mine.messagePage('con_1', undefined, 10)).map(({ id, text }) => [id, text])).toEqual([['msg_2', 'text of msg_2'], ['msg_1', 'text of msg_1']])
    expect(await theirs.message('msg_1')).toBeNull()
    expect(await theirs.messagesOfTurn('trn_1')).toEqual([])
    expect(await theirs.messagePage('con_1', undefined, 10)).toEqual([])
  })

  test('pages run from the newest to the oldest without a gap or a repeat', async () => {
    const { store, mine, write } = await openTwo(dialect)
    await using _store = store
    const ids = Array.from({ length: 23 }, (_, index) => `msg_${String(index).padStart(3, '0')}`)
    await write(ids.map((id) => mine.insertMessage(message(id))))
    const seen: string[] = []
    for (let before: string | undefined; ;) {
      const page = await mine.messagePage('con_1', before, 5)
      seen.push(...page.map(({ id }) => id))
      before = page.at(-1)?.id
      if (page.length < 5) break
    }
    expect(seen).toEqual(ids.toReversed())
    expect(await mine.countMessages('con_1', 10)).toBe(10)
    expect(await mine.countMessages('con_1', 100)).toBe(23)
  })

  test('an answer ends with its text, citations and notices; feedback goes to answers only', async () => {
    const { store, mine, write } = await openTwo(dialect)
    await using _store = store
    const citations = [{ number: 1, passageId: `psg_${'0'.repeat(32)}`, documentId: `doc_${'0'.repeat(32)}`, title: 'Bees', heading: 'Dance' }]
    await write([mine.insertMessage(message('msg_1')), mine.insertMessage(message('msg_2', { role: 'assistant', status: 'running', text: '' }))])
    await write([mine.endAnswer('msg_2', { text: 'They dance [1].', status: 'complete', citations, notices: [{ place: 'answer', type: 'email', action: 'mask', count: 2 }] })])
    await write([mine.rate('msg_2', { rating: 'down', comment: 'Too short.' })])
    const answer = await mine.message('msg_2')
    expect(answer).toMatchObject({ text: 'They dance [1].', status: 'complete', rating: 'down', comment: 'Too short.' })
    expect(JSON.parse(answer?.citations ?? '')).toEqual(citations)
    await write([mine.rate('msg_2', { rating: 'up', comment: undefined })])
    expect(await mine.message('msg_2')).toMatchObject({ rating: 'up', comment: null })
    await expect(write([mine.rate('msg_1', { rating: 'up', comment: undefined })])).rejects.toBeInstanceOf(WriteConflict)
  })

  test('a conversation\'s messages are read, counted and cleared without those of the owner\'s others', async () => {
    const { store, mine, write } = await openTwo(dialect)
    await using _store = store
    await write([mine.insert({ id: 'con_3', title: 'Ants', model: 'm', at: 7 }), mine.insertMessage(message('msg_1')), mine.insertMessage(message('msg_3', { conversationId: 'con_3' }))])
    expect((await mine.messagePage('con_1', undefined, 10)).map(({ id }) => id)).toEqual(['msg_1'])
    expect(await mine.countMessages('con_1', 10)).toBe(1)
    await write([mine.removeMessages('con_1')])
    expect([await mine.countMessages('con_1', 10), await mine.countMessages('con_3', 10)]).toEqual([0, 1])
  })

  test('a conversation that goes takes its messages along', async () => {
    const { store, mine, write } = await openTwo(dialect)
    await using _store = store
    await write([mine.insertMessage(message('msg_1'))])
    await write([mine.remove('con_1')])
    expect(await store.database.read.selectFrom('message').select('id').execute()).toEqual([])
  })

  test('answers that were running when the process ended are marked, whoever\'s they are', async () => {
    const { store, mine, theirs, write } = await openTwo(dialect)
    await using _store = store
    await write([mine.insertMessage(message('msg_1', { status: 'running' })), theirs.insertMessage(message('msg_2', { conversationId: 'con_2', status: 'running' })), mine.insertMessage(message('msg_3', { turnId: 'trn_3' }))])
    await write([...markInterrupted(store.database)])
    expect((await store.database.read.selectFrom('message').select(['id', 'status']).orderBy('id').execute()).map(({ status }) => status)).toEqual(['interrupted', 'interrupted', 'complete'])
  })

  test('what an account has stored is counted as it is, whatever is written, changed and removed', async () => {
    const { store, mine, theirs, write } = await openTwo(dialect)
    await using _store = store
    const stored = (accountId: string) => createStoredBytes(store.database)(openScope(accountId))
    const hold = async () => { expect([await stored('acc_1'), await stored('acc_2')]).toEqual([await measureStored(store.database, 'acc_1'), await measureStored(store.database, 'acc_2')]) }
    await hold()
    await write([mine.insertMessage(message('msg_1')), mine.insertMessage(message('msg_2', { role: 'assistant', text: '' })), theirs.insertMessage(message('msg_3', { conversationId: 'con_2', text: '🐝'.repeat(500) }))])
    await hold()
    expect(await stored('acc_2')).toBeGreaterThan(2_000)
    await write([mine.endAnswer('msg_2', { text: 'A long answer. '.repeat(50), status: 'complete', citations: [], notices: [{ place: 'answer', type: 'email', action: 'mask', count: 2 }] }), mine.change('con_1', { title: 'Of bees', pseudonyms: '["a pseudonym"]', at: 9 })])
    await write([mine.rate('msg_2', { rating: 'down', comment: 'Too short.' })])
    await hold()
    await write([mine.removeMessages('con_1')])
    await hold()
    await write([mine.insertMessage(message('msg_4')), theirs.remove('con_2')])
    await hold()
    expect(await stored('acc_2')).toBe(0)
    await write([{ query: store.database.read.deleteFrom('account').where('id', '=', 'acc_1').compile() }])
    expect(await store.database.read.selectFrom('account_storage').select('account_id').execute()).toEqual([{ account_id: 'acc_2' }])
  })

  test('a row that was moved to another owner does not open', async () => {
    const { store, mine, theirs, write } = await openTwo(dialect)
    await using _store = store
    await write([mine.insertMessage(message('msg_1'))])
    await write([{ query: store.database.read.updateTable('message').set({ account_id: 'acc_2' }).compile(), expectRows: 1 }])
    expect(await theirs.message('msg_1')).toMatchObject({ text: unreadableText, unreadable: ['text'] })
  })
})

import { expect, test } from 'vitest'
import { messageIndexes } from '../../adapters/message-index/index.ts'
import { openScope } from '../../kernel/scope.ts'
import { describeEachEngine, openTestStore } from '../../testing/server-database.ts'
import { createIndexStore } from './index-store.ts'
import { createConversationStore, type NewMessage } from './store.ts'

const message = (id: string, status: NewMessage['status']): NewMessage => ({ id, conversationId: 'con_1', turnId: `trn_${id}`, role: 'assistant', status, model: 'm', text: `text of ${id}`, notices: [], at: 1 })

describeEachEngine('what the indexer reads', (dialect) => {
  test('leaves out a message that is still being written, and one that is gone', async () => {
    await using store = await openTestStore(dialect)
    await store.addAccount('acc_1')
    const of = createConversationStore(store.database)(openScope('acc_1'), await store.keyRing.sealerOf('acc_1'))
    await store.database.write([of.insert({ id: 'con_1', title: 'Bees', model: 'm', at: 1 }), of.insertMessage(message('msg_1', 'complete')), of.insertMessage(message('msg_2', 'running'))])
    const index = createIndexStore(store.database, messageIndexes[dialect].create(store.database.read))
    expect((await index.some(['msg_1', 'msg_2', 'msg_3'])).map(({ id }) => id)).toEqual(['msg_1'])
    expect(await index.page('', 9, 1)).toEqual({ last: null, missing: ['msg_1'] })
  })
})

import type { Role } from '@sallyport/contract'
import { expect, test } from 'vitest'
import { messageIndexes } from '../../adapters/message-index/index.ts'
import { newId } from '../../kernel/ids.ts'
import { describeEachEngine, idLike, openTestStore } from '../../testing/server-database.ts'
import { createTestClock } from '../../testing/test-clock.ts'
import { createEventExpiry } from '../audit/index.ts'
import { createConversationExpiry } from './expire.ts'

const [HOUR, DAY] = [3_600_000, 86_400_000]

describeEachEngine('the life of conversations', (dialect) => {
  test('ends each kind after its own time since the last change, with its messages, and leaves what is being answered', async () => {
    await using store = await openTestStore(dialect)
    const { database } = store
    const clock = createTestClock()
    await store.addAccount('acc_1')
    const put = async (ephemeral: number, { begun, changed }: { readonly begun: number; readonly changed: number }, status: 'complete' | 'running' = 'complete') => {
      const [id, message] = [newId('conversation', clock.now() - begun), newId('message', clock.now() - begun)]
      // Ids of one process never go back in time, so the time stands in the id here.
      const at = (clock.now() - begun).toString(16).padStart(12, '0')
      const dated = `con_${at}${id.slice(16)}`
      await database.write([
        { query: database.read.insertInto('conversation').values({ id: dated, account_id: 'acc_1', title_sealed: Buffer.from('x'), pseudonyms_sealed: null, model: 'm', created_at: clock.now() - begun, updated_at: clock.now() - changed, ephemeral }).compile() },
        { query: database.read.insertInto('message').values({ id: message, conversation_id: dated, account_id: 'acc_1', turn_id: message, role: 'assistant', status, model: 'm', text_sealed: Buffer.from('x'), citations_sealed: null, notices: '[]', rating: null, comment_sealed: null, created_at: 1 }).compile() },
      ])
      return dated
    }
    const gone = [await put(1, { begun: 26 * HOUR, changed: 25 * HOUR }), await put(0, { begun: 40 * DAY, changed: 31 * DAY })]
    const kept = [await put(1, { begun: 30 * HOUR, changed: HOUR }), await put(0, { begun: 40 * DAY, changed: DAY }), await put(0, { begun: 26 * HOUR, changed: 25 * HOUR }), await put(1, { begun: 50 * HOUR, changed: 49 * HOUR }, 'running')]
    const expire = createConversationExpiry({ database, clock, life: { ordinaryDays: 30, daysByRole: {}, ephemeralMinutes: 24 * 60 } })
    expect(await expire()).toBe(2)
    expect((await database.read.selectFrom('conversation').select('id').execute()).map(({ id }) => id).toSorted()).toEqual(kept.toSorted())
    expect((await database.read.selectFrom('message').select('conversation_id').execute()).map(({ conversation_id }) => conversation_id).toSorted()).toEqual(kept.toSorted())
    expect(await expire()).toBe(0)
    expect((await database.read.selectFrom('audit_entry').select('detail').where('action', '=', 'conversations-expired').execute()).map(({ detail }): unknown => JSON.parse(detail))).toEqual([{ kind: 'ephemeral', conversations: 1 }, { kind: 'ordinary', conversations: 1 }])
    expect(gone).toHaveLength(2)
  })

  test('may be another one for a role, whose accounts\' conversations leave no text, no word and no seal behind', async () => {
    await using store = await openTestStore(dialect)
    const { database } = store
    const clock = createTestClock()
    const index = messageIndexes[dialect].create(database.read)
    const owners = { guest: idLike('acc', 1), auditor: idLike('acc', 2), member: idLike('acc', 3) } as const
    const planted = 'PLANTED-SEALED-BYTES'
    const put = async (role: keyof typeof owners, days: number) => {
      const stamp = (clock.now() - (days + 1) * DAY).toString(16).padStart(12, '0')
      const id = `con_${stamp}${idLike('con', days).slice(16)}`
      const message = id.replace('con_', 'msg_').replace(/.$/, role.slice(0, 1) === 'g' ? 'a' : role.slice(0, 1) === 'a' ? 'b' : 'c')
      const conversation = id.replace(/.$/, message.at(-1) ?? '0')
      await database.write([
        { query: database.read.insertInto('conversation').values({ id: conversation, account_id: owners[role], title_sealed: Buffer.from(planted), pseudonyms_sealed: null, model: 'm', created_at: clock.now() - (days + 1) * DAY, updated_at: clock.now() - days * DAY, ephemeral: 0 }).compile() },
        { query: database.read.insertInto('message').values({ id: message, conversation_id: conversation, account_id: owners[role], turn_id: message, role: 'user', status: 'complete', model: 'm', text_sealed: Buffer.from(planted), citations_sealed: null, notices: '[]', rating: null, comment_sealed: null, created_at: 1 }).compile() },
        { query: database.read.insertInto('message_index').values({ message_id: message, tokeniser: 1 }).compile() },
        { query: index.add({ messageId: message, words: ['00000000000000aa'] }) },
      ])
      return conversation
    }
    for (const [role, id] of Object.entries(owners)) {
      await store.addAccount(id)
      await database.write([{ query: database.read.updateTable('account').set({ role: role as Role }).where('id', '=', id).compile() }])
    }
    const gone = [await put('guest', 8), await put('auditor', 61), await put('member', 31)]
    const kept = [await put('guest', 6), await put('auditor', 59), await put('member', 29)]
    expect(new Set([...gone, ...kept]).size).toBe(6)
    const expire = createConversationExpiry({ database, clock, life: { ordinaryDays: 30, daysByRole: { guest: 7, auditor: 60 }, ephemeralMinutes: 24 * 60 } })
    expect(await expire()).toBe(3)
    expect((await database.read.selectFrom('conversation').select('id').execute()).map(({ id }) => id).toSorted()).toEqual(kept.toSorted())
    expect(await database.read.selectFrom('message').select('id').execute()).toHaveLength(3)
    expect(await database.read.selectFrom('message_index').select('number').execute()).toHaveLength(3)
    expect(await index.holding([['00000000000000aa']], 10)).toHaveLength(3)
    expect((await database.read.selectFrom('audit_entry').select('detail').where('action', '=', 'conversations-expired').execute()).map(({ detail }): unknown => JSON.parse(detail)))
      .toEqual([{ kind: 'ordinary', role: 'auditor', conversations: 1 }, { kind: 'ordinary', role: 'guest', conversations: 1 }, { kind: 'ordinary', conversations: 1 }])
    expect(await expire()).toBe(0)
  })

  test('more than one step removes are removed in several', async () => {
    await using store = await openTestStore(dialect)
    const { database } = store
    const clock = createTestClock()
    await store.addAccount('acc_1')
    await database.write(Array.from({ length: 450 }, (_, index) => ({ query: database.read.insertInto('conversation').values({ id: `con_${index.toString(16).padStart(32, '0')}`, account_id: 'acc_1', title_sealed: Buffer.from('x'), pseudonyms_sealed: null, model: 'm', created_at: 1, updated_at: 1, ephemeral: index % 2 }).compile() })))
    expect(await createConversationExpiry({ database, clock, life: { ordinaryDays: 1, daysByRole: {}, ephemeralMinutes: 60 } })()).toBe(450)
    expect(await database.read.selectFrom('conversation').select('id').execute()).toEqual([])
  })

  test('security events have a life of their own', async () => {
    await using store = await openTestStore(dialect)
    const { database } = store
    const clock = createTestClock()
    await database.write([1, 100].map((days) => ({ query: database.read.insertInto('security_event').values({ id: `evt_${days}`, at: clock.now() - days * DAY, type: 't', severity: 'low', account_id: null, detail: '{}' }).compile() })))
    expect(await createEventExpiry({ database, clock, days: 90 })()).toBe(1)
    expect((await database.read.selectFrom('security_event').select('id').execute()).map(({ id }) => id)).toEqual(['evt_1'])
  })
})

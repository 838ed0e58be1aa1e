import { expect, test } from 'vitest'
import { messageIndexes } from '../../adapters/message-index/index.ts'
import { createModels, createProviderStore } from '../models/index.ts'
import { createConversations } from '../conversations/index.ts'
import type { Database } from '../../database/database.ts'
import type { Clock } from '../../kernel/clock.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { createSharedRevocations } from '../revocations/index.ts'
import { callerLike } from '../../testing/caller.ts'
import { describeEachEngine, idLike, openTestStore, type TestStore } from '../../testing/server-database.ts'
import { createAccessStore, createBreakGlass } from './index.ts'

const MINUTE = 60_000
const ids = { reader: idLike('acc', 1), other: idLike('acc', 2), ann: idLike('acc', 3), owner: idLike('acc', 4) }
const roles = new Map([[ids.reader, 'administrator'], [ids.other, 'administrator'], [ids.ann, 'member'], [ids.owner, 'owner']] as const)
const reader = callerLike(ids.reader, 'administrator')
const other = callerLike(ids.other, 'administrator')
const ann = callerLike(ids.ann, 'member')
const REASON = 'A complaint about what was written, case 42'

async function openGlass(store: TestStore) {
  const time = { now: 1_800_000_000_000 }
  const clock: Clock = { now: () => time.now, monotonic: () => time.now }
  for (const [id] of roles) await store.addAccount(id, { name: `Person ${id.slice(-1)}` })
  const { database, keyRing } = store
  const sealer = await keyRing.ensure('server')
  const models = createModels({
    database, clock, revocations: createSharedRevocations({ database, clock, onFailure: () => undefined }), log: { info: () => undefined, warn: () => undefined, error: () => undefined }, egress: { list: () => undefined, unlist: () => undefined, fetchFor: () => () => Promise.reject(new Error('None.')) }, environment: 'production', descriptors: [], adapterSettings: {}, resilience: { breakerFailures: 10, breakerSeconds: 15, callsAtOnce: 256 },
    store: createProviderStore(database, sealer, { parseModels: () => [] }), configured: [],
  })
  const conversations = createConversations({ database, keyRing, clock, models, index: messageIndexes[database.dialect].create(database.read), ephemeralMinutes: 90, caps: { perAccount: 100, ephemeralByKey: 100, ephemeralInAll: 100 } })
  const add = async (accountId: string, title: string) => {
    const scoped = await conversations.open({ accountId } as Parameters<typeof conversations.open>[0])
    const id = `con_${accountId.slice(-1)}${title.length.toString(16).padStart(31, '0')}`
    await database.write([
      scoped.insert({ id, title, model: 'a/b', at: time.now }),
      scoped.insertMessage({ id: `msg_${id.slice(4)}`, conversationId: id, turnId: idLike('trn', 1), role: 'user', status: 'complete', model: 'a/b', text: `The text of ${title}`, notices: [], at: time.now }),
    ])
    return id
  }
  const glassOver = (written: Database) => createBreakGlass({
    database: written, keyRing, clock, store: createAccessStore(database), reader: conversations.reader,
    findAccount: (id) => {
      const role = roles.get(id)
      return role === undefined ? Promise.reject(new ProblemError('not-found')) : Promise.resolve({ id, name: `Person ${id.slice(-1)}`, role })
    },
  })
  const audited = async () => (await database.read.selectFrom('audit_entry').select(['action', 'actor', 'detail']).orderBy('sequence').execute()).map(({ action, actor, detail }) => ({ action, actor, detail: JSON.parse(detail) as unknown }))
  return { glass: glassOver(database), glassOver, time, add, audited, database }
}

const page = { limit: 50 }
const needed = { code: 'conversation-access-needed' }

describeEachEngine('break-glass', (dialect) => {
  test('shows what an account wrote to who opened it with a reason, and to nobody else', async () => {
    await using store = await openTestStore(dialect)
    const { glass, add } = await openGlass(store)
    const conversationId = await add(ids.ann, 'Bees')
    await expect(glass.listConversations(reader, ids.ann, page)).rejects.toMatchObject(needed)
    await glass.open(reader, ids.ann, { reason: REASON, minutes: 10 })
    expect((await glass.listConversations(reader, ids.ann, page)).items).toMatchObject([{ id: conversationId, title: 'Bees' }])
    expect((await glass.listMessages(reader, { accountId: ids.ann, conversationId }, page)).items).toMatchObject([{ text: 'The text of Bees' }])
    await expect(glass.listConversations(other, ids.ann, page)).rejects.toMatchObject(needed)
    await expect(glass.listMessages(other, { accountId: ids.ann, conversationId }, page)).rejects.toMatchObject(needed)
    await expect(glass.listConversations(reader, ids.other, page)).rejects.toMatchObject(needed)
  })

  test('ends with its time, and when it is closed; only its reader or an owner closes it', async () => {
    await using store = await openTestStore(dialect)
    const { glass, time } = await openGlass(store)
    await glass.open(reader, ids.ann, { reason: REASON, minutes: 10 })
    time.now += 10 * MINUTE - 1
    await glass.listConversations(reader, ids.ann, page)
    time.now += 1
    await expect(glass.listConversations(reader, ids.ann, page)).rejects.toMatchObject(needed)
    for (const closer of [reader, callerLike(ids.owner, 'owner')]) {
      const { id } = await glass.open(reader, ids.ann, { reason: REASON, minutes: 60 })
      await expect(glass.close(other, id)).rejects.toMatchObject({ code: 'not-found' })
      await glass.listConversations(reader, ids.ann, page)
      await glass.close(closer, id)
      await expect(glass.listConversations(reader, ids.ann, page)).rejects.toMatchObject(needed)
      await expect(glass.close(reader, id)).rejects.toMatchObject({ code: 'not-found' })
    }
  })

  test('its owner sees who looked, when, why, how often and at what; nobody else\'s list shows it but the reader\'s', async () => {
    await using store = await openTestStore(dialect)
    const { glass, add } = await openGlass(store)
    const [conversationId, foreign] = [await add(ids.ann, 'Bees'), await add(ids.other, 'Wasps!')]
    const opened = await glass.open(reader, ids.ann, { reason: REASON, minutes: 10 })
    await glass.listConversations(reader, ids.ann, page)
    await glass.listMessages(reader, { accountId: ids.ann, conversationId }, page)
    await expect(glass.listMessages(reader, { accountId: ids.ann, conversationId: foreign }, page)).rejects.toMatchObject({ code: 'not-found' })
    const seen = { id: opened.id, accountId: ids.ann, reader: { id: ids.reader, name: 'Person 1' }, reason: REASON, reads: 3, conversations: [conversationId], closedAt: null }
    expect((await glass.ownedBy(ann, page)).items).toMatchObject([seen])
    expect((await glass.openedBy(reader, page)).items).toMatchObject([seen])
    expect((await glass.ownedBy(other, page)).items).toEqual([])
    expect((await glass.openedBy(other, page)).items).toEqual([])
  })

  test('each opening and each reading has its audit row and the opening a security event; the reason is stored sealed', async () => {
    await using store = await openTestStore(dialect)
    const { glass, add, audited, database } = await openGlass(store)
    const conversationId = await add(ids.ann, 'Bees')
    const { id: accessId } = await glass.open(reader, ids.ann, { reason: REASON, minutes: 10 })
    await glass.listConversations(reader, ids.ann, page)
    await glass.listMessages(reader, { accountId: ids.ann, conversationId }, page)
    await glass.close(reader, accessId)
    const detail = { accessId, accountId: ids.ann }
    expect(await audited()).toEqual([
      { action: 'conversation-access-opened', actor: ids.reader, detail: { ...detail, minutes: 10 } }, { action: 'conversations-read', actor: ids.reader, detail },
      { action: 'messages-read', actor: ids.reader, detail: { ...detail, conversationId } }, { action: 'conversation-access-closed', actor: ids.reader, detail },
    ])
    expect(await database.read.selectFrom('security_event').select(['type', 'account_id']).execute()).toEqual([{ type: 'conversation-access-opened', account_id: ids.ann }])
    const row = await database.read.selectFrom('conversation_access').selectAll().executeTakeFirstOrThrow()
    expect(Buffer.from(row.reason_sealed).toString('latin1')).not.toContain('complaint')
  })

  test('what cannot be audited is not shown', async () => {
    await using store = await openTestStore(dialect)
    const { glass, glassOver, add, database } = await openGlass(store)
    const conversationId = await add(ids.ann, 'Bees')
    await glass.open(reader, ids.ann, { reason: REASON, minutes: 10 })
    const without = glassOver({ ...database, write: () => Promise.reject(new Error('The audit cannot be written.')) })
    await expect(without.listConversations(reader, ids.ann, page)).rejects.toThrow('cannot be written')
    await expect(without.listMessages(reader, { accountId: ids.ann, conversationId }, page)).rejects.toThrow('cannot be written')
  })

  test('nobody opens their own, somebody\'s who is above or beside them, or nobody\'s', async () => {
    await using store = await openTestStore(dialect)
    const { glass } = await openGlass(store)
    const wanted = { reason: REASON, minutes: 10 }
    await expect(glass.open(reader, ids.reader, wanted)).rejects.toMatchObject({ code: 'conflict' })
    await expect(glass.open(reader, ids.owner, wanted)).rejects.toMatchObject({ code: 'not-allowed' })
    await expect(glass.open(reader, ids.other, wanted)).rejects.toMatchObject({ code: 'not-allowed' })
    await expect(glass.open(reader, idLike('acc', 9), wanted)).rejects.toMatchObject({ code: 'not-found' })
    await glass.open(callerLike(ids.owner, 'owner'), ids.reader, wanted)
  })
})

import { Conversation, UsageReport } from '@sallyport/contract'
import { expect, test } from 'vitest'
import { createPostgresDatabase } from '../../src/testing/postgres.ts'
import { describeEachEngine } from '../../src/testing/server-database.ts'
import { openTestServer } from '../../src/testing/server.ts'
import { measureStored } from '../../src/testing/stored-bytes.ts'

// LIM-7: caps that hold for whoever comes, and say which one it was and what to do.

describeEachEngine('a cap', (dialect) => {
  const open = async (settings: Readonly<Record<string, string>>) => {
    const postgres = dialect === 'postgres' ? await createPostgresDatabase() : null
    const server = await openTestServer({ settings: { ...settings, ...(postgres !== null && { STORE_URL: postgres.url }) } })
    return { server, owner: await server.setUpOwner(), [Symbol.asyncDispose]: async () => { await server[Symbol.asyncDispose](); await postgres?.[Symbol.asyncDispose]() } }
  }
  const detailOf = ({ json }: { readonly json: unknown }) => (json as { readonly detail: string }).detail

  test('on ephemeral conversations of one key holds at once, and what is deleted makes room', async () => {
    await using at = await open({ LIMITS_EPHEMERAL_BY_KEY: '5' })
    const begin = (body = {}) => at.owner.program('POST', '/api/v1/conversations', body)
    const replies = await Promise.all(Array.from({ length: 20 }, () => begin()))
    expect([replies.filter(({ status }) => status === 200).length, replies.filter(({ status }) => status === 429).length]).toEqual([5, 15])
    const made = replies.filter(({ status }) => status === 200).map(({ json }) => Conversation.parse(json))
    expect(made.every(({ ephemeral }) => ephemeral), 'unless it is asked to be kept').toBe(true)
    expect(detailOf(await begin())).toBe('An API key may have 5 ephemeral conversations at once. Delete some, or wait until they expire.')
    // One that is kept, another key, and the page have room.
    expect(Conversation.parse((await begin({ ephemeral: false })).json).ephemeral).toBe(false)
    const again = await at.server.renew(at.owner)
    expect((await again.program('POST', '/api/v1/conversations', {})).status).toBe(200)
    expect(Conversation.parse((await at.owner.call('POST', '/api/v1/conversations', {})).json).ephemeral).toBe(false)
    await at.owner.program('DELETE', `/api/v1/conversations/${made[0]?.id ?? ''}`)
    expect((await begin()).status).toBe(200)
  })

  test('on ephemeral conversations in all, and on conversations of one account, holds', async () => {
    await using at = await open({ LIMITS_EPHEMERAL_IN_ALL: '2', LIMITS_CONVERSATIONS: '10' })
    const other = await at.server.addAccount('other')
    const begin = (ephemeral: boolean, person = at.owner) => person.call('POST', '/api/v1/conversations', { ephemeral })
    expect([(await begin(true)).status, (await begin(true, other)).status]).toEqual([200, 200])
    const full = await begin(true, other)
    expect([full.status, detailOf(full)]).toEqual([429, 'This server holds 2 ephemeral conversations at once. Wait until some expire, or ask for one that is kept.'])
    const statuses = (await Promise.all(Array.from({ length: 20 }, () => begin(false)))).map(({ status }) => status)
    expect(statuses.filter((status) => status === 200)).toHaveLength(9)
    expect(detailOf(await begin(false))).toBe('An account may have 10 conversations. Delete some, then try again.')
    expect((await begin(false, other)).status).toBe(200)
  })

  test('on the idle life of an ephemeral conversation ends it after an hour and a half', async () => {
    await using at = await open({})
    const { id } = Conversation.parse((await at.owner.program('POST', '/api/v1/conversations', {})).json)
    at.server.clock.advance(89 * 60_000)
    await at.server.sallyport.domains.expire()
    expect((await at.owner.program('GET', `/api/v1/conversations/${id}`)).status).toBe(200)
    at.server.clock.advance(2 * 60_000)
    await at.server.sallyport.domains.expire()
    expect(await at.server.sallyport.database.read.selectFrom('conversation').select('id').execute()).toEqual([])
  })

  test('on the history leaves out the oldest, from a question on, and on the messages of a conversation refuses more', async () => {
    await using at = await open({ LIMITS_HISTORY_TOKENS: '500', LIMITS_CONVERSATION_MESSAGES: '10' })
    const vendor = await at.server.addVendor(at.owner, 'openai', { script: () => ({ text: ['y'.repeat(4), ' and so on.'] }) })
    const conversation = await at.owner.newConversation()
    const words = (number: number) => `Question ${number}: ${'which of the many words is it '.repeat(20)}`
    const ask = (number: number) => at.owner.call('POST', `/api/v1/conversations/${conversation}/turns`, { text: words(number), model: 'openai/model-a' })
    for (let number = 1; number <= 5; number += 1) expect((await ask(number)).status).toBe(200)
    const { messages } = (vendor.requests.at(-1) ?? { body: null }).body as { readonly messages: readonly { readonly role: string; readonly content: string }[] }
    expect(messages.filter(({ role }) => role === 'user').map(({ content }) => content.slice(0, 10))).toEqual(['Question 2', 'Question 3', 'Question 4', 'Question 5'])
    expect(messages.find(({ role }) => role !== 'system')?.role).toBe('user')
    const full = await ask(6)
    expect([full.status, detailOf(full)]).toEqual([429, 'This conversation is full. Begin a new one, or clear its history.'])
  })

  test('on the bytes of an account ends answers in its conversations, not in another\'s, and what is deleted makes room', async () => {
    await using at = await open({ LIMITS_STORED_MEGABYTES: '1', LIMITS_ANSWER_TOKENS: '200000' })
    await at.server.addVendor(at.owner, 'openai', { script: () => ({ text: Array.from({ length: 60 }, () => 'so many words '.repeat(500)) }) })
    const other = await at.server.addAccount('other')
    const conversation = await at.owner.newConversation()
    const ask = (person = at.owner, id = conversation) => person.call('POST', `/api/v1/conversations/${id}/turns`, { text: 'Say much.', model: 'openai/model-a' })
    expect([(await ask()).status, (await ask()).status, (await ask()).status]).toEqual([200, 200, 200])
    const full = await ask()
    expect([full.status, detailOf(full)]).toEqual([429, 'Your conversations take up the 1 MB that an account may have. Delete some, then try again.'])
    const { storage } = UsageReport.parse((await at.owner.call('GET', '/api/v1/usage')).json)
    expect(storage.limit).toBe(1_000_000)
    expect(storage.bytes).toBe(await measureStored(at.server.sallyport.database, at.owner.account.id))
    expect((await ask(other, await other.newConversation())).status).toBe(200)
    expect((await at.owner.call('DELETE', `/api/v1/conversations/${conversation}`)).status).toBe(204)
    expect((await ask(at.owner, await at.owner.newConversation())).status).toBe(200)
  }, 60_000)
})

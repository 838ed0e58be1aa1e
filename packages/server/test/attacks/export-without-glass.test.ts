import { DataExportState } from '@sallyport/contract'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'
import { fetchExport, makeExport } from '../http/exports.ts'

/** Titles, questions, answers, comments, documents and reasons all carry it, and so does every file that holds any of them. */
const WORD = 'celesta-harbour-thistle'
const OWN = '/api/v1/account/export'

let server: TestServer
let owner: Person
let administrator: Person
let member: Person
const exportOf = ({ account }: Person) => `/api/v1/accounts/${account.id}/export`

async function write(person: Person): Promise<void> {
  const conversation = await person.newConversation()
  expect((await person.call('PATCH', `/api/v1/conversations/${conversation}`, { title: `${WORD} title` })).status).toBe(200)
  const turn = await person.call('POST', `/api/v1/conversations/${conversation}/turns`, { text: `${WORD} question?`, model: 'sallyport/library' })
  expect(turn.status, turn.text).toBe(200)
  const { answer } = turn.json as { readonly answer: { readonly id: string } }
  const comment = await person.call('PUT', `/api/v1/messages/${answer.id}/feedback`, { rating: 'down', comment: `${WORD} comment` })
  expect([200, 204], comment.text).toContain(comment.status)
  expect((await person.call('POST', '/api/v1/documents', { title: `${WORD} paper`, text: `The ${WORD} passage.`, mediaType: 'text/plain', collection: 'mine' })).status).toBe(200)
}

beforeAll(async () => {
  server = await openTestServer()
  owner = await server.setUpOwner()
  administrator = await server.addAccount('administrator', 'administrator')
  member = await server.addAccount('member')
  for (const person of [owner, administrator, member]) await write(person)
  const opened = await owner.call('POST', `/api/v1/accounts/${member.account.id}/conversation-access`, { reason: `${WORD} reason, case 42`, minutes: 1 })
  expect(opened.status, opened.text).toBe(200)
})
afterAll(async () => { await server[Symbol.asyncDispose]() })
beforeEach(() => { server.clock.advance(60_000) })

describe('an export of somebody else', () => {
  test('holds the account, and nothing of what was written by its owner or of why it was read', async () => {
    for (const reader of [administrator, owner]) {
      const made = await makeExport(server, exportOf(member), reader)
      const files = await fetchExport(server, `${exportOf(member)}/${made.id}`, reader)
      const all = [...files.values()].join('\n')
      expect(all).toContain('member@example.org')
      expect(all).not.toContain(WORD)
      expect([...files.keys()].filter((name) => /^(?:conversations|documents|conversation|message|document|passage)\./.test(name))).toEqual([])
      expect(files.get('conversation_access.json')).not.toContain('reason')
      expect(files.get('README.md')).toContain('Your account')
    }
  })

  test('of their own making is not found, begun or taken away by the way of administrators', async () => {
    const own = await makeExport(server, OWN, member)
    expect((await administrator.call('GET', `${exportOf(member)}/${own.id}`)).status).toBe(404)
    const made = await makeExport(server, exportOf(member), administrator)
    expect(made.id).not.toBe(own.id)
    expect(made.total).toBeLessThan(own.total)
    // Nor is the one without what was written found as one's own.
    expect(DataExportState.parse((await member.call('GET', OWN)).json).last?.id).toBe(own.id)
    expect((await member.call('GET', `${OWN}/${made.id}`)).status).toBe(404)
    expect((await fetchExport(server, `${OWN}/${own.id}`, member)).get('conversations.md')).toContain(WORD)
  })

  test('above oneself or beside oneself is refused, also when it was made already', async () => {
    const other = await server.addAccount('other', 'administrator')
    for (const above of [owner, other]) {
      const made = await makeExport(server, above === owner ? OWN : exportOf(other), above === owner ? above : owner)
      for (const [method, path] of [['POST', exportOf(above)], ['GET', exportOf(above)], ['GET', `${exportOf(above)}/${made.id}`]] as const) {
        server.clock.advance(30_000)
        const reply = await administrator.call(method, path)
        expect([reply.status, (reply.json as { readonly code: string }).code]).toEqual([403, 'not-allowed'])
      }
    }
    // Who has risen since is above as well.
    server.clock.advance(30_000)
    const made = await makeExport(server, exportOf(member), administrator)
    expect((await owner.call('PATCH', `/api/v1/accounts/${member.account.id}`, { role: 'administrator' })).status).toBe(200)
    server.clock.advance(30_000)
    expect((await administrator.call('GET', `${exportOf(member)}/${made.id}`)).status).toBe(403)
  })
})

test('one\'s own holds all of it, by either way', async () => {
  for (const path of [OWN, exportOf(administrator)]) {
    const made = await makeExport(server, path, administrator)
    const files = await fetchExport(server, `${path}/${made.id}`, administrator)
    for (const [name, text] of [['conversations.md', 'title'], ['conversations.md', 'question?'], ['message.json', 'comment'], ['documents.md', 'passage'], ['document.json', 'paper']] as const) expect(files.get(name), name).toContain(`${WORD} ${text}`)
  }
})

import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { messageIndexes } from '../../src/adapters/message-index/index.ts'
import { createLocalVault } from '../../src/adapters/key-vault/shared/local-key.ts'
import { openSqlite } from '../../src/database/sqlite/open.ts'
import type { Database } from '../../src/database/database.ts'
import { createConversations } from '../../src/domains/conversations/index.ts'
import { createProviderStore } from '../../src/domains/models/index.ts'
import { createKeyRing } from '../../src/domains/secrets/index.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { openScope } from '../../src/kernel/scope.ts'
import { Secret } from '../../src/kernel/secret.ts'
import { describeWith } from '../../src/testing/needs.ts'
import { createPostgresDatabase } from '../../src/testing/postgres.ts'
import { openTestServer, type TestServer } from '../../src/testing/server.ts'

/** Words that occur nowhere else, one for each place that holds a person's text. */
const planted = {
  question: 'quagmire-planted-question', answer: 'answerable-planted-reply', title: 'titular-planted-heading', comment: 'remarkable-planted-comment',
  accountName: 'Personable-Planted-Name', keyName: 'keyring-planted-label', factorName: 'authentic-planted-device', groupName: 'collective-planted-team', reader: 'curious-planted-reader', reason: 'reasonable-planted-ground', address: '127.177.188.0',
  documentTitle: 'documentary-planted-name', document: 'passage-planted-substance', credential: 'sk-live-planted-credential-0042', email: 'planted.person@example.org',
}
/** Of whom limits and penalties know. */
const BANNED = '127.178.189.201'
/** What is stored in clear, so that the search shows that it finds: a provider's name is configuration. */
const CLEAR = 'clearly-visible-name'

const bytesIn = async (directory: string) => {
  const names = (await readdir(directory, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
  return Buffer.concat(await Promise.all(names.map((entry) => readFile(join(entry.parentPath, entry.name)))))
}
/** Texts hide in UTF-8, UTF-16 and pieces alike. */
function found(bytes: Buffer, text: string): boolean {
  return bytes.includes(text) || bytes.includes(Buffer.from(text, 'utf16le')) || bytes.includes(text.slice(3, 15)) || bytes.includes(Buffer.from(text).toString('base64').slice(0, 14)) || bytes.includes(Buffer.from(text).toString('hex'))
}

/** Says and does on a running server what leaves words behind, in every table that holds any. */
async function plant(server: TestServer): Promise<void> {
  const owner = await server.setUpOwner()
  await owner.call('PATCH', '/api/v1/account', { name: planted.reader })
  const member = await server.addAccount(planted.accountName.toLowerCase())
  await member.call('PATCH', '/api/v1/account', { name: planted.accountName })
  const made = (await member.call('POST', '/api/v1/keys', { name: planted.keyName })).json as { value: string }
  expect((await server.call('GET', '/api/v1/models', { headers: { authorization: `Bearer ${made.value}` }, from: '127.177.188.199' })).status).toBe(200)
  // Counted against limits, and against whoever it was: an address too.
  for (let time = 0; time < 3; time += 1) await server.call('POST', '/api/v1/nothing-here', { from: BANNED })
  server.sallyport.domains.penalties.note({ kind: 'address', id: BANNED }, 'limit-reached')
  const { read } = server.sallyport.database
  await expect.poll(() => read.selectFrom('penalty').select('kind').where('kind', '=', 'address').execute()).toHaveLength(1)
  await expect.poll(async () => (await read.selectFrom('rate_slot').select('rule').execute()).map(({ rule }) => rule.split(':')[0])).toContain('unlisted-by-address')
  expect((await owner.call('POST', '/api/v1/groups', { name: planted.groupName, role: null })).status).toBe(200)
  expect((await owner.call('POST', '/api/v1/factors/totp', { name: planted.factorName })).status).toBe(200)
  expect((await owner.call('POST', `/api/v1/accounts/${member.account.id}/conversation-access`, { reason: planted.reason, minutes: 10 })).status).toBe(200)
  const vendor = await server.addVendor(owner, 'openai', { script: { text: ['The ', planted.answer, '.'] }, credential: planted.credential })
  const conversation = ((await owner.call('POST', '/api/v1/conversations', { title: planted.title })).json as { id: string }).id
  const turn = (await owner.call('POST', `/api/v1/conversations/${conversation}/turns`, { text: planted.question, model: 'openai/model-a' })).json as { answer: { id: string; text: string } }
  expect(turn.answer.text).toContain(planted.answer)
  expect(vendor.requests.at(-1)?.question).toBe(planted.question)
  await owner.call('PUT', `/api/v1/messages/${turn.answer.id}/feedback`, { rating: 'down', comment: planted.comment })
  await owner.call('POST', '/api/v1/documents', { title: planted.documentTitle, text: `The ${planted.document} lies here. Ask ${planted.question}.`, mediaType: 'text/plain', collection: 'mine' })
  expect((await owner.call('PUT', `/api/v1/providers/${CLEAR}`, { adapter: 'ollama', baseUrl: vendor.baseUrl, allowPrivateAddress: true, models: ['model-a'] })).status).toBe(200)
  // All of it is shown to whom it belongs.
  expect((await member.call('GET', '/api/v1/keys')).text).toContain(planted.keyName)
  await expect.poll(async () => (await member.call('GET', '/api/v1/keys')).text).toContain(planted.address)
  expect((await owner.call('GET', '/api/v1/groups')).text).toContain(planted.groupName)
  expect((await owner.call('GET', '/api/v1/accounts')).text).toContain(planted.accountName)
  expect((await member.call('GET', '/api/v1/conversation-access')).text).toContain(planted.reader)
}
/** What must not be found: with it the beginning of every hash of a password. */
const sought = [...Object.values(planted), BANNED, 'owner@example.org', '$argon2id$']

test('a running server\'s files show no text of anybody\'s, and under its page encryption no row does', { timeout: 60_000 }, async () => {
  await using server = await openTestServer()
  await plant(server)
  const rows = Buffer.from(await server.storedRows(), 'latin1')
  const files = await server.storedBytes()
  for (const text of sought) {
    expect({ text, inRows: found(rows, text), inFiles: found(files, text) }).toEqual({ text, inRows: false, inFiles: false })
  }
  expect(found(rows, CLEAR)).toBe(true)
  // Pages are encrypted: not even what rows hold in clear is in the files.
  expect(found(files, CLEAR)).toBe(false)
})

/** Everything of one account through its stores, without the pages' own encryption. */
async function fill(database: Database): Promise<void> {
  const keyRing = createKeyRing(database, createLocalVault(randomBytes(32)), systemClock)
  const id = 'acc_0000000000000000000000000000000a'
  const { sealer, step } = await keyRing.create(id)
  await database.write([step, { query: database.read.insertInto('account').values({
    id, name_sealed: sealer.seal({ table: 'account', rowId: id, column: 'name_sealed' }, planted.accountName), role: 'member', password_sealed: null, created_at: 0, email_lookup: randomBytes(32), email_sealed: sealer.seal({ table: 'account', rowId: id, column: 'email_sealed' }, planted.email),
  }).compile() }])
  const store = await createConversations({ database, keyRing, clock: systemClock, index: messageIndexes[database.dialect].create(database.read), ephemeralMinutes: 90, caps: { perAccount: 100, ephemeralByKey: 100, ephemeralInAll: 100 }, models: { defaultModel: () => 'none', resolve: () => { throw new Error('No model is asked for here.') } } }).open(openScope(id))
  const shared = { conversationId: 'con_1', turnId: 'trn_1', model: 'none', notices: [], at: 1 }
  await database.write([
    store.insert({ id: 'con_1', title: planted.title, model: 'none', at: 1 }),
    store.insertMessage({ ...shared, id: 'msg_1', role: 'user', status: 'complete', text: planted.question }),
    store.insertMessage({ ...shared, id: 'msg_2', role: 'assistant', status: 'running', text: '' }),
  ])
  await database.write([
    store.endAnswer('msg_2', { text: planted.answer, status: 'complete', notices: [], citations: [{ number: 1, passageId: `psg_${'0'.repeat(32)}`, documentId: `doc_${'0'.repeat(32)}`, title: planted.documentTitle, heading: planted.document }] }),
    store.rate('msg_2', { rating: 'up', comment: planted.comment }),
    ...createProviderStore(database, sealer, { parseModels: () => [] }).put({ id: 'prv_1', name: CLEAR, adapter: 'openai', baseUrl: 'https://vendor.example', credential: new Secret(planted.credential), allowPrivateAddress: false, models: [], createdAt: 0 }),
  ])
  expect((await store.message('msg_2'))?.text).toBe(planted.answer)
}

describe('sealing alone hides it', () => {
  test('in SQLite without page encryption: database, write-ahead log and all else in the directory', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'sallyport-plain-'))
    try {
      const database = await openSqlite({ path: join(directory, 'store.db'), pageKey: null })
      await fill(database)
      const names = await readdir(directory)
      const open = await bytesIn(directory)
      await database.close()
      const closed = await bytesIn(directory)
      expect(names).toContain('store.db-wal')
      for (const text of Object.values(planted)) expect({ text, open: found(open, text), closed: found(closed, text) }).toEqual({ text, open: false, closed: false })
      expect(found(open, CLEAR) && found(closed, CLEAR)).toBe(true)
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  })
})

describeWith('postgres', 'sealing alone hides it in PostgreSQL', () => {
  test('in every row of every table that a running server has filled', { timeout: 60_000 }, async () => {
    await using postgres = await createPostgresDatabase()
    await using server = await openTestServer({ settings: { STORE_URL: postgres.url } })
    await plant(server)
    const rows = Buffer.from(await server.storedRows(), 'latin1')
    for (const text of sought) expect({ text, rows: found(rows, text) }).toEqual({ text, rows: false })
    expect(found(rows, CLEAR)).toBe(true)
  })
})

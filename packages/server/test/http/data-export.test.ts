import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DataExportState } from '@sallyport/contract'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { exportedTables, notExported } from '../../src/domains/privacy/exported-tables.ts'
import { personalTables } from '../../src/domains/privacy/personal-tables.ts'
import { dataExport } from '../../src/policy/retention.ts'
import { openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'
import { fetchExport, makeExport } from './exports.ts'

const WORD = 'kazoo-lighthouse-velvet'
const FOREIGN = 'oboe-cellar-linen'
let server: TestServer
let owner: Person
let person: Person

beforeAll(async () => {
  server = await openTestServer()
  owner = await server.setUpOwner()
  person = await server.addAccount('somebody')
  for (const [somebody, word] of [[person, WORD], [owner, FOREIGN]] as const) {
    const conversation = await somebody.newConversation()
    await somebody.call('PATCH', `/api/v1/conversations/${conversation}`, { title: `${word} title` })
    await somebody.call('POST', `/api/v1/conversations/${conversation}/turns`, { text: `${word} question?`, model: 'sallyport/library' })
    await somebody.call('POST', '/api/v1/documents', { title: `${word} paper`, text: `The ${word} of Grüße.`, mediaType: 'text/plain', collection: 'mine' })
  }
})
afterAll(async () => { await server[Symbol.asyncDispose]() })

describe('an export of what is held on somebody', () => {
  test('holds everything of theirs in clear, nothing of anybody else\'s, and no hash or secret', async () => {
    const made = await makeExport(server, '/api/v1/account/export', person)
    // The note of the export itself comes on top.
    expect(made.done - made.total).toBeLessThanOrEqual(1)
    expect(made.total).toBeGreaterThan(10)
    const files = await fetchExport(server, `/api/v1/account/export/${made.id}`, person)
    const all = [...files.values()].join('\n')
    for (const text of [`${WORD} title`, `${WORD} question?`, `${WORD} paper`, `The ${WORD} of Grüße.`, 'somebody@example.org']) expect(all).toContain(text)
    expect(all).not.toContain(FOREIGN)
    expect(all).not.toMatch(/password_(?:hash|sealed|clear)|name_clear|name_lookup|token_digest|email_lookup|AGE-SECRET-KEY|argon2id/)
    const Rows = z.array(z.record(z.string(), z.unknown()))
    for (const { table } of exportedTables) expect(Rows.parse(JSON.parse(files.get(`${table}.json`) ?? '')), table).toBeDefined()
    expect(Rows.parse(JSON.parse(files.get('message.json') ?? ''))).toHaveLength(2)
    expect(Rows.parse(JSON.parse(files.get('api_key.json') ?? ''))).toHaveLength(1)
    expect(files.get('conversations.md')).toContain(`## ${WORD} title`)
  })

  test('lies sealed, and is removed after a day', async () => {
    const made = await makeExport(server, '/api/v1/account/export', person)
    const path = join(server.dataDirectory, 'exports', `${made.id}.age`)
    const sealed = await readFile(path)
    expect(sealed.subarray(0, 21).toString()).toBe('age-encryption.org/v1')
    expect(sealed.includes(WORD)).toBe(false)
    server.clock.advance(dataExport.lifeSeconds * 1_000 + 1)
    person = await server.renew(person)
    expect((await person.call('GET', `/api/v1/account/export/${made.id}`)).status).toBe(404)
    await server.sallyport.domains.exports.tidy()
    expect(await readdir(join(server.dataDirectory, 'exports'))).toEqual([])
    expect(DataExportState.parse((await person.call('GET', '/api/v1/account/export')).json)).toEqual({ last: null })
  })

  test('is its owner\'s alone; an administrator makes one of the account without what was written, which is noted', async () => {
    const own = await makeExport(server, '/api/v1/account/export', person)
    const stranger = await server.addAccount('stranger')
    expect((await stranger.call('GET', `/api/v1/account/export/${own.id}`)).status).toBe(404)
    expect((await stranger.call('POST', `/api/v1/accounts/${person.account.id}/export`)).status).toBe(403)
    owner = await server.renew(owner)
    const made = await makeExport(server, `/api/v1/accounts/${person.account.id}/export`, owner)
    expect((await fetchExport(server, `/api/v1/accounts/${person.account.id}/export/${made.id}`, owner)).get('account.json')).toContain('somebody@example.org')
    expect(await server.sallyport.database.read.selectFrom('security_event').select('account_id').where('type', '=', 'account-exported').execute()).toEqual([{ account_id: person.account.id }])
    expect((await server.sallyport.database.read.selectFrom('audit_entry').select('action').where('action', '=', 'account-export-downloaded').execute()).length).toBeGreaterThan(0)
  })

  test('goes with the account that it is about', async () => {
    const leaving = await server.addAccount('leaving')
    const made = await makeExport(server, '/api/v1/account/export', leaving)
    await leaving.call('POST', '/api/v1/account/erasure', { email: leaving.account.email })
    expect(await readdir(join(server.dataDirectory, 'exports'))).not.toContain(`${made.id}.age`)
  })

  test('has every table that names an account, or says why not', () => {
    const covered = new Set<string>([...exportedTables.map(({ table }) => table), ...Object.keys(notExported)])
    expect(personalTables.map(({ table }) => table).filter((table) => !covered.has(table))).toEqual([])
  })
})

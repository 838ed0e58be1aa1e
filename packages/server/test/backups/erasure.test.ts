import { ErasureCertificate, ErasureCheck, NewInvitation } from '@sallyport/contract'
import { cp, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { collect } from '../../src/domains/privacy/collect.ts'
import { personalTables } from '../../src/domains/privacy/personal-tables.ts'
import { restoreBackup } from '../../src/ops/backup/index.ts'
import { SERVER_KEYS } from '../../src/domains/secrets/index.ts'
import { PASSWORD } from '../../src/testing/server.ts'
import { describeEachEngine, openTestStore } from '../../src/testing/server-database.ts'
import { MODEL, openBackedUp, PLANTED, type BackedUp } from './support.ts'

const Accounts = z.object({ items: z.array(z.object({ id: z.string(), email: z.string() })) })

/** Somebody with something in every table that a person fills. */
async function addSomebody({ server }: BackedUp) {
  const person = await server.addAccount('somebody')
  const conversation = await person.newConversation()
  await person.call('POST', `/api/v1/conversations/${conversation}/turns`, { text: `${PLANTED} of somebody?`, model: MODEL })
  await person.call('POST', '/api/v1/documents', { title: `${PLANTED} paper`, text: `The ${PLANTED} of somebody is blue.`, mediaType: 'text/plain', collection: 'mine' })
  return person
}
const check = async (made: BackedUp, certificate: ErasureCertificate) => ErasureCheck.parse((await made.owner.call('POST', '/api/v1/erasures/verify', certificate)).json)
const failing = ({ checks }: ErasureCheck) => checks.filter(({ ok }) => !ok).map(({ what }) => what)

/** The tables in which a text stands. */
async function tablesWith({ server: { sallyport: { database } } }: BackedUp, text: string): Promise<readonly string[]> {
  const found: string[] = []
  for (const { name } of await database.read.introspection.getTables()) {
    const { rows } = await sql`select * from ${sql.table(name)}`.execute(database.read)
    if (JSON.stringify(rows).includes(text)) found.push(name)
  }
  return found
}

describe('an erasure', () => {
  test('clears every row, the index and the key, closes the backups, and gives a certificate that holds', async () => {
    await using made = await openBackedUp()
    const person = await addSomebody(made)
    const { database } = made.server.sallyport
    const words = async () => (await sql<{ readonly count: number }>`select count(*) as count from passage_word`.execute(database.read)).rows[0]?.count ?? 0
    const before = await made.backUp()
    const wordsBefore = await words()
    const reply = await made.owner.call('DELETE', `/api/v1/accounts/${person.account.id}`)
    const certificate = ErasureCertificate.parse(reply.json)
    expect(reply.text).not.toContain(person.account.id)
    expect(certificate).toMatchObject({ requestedBy: 'administrator', keyVersions: [1], cleared: { account: 1, conversation: 1, message: 2, turn: 1, document: 1, passage: 1, collection: 1, session: 1, api_key: 1 }, backups: { keptThen: [{ name: before }] } })
    expect(certificate.backups.closedAt).not.toBeNull()
    expect(await check(made, certificate)).toMatchObject({ ok: true })
    expect(await tablesWith(made, person.account.id), 'only where others did something to it').toEqual(expect.not.arrayContaining(['account', 'conversation', 'message', 'turn', 'document', 'passage', 'session', 'data_key', 'erasure']))
    expect(await words()).toBe(wordsBefore - 1)

    // The backup from before brings the rows, and nothing opens them: the restore removes them again.
    await made.server.sallyport.close()
    const restored = await restoreBackup(made.config, { name: before, identities: [made.identity] })
    expect(restored.erased).toBe(1)
    await made.server.restart()
    made.owner = await made.server.renew(made.owner)
    expect(await check(made, certificate)).toMatchObject({ ok: true })
  }, 60_000)

  test('a certificate that was changed, or is of another server, does not hold', async () => {
    await using made = await openBackedUp()
    await using other = await openBackedUp()
    const person = await addSomebody(made)
    const certificate = ErasureCertificate.parse((await made.owner.call('DELETE', `/api/v1/accounts/${person.account.id}`)).json)
    expect(failing(await check(made, { ...certificate, cleared: { account: 2 } }))).toEqual(['signature'])
    expect(failing(await check(made, { ...certificate, erasedAt: '2020-01-01T00:00:00.000Z' }))).toEqual(['signature'])
    expect(failing(await check(other, certificate))).toEqual(['signature', 'store'])
  }, 60_000)

  test('a database or a backup folder that still has something of the account is found out', async () => {
    await using made = await openBackedUp()
    const person = await addSomebody(made)
    await made.backUp()
    const former = join(made.server.configDirectory, 'former-backups')
    await cp(made.folder, former, { recursive: true })
    const { database } = made.server.sallyport
    const key = await database.read.selectFrom('data_key').selectAll().where('owner_id', '=', person.account.id).executeTakeFirstOrThrow()
    const certificate = ErasureCertificate.parse((await made.owner.call('DELETE', `/api/v1/accounts/${person.account.id}`)).json)
    await database.write([{ query: database.read.insertInto('data_key').values(key).compile() }])
    expect(failing(await check(made, certificate))).toEqual(['keys'])
    await database.write([{ query: database.read.deleteFrom('data_key').where('owner_id', '=', person.account.id).compile() },
      { query: database.read.insertInto('turn').values({ id: 'trn_left', account_id: person.account.id, conversation_id: null, credential_id: '', entrance: '', model: '', status: 'complete', input_tokens: 0, output_tokens: 0, notices: '[]', started_at: 1, ended_at: 1 }).compile() }])
    expect(failing(await check(made, certificate))).toEqual(['database'])
    await database.write([{ query: database.read.deleteFrom('turn').where('id', '=', 'trn_left').compile() }])
    for (const name of await readdir(made.folder)) await rm(join(made.folder, name))
    await cp(former, made.folder, { recursive: true })
    expect(failing(await check(made, certificate)), 'a folder from before').toEqual(['backups'])
    await made.backUp()
    expect(await check(made, certificate)).toMatchObject({ ok: true })
  }, 60_000)

  test('whatever else in the backup folder could open a backup is found out, and what is not known is no yes', async () => {
    await using made = await openBackedUp()
    const person = await addSomebody(made)
    await made.backUp()
    const keysOf = async () => (await readdir(made.folder)).filter((name) => name.startsWith('keys-'))
    const [formerKeys = ''] = await keysOf()
    const former = join(made.server.configDirectory, 'former-backups')
    await cp(made.folder, former, { recursive: true })
    const certificate = ErasureCertificate.parse((await made.owner.call('DELETE', `/api/v1/accounts/${person.account.id}`)).json)
    const [keys = ''] = await keysOf()
    const closed = join(made.server.configDirectory, 'closed-backups')
    await cp(made.folder, closed, { recursive: true })
    const again = async () => {
      for (const name of await readdir(made.folder)) await rm(join(made.folder, name))
      await cp(closed, made.folder, { recursive: true })
    }
    expect(await check(made, certificate)).toMatchObject({ ok: true })
    await cp(join(former, formerKeys), join(made.folder, formerKeys))
    expect(failing(await check(made, certificate)), 'former keys beside the new').toEqual(['backups'])
    await again()
    await rm(join(made.folder, 'keys.json'))
    expect(failing(await check(made, certificate)), 'backups and keys, and nothing that names them').toEqual(['backups'])
    await rm(join(made.folder, keys))
    expect(failing(await check(made, certificate)), 'backups alone').toEqual(['backups'])
    await again()
    await cp(join(former, formerKeys), join(made.folder, keys))
    expect(failing(await check(made, certificate)), 'former keys under the new name').toEqual(['backups'])
    await again()
    expect(await check(made, certificate)).toMatchObject({ ok: true })
    made.server.clock.advance(-3_600_000)
    expect(failing(await check(made, certificate)), 'keys of a time to come').toEqual(['backups'])
  }, 60_000)

  test('people erase their own account with their address and a fresh proof; the last owner cannot', async () => {
    await using made = await openBackedUp()
    const person = await addSomebody(made)
    expect((await person.call('POST', '/api/v1/account/erasure', { email: made.owner.account.email })).status).toBe(400)
    const certificate = ErasureCertificate.parse((await person.call('POST', '/api/v1/account/erasure', { email: person.account.email })).json)
    expect(certificate.requestedBy).toBe('person')
    expect((await person.call('GET', '/api/v1/session')).status).toBe(401)
    expect((await person.program('GET', '/api/v1/models')).status).toBe(401)
    expect(await check(made, certificate)).toMatchObject({ ok: true })
    expect((await made.owner.call('POST', '/api/v1/account/erasure', { email: made.owner.account.email })).status).toBe(409)
  }, 60_000)
})

test('the invitation that named an address goes with its account, and is in its export; others stay', async () => {
  await using made = await openBackedUp()
  const invite = async (email: string) => NewInvitation.parse((await made.owner.call('POST', '/api/v1/invitations', { role: 'member', email })).json)
  const address = async () => (await made.owner.call('GET', '/api/v1/invitations')).text
  const { link } = await invite('invited@example.org')
  await invite('another@example.org')
  const accepted = await made.server.call('POST', '/api/v1/invitations/accept', { body: { token: link.slice(link.indexOf('#') + 1), name: 'Invited', password: PASSWORD } })
  expect(accepted.status, accepted.text).toBe(200)
  // Somebody who came in another way, while an invitation was open.
  await invite('somebody@example.org')
  const somebody = await addSomebody(made)
  expect(await address()).toContain('somebody@example.org')
  const { accounts, keyRing } = made.server.sallyport.domains
  await accounts.linkInvitations(somebody.account.id)
  const [sealer, serverSealer] = [await keyRing.sealerOf(somebody.account.id), await keyRing.sealerOf(SERVER_KEYS)]
  const [entry] = collect(made.server.sallyport.database, { accountId: somebody.account.id, reach: 'everything', sealer, serverSealer, at: 0, onRows: () => undefined }).filter(({ name }) => name === 'invitation.json')
  const told: string[] = []
  for await (const piece of entry?.content() ?? []) told.push(piece)
  expect(told.join('')).toContain('"email":"somebody@example.org"')
  expect(told.join('')).not.toContain('another@example.org')
  for (const email of ['invited@example.org', 'somebody@example.org']) {
    const { items } = Accounts.parse((await made.owner.call('GET', '/api/v1/accounts')).json)
    const id = items.find((account) => account.email === email)?.id ?? ''
    const certificate = ErasureCertificate.parse((await made.owner.call('DELETE', `/api/v1/accounts/${id}`)).json)
    expect(certificate.cleared).toMatchObject({ invitation: 1 })
    expect(await address()).not.toContain(email)
    expect(await check(made, certificate)).toMatchObject({ ok: true })
  }
  expect(await address()).toContain('another@example.org')
}, 60_000)

describeEachEngine('the list of columns that name an account', (dialect) => {
  test('has every column of the schema by such a name', async () => {
    await using store = await openTestStore(dialect)
    const listed = new Set(personalTables.map(({ table, column }) => `${table}.${column}`))
    const found = (await store.database.read.introspection.getTables()).flatMap(({ name, columns }) => columns.map((column) => `${name}.${column.name}`)).filter((column) => /\.(account_id|reader_id|made_by|created_by|actor)$/.test(column))
    expect(found.length).toBeGreaterThan(15)
    expect(found.filter((column) => !listed.has(column))).toEqual([])
  })
})

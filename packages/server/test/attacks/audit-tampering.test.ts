import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'
import { auditHash } from '../../src/database/audit-chain.ts'

let server: TestServer
let owner: Person
let length = 0
beforeAll(async () => {
  server = await openTestServer()
  owner = await server.setUpOwner()
  for (let index = 0; index < 8; index += 1) await owner.call('POST', '/api/v1/keys', { name: `key ${index}` })
  length = ((await verify()) as { entries: number }).entries
})
afterAll(async () => { await server[Symbol.asyncDispose]() })

const verify = async () => {
  server.clock.advance(10_000)
  return (await owner.call('POST', '/api/v1/audit/verify')).json
}
const rows = () => server.sallyport.database.read.selectFrom('audit_entry').selectAll().orderBy('sequence').execute()
const run = async (statement: ReturnType<typeof sql>) => { await server.sallyport.database.write([{ query: statement.compile(server.sallyport.database.read) }]) }
/** Tampers, looks, and puts everything back. */
async function afterTampering(tamper: () => Promise<void>): Promise<unknown> {
  const before = await rows()
  await tamper()
  const found = await verify()
  await run(sql`delete from audit_entry`)
  for (const row of before) await server.sallyport.database.write([{ query: server.sallyport.database.read.insertInto('audit_entry').values(row).compile() }])
  expect(await verify()).toMatchObject({ ok: true, entries: length, brokenAt: null })
  return found
}

test('the log as it was written is whole', async () => {
  expect(length).toBeGreaterThan(8)
  expect(await verify()).toMatchObject({ ok: true, entries: length, head: (await rows()).at(-1)?.hash })
})

test.each(['at', 'action', 'actor', 'credential', 'outcome', 'detail', 'previous_hash', 'hash', 'sequence'])('a changed %s is found at its row, in each row', async (column) => {
  for (const sequence of [1, 3, length]) {
    const value = column === 'at' || column === 'sequence' ? 999 : column === 'outcome' ? 'refused' : 'changed'
    const found = await afterTampering(() => run(sql`update audit_entry set ${sql.ref(column)} = ${value} where sequence = ${sequence}`))
    expect(found).toMatchObject({ ok: false, brokenAt: sequence })
  }
})

test('a deleted row is found', async () => {
  for (const sequence of [1, 4]) expect(await afterTampering(() => run(sql`delete from audit_entry where sequence = ${sequence}`))).toMatchObject({ ok: false, brokenAt: sequence })
})

test('two rows in each other\'s place are found', async () => {
  expect(await afterTampering(async () => {
    await run(sql`update audit_entry set sequence = 1000 where sequence = 3`)
    await run(sql`update audit_entry set sequence = 3 where sequence = 4`)
    await run(sql`update audit_entry set sequence = 4 where sequence = 1000`)
  })).toMatchObject({ ok: false, brokenAt: 3 })
})

test('an inserted row is found, also with a hash of its own', async () => {
  expect(await afterTampering(async () => {
    const [first, second] = await rows()
    if (first === undefined || second === undefined) throw new Error('The log is too short.')
    for (let sequence = length; sequence >= 2; sequence -= 1) await run(sql`update audit_entry set sequence = ${sequence + 1} where sequence = ${sequence}`)
    const forged = { at: first.at, action: 'key-revoked', actor: first.actor, credential: first.credential, outcome: 'allowed' as const, detail: '{}' }
    await server.sallyport.database.write([{ query: server.sallyport.database.read.insertInto('audit_entry').values({ ...forged, sequence: 2, previous_hash: first.hash, hash: auditHash({ sequence: 1, hash: first.hash }, forged) }).compile() }])
  })).toMatchObject({ ok: false, brokenAt: 3 })
})

test('there is no way to change or delete an entry over the wire', async () => {
  for (const method of ['PUT', 'PATCH', 'DELETE', 'POST']) {
    server.clock.advance(10_000)
    expect((await owner.call(method, '/api/v1/audit')).status).toBe(405)
    expect((await owner.call(method, '/api/v1/audit/1')).status).toBe(404)
  }
})

test('what somebody privileged does and its row commit together or not at all', async () => {
  const keys = async () => (await server.sallyport.database.read.selectFrom('api_key').select('id').execute()).length
  const before = await keys()
  await run(sql`alter table audit_entry rename to audit_entry_away`)
  try {
    expect((await owner.call('POST', '/api/v1/keys', { name: 'unseen' })).status).toBe(503)
    expect((await owner.call('DELETE', `/api/v1/keys/${owner.keyId}`)).status).toBe(503)
  } finally {
    await run(sql`alter table audit_entry_away rename to audit_entry`)
  }
  expect(await keys()).toBe(before)
  expect((await owner.program('GET', '/api/v1/conversations')).status).toBe(200)
  expect((await owner.call('POST', '/api/v1/keys', { name: 'seen' })).status).toBe(200)
})

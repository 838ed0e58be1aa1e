import { ProviderCredentialList, SecretUse } from '@sallyport/contract'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { createSecretUseStore } from '../../src/domains/secret-uses/index.ts'
import { secretJump } from '../../src/policy/secret-uses.ts'
import { callerLike } from '../../src/testing/caller.ts'
import { openTestServer, type Person } from '../../src/testing/server.ts'

// SEC-8: somebody who may use a provider's key, or got hold of what may, uses it far more than it ever was. The value never leaves the server; its use shows.

const HOUR = 3_600_000
const Uses = z.object({ items: z.array(SecretUse) })
const ask = async (person: Person) => {
  const reply = await person.program('POST', '/api/v1/chat', { text: 'Hello?', model: 'openai/model-a' })
  expect(reply.status, reply.text).toBe(200)
}

test('the use of a provider\'s key is seen by whom and for what, and a plunder of it is told once, with the account that did it', async () => {
  await using server = await openTestServer()
  const owner = await server.setUpOwner()
  await server.addVendor(owner, 'openai', { script: { text: ['Hello.'], usage: { inputTokens: 10, outputTokens: 4 } } })
  server.clock.stop()
  const { database, domains: { secretUses } } = server.sallyport
  const credential = async () => ProviderCredentialList.parse((await owner.call('GET', '/api/v1/providers/openai/credentials')).json).items[0]
  const name = (await credential())?.id ?? ''
  const told = async () => (await database.read.selectFrom('security_event').select(['severity', 'detail']).where('type', '=', 'secret-use-jumped').execute()).map((row) => ({ ...row, detail: JSON.parse(row.detail) as Record<string, unknown> }))

  // What is usual for it: two days of ten reads an hour.
  await secretUses.flush()
  const store = createSecretUseStore(database)
  const now = server.clock.now()
  await database.write(Array.from({ length: 48 }, (_, hour) => store.add({ kind: 'provider-key', name, purpose: 'turn', reads: 10, tokens: 100 }, now - now % HOUR - (hour + 1) * HOUR, now)).flat())

  // The control: an ordinary hour.
  const [member, thief] = [await server.addAccount('member'), await server.addAccount('thief')]
  for (let turn = 0; turn < 5; turn += 1) await ask(member)
  await secretUses.tidy()
  expect(await told()).toEqual([])
  const own = Uses.parse((await owner.call('GET', '/api/v1/secret-uses')).json).items.find((item) => item.name === name)
  expect(own).toMatchObject({ provider: 'openai', version: 1, usualReads: 10, jumpedAt: null })
  const turns = own?.purposes.find(({ purpose }) => purpose === 'turn')?.reads ?? 0

  for (let turn = 0; turn < secretJump.floor.reads + 1; turn += 1) await ask(thief)
  await secretUses.tidy()
  await ask(thief)
  await secretUses.tidy()
  expect(await told()).toEqual([{ severity: 'high', detail: expect.objectContaining({ kind: 'provider-key', name, provider: 'openai', version: 1, measure: 'reads', usual: 10, mostTurns: [{ accountId: thief.account.id, turns: secretJump.floor.reads + 1 }, { accountId: member.account.id, turns: 5 }] }) }])
  const after = Uses.parse((await owner.call('GET', '/api/v1/secret-uses')).json).items.find((item) => item.name === name)
  expect(after?.jumpedAt).not.toBeNull()
  expect((after?.purposes.find(({ purpose }) => purpose === 'turn')?.reads ?? 0) - turns).toBe(secretJump.floor.reads + 2)
  expect(await credential()).toMatchObject({ calls: secretJump.floor.reads + 7, lastUsedAt: expect.any(String) })

  // One row in the audit log for the hour, in sums, by names of the day for whoever reads it.
  server.clock.advance(HOUR + 61_000)
  await secretUses.tidy()
  await secretUses.tidy()
  const rows = (await database.read.selectFrom('audit_entry').select('detail').where('action', '=', 'secret-used').where('detail', 'like', `%${name}%`).execute()).map(({ detail }) => JSON.parse(detail) as { reads: number })
  expect(rows.filter(({ reads }) => reads > 100)).toHaveLength(1)
  const shown = (await (await server.renew(owner)).call('GET', '/api/v1/audit?limit=50')).text
  expect(shown).toContain('secret-used')
  expect(shown).not.toContain(thief.account.id)
}, 120_000)

test('every way to a secret counts: a stored key that is tried, listed and sealed anew, the identity of a sign-in, and the vault', async () => {
  await using server = await openTestServer()
  const owner = await server.setUpOwner()
  await server.addVendor(owner, 'openai')
  const { domains } = server.sallyport
  await domains.dataKeys.begin(callerLike(owner.account.id, 'owner'), {})
  await domains.dataKeys.settled()
  const items = Uses.parse((await owner.call('GET', '/api/v1/secret-uses')).json).items
  const purposesOf = (kind: string) => new Set(items.filter((item) => item.kind === kind).flatMap(({ purposes }) => purposes.map(({ purpose }) => purpose)))
  expect([...purposesOf('provider-key')]).toEqual(expect.arrayContaining(['test', 'opened']))
  expect([...purposesOf('signing-key')]).toEqual(['opened'])
  expect([...purposesOf('data-key')]).toEqual(['unwrap'])
})

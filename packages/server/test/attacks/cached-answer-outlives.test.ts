import { expect, test } from 'vitest'
import { restoreBackup } from '../../src/ops/backup/index.ts'
import { askGateway, cacheOf, callsOf } from '../../src/testing/asked.ts'
import { openTestServer } from '../../src/testing/server.ts'
import { openBackedUp } from '../backups/support.ts'

// PRV-10: a kept answer lives no longer than the account, the rules and the setting under which it was kept.

const request = { messages: [{ role: 'user', content: 'What is the plan?' }] }
const HOUR = 3_600_000

async function open(settings: Record<string, string>) {
  const server = await openTestServer({ settings })
  const owner = await server.setUpOwner()
  const vendor = await server.addVendor(owner, 'openai', { script: () => ({ text: ['The plan is blue.'], usage: { inputTokens: 10, outputTokens: 90 } }) })
  const rows = async () => {
    const { read } = server.sallyport.database
    return (await read.selectFrom('own_answer').select('id').execute()).length + (await read.selectFrom('shared_answer').select('id').execute()).length
  }
  return { server, owner, vendor, rows, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

test.each(['own', 'shared'])('after an erasure nothing is left of what was kept, with %s answers', async (answers) => {
  await using at = await open({ CACHE_ANSWERS: answers })
  const person = await at.server.addAccount('leaving')
  await askGateway(at.server, person, request)
  expect(await at.rows()).toBe(1)
  const certificate = (await at.owner.call('DELETE', `/api/v1/accounts/${person.account.id}`)).json
  expect(certificate).toMatchObject({ cleared: { [`${answers}_answer`]: 1 } })
  expect(await at.rows()).toBe(0)
  expect(cacheOf(await askGateway(at.server, at.owner, request))).toBe('miss')
})

test('a kept answer goes through the limits, the budgets and the audit like any other, and costs nothing', async () => {
  await using at = await open({ CACHE_ANSWERS: 'own' })
  await at.owner.call('PUT', '/api/v1/budgets', { scope: 'all', period: 'day', unit: 'tokens', amount: 150 })
  const used = async () => ((await at.owner.call('GET', '/api/v1/budgets')).json as { items: [{ used: number }] }).items[0].used
  const ask = () => askGateway(at.server, at.owner, { ...request, max_tokens: 100 })
  expect([cacheOf(await ask()), await used()]).toEqual(['miss', 100])
  // Of the budget fifty are left, forty-two for an answer, and the answer has ninety: what the budget does not let a model say, it does not let the cache say.
  expect([cacheOf(await ask()), callsOf(at.vendor)]).toEqual(['miss', 2])
  await at.owner.call('PUT', '/api/v1/budgets', { scope: 'all', period: 'day', unit: 'tokens', amount: 1_000 })
  const before = await used()
  expect([cacheOf(await ask()), callsOf(at.vendor), await used()]).toEqual(['hit', 2, before])
  await at.owner.call('PUT', '/api/v1/budgets', { scope: 'all', period: 'day', unit: 'tokens', amount: 1 })
  expect(cacheOf(await ask())).toBe('402')
  const { items } = (await at.owner.call('GET', '/api/v1/audit')).json as { items: { action: string; detail: unknown }[] }
  expect(items.filter(({ action }) => action === 'turn-ended').map(({ detail }) => detail)).toContainEqual(expect.objectContaining({ status: 'complete', savedTokens: 52 }))
})

test('a kept answer is gone with its time, and the job removes it', async () => {
  await using at = await open({ CACHE_ANSWERS: 'own', CACHE_HOURS: '2' })
  at.server.clock.stop()
  await askGateway(at.server, at.owner, request)
  at.server.clock.advance(2 * HOUR - 1)
  expect(cacheOf(await askGateway(at.server, at.owner, request))).toBe('hit')
  at.server.clock.advance(1)
  expect(cacheOf(await askGateway(at.server, await at.server.renew(at.owner), request))).toBe('miss')
  await at.server.sallyport.domains.answerCache.sweep()
  expect(await at.rows()).toBe(1)
  at.server.clock.advance(2 * HOUR)
  await at.server.sallyport.domains.answerCache.sweep()
  expect(await at.rows()).toBe(0)
})

test('after a change of what the guard does with a model\'s answers, what was kept before is not given', async () => {
  await using at = await open({ CACHE_ANSWERS: 'own' })
  const member = await at.server.addAccount('member')
  await askGateway(at.server, member, request)
  for (const settings of [{ PRESET: 'team' }, { GUARD_MODELS: JSON.stringify({ 'openai/*': { stricter: { 'ip-address': { model: 'mask' } } } }) }, { GUARD_RECOGNISERS: 'person' }, { LIMITS_ANSWER_TOKENS: '500' }]) {
    await at.server.restart(settings)
    const person = await at.server.renew(member)
    expect([cacheOf(await askGateway(at.server, person, request)), cacheOf(await askGateway(at.server, person, request))], JSON.stringify(settings)).toEqual(['miss', 'hit'])
  }
  // The control: under the rules of the beginning the first one is still there.
  await at.server.restart({ PRESET: 'personal', GUARD_MODELS: '{}', GUARD_RECOGNISERS: '', LIMITS_ANSWER_TOKENS: '1000' })
  expect(cacheOf(await askGateway(at.server, await at.server.renew(member), request))).toBe('hit')
})

test('what detectors have learnt since is looked for in a kept answer too', async () => {
  await using at = await open({ CACHE_ANSWERS: 'own' })
  await askGateway(at.server, at.owner, request)
  const { database, domains } = at.server.sallyport
  const { id } = await database.read.selectFrom('own_answer').select('id').executeTakeFirstOrThrow()
  const sealer = await domains.keyRing.sealerOf(at.owner.account.id)
  const key = ['AKIA', 'Q3EGRZ5XJH7LN2PW'].join('')
  const planted = sealer.seal({ table: 'own_answer', rowId: id, column: 'answer_sealed' }, JSON.stringify({ text: `The key is ${key}.`, reasoning: '', inputTokens: 1, outputTokens: 1 }))
  await database.write([{ query: database.read.updateTable('own_answer').set({ answer_sealed: planted }).where('id', '=', id).compile() }])
  const reply = await askGateway(at.server, at.owner, request)
  expect(cacheOf(reply)).toBe('hit')
  expect(reply.text).toContain('The key is ')
  expect(reply.text).not.toContain(key)
})

test('switched off, or made each one\'s own, nothing is given of what was kept, and the job removes it', async () => {
  await using at = await open({ CACHE_ANSWERS: 'shared' })
  await askGateway(at.server, at.owner, request)
  for (const [answers, outcome] of [['own', 'miss'], ['off', 'none']] as const) {
    await at.server.restart({ CACHE_ANSWERS: answers })
    expect(cacheOf(await askGateway(at.server, await at.server.renew(at.owner), request))).toBe(outcome)
  }
  expect(await at.rows()).toBe(2)
  await at.server.sallyport.domains.answerCache.sweep()
  expect(await at.rows()).toBe(0)
})

test('no backup holds what was kept', async () => {
  await using made = await openBackedUp({ settings: { CACHE_ANSWERS: 'own' } })
  await made.server.addVendor(made.owner, 'openai', { script: () => ({ text: ['Blue.'] }) })
  await askGateway(made.server, made.owner, request)
  const [row] = await made.server.sallyport.database.read.selectFrom('own_answer').select('id').execute()
  expect(row?.id).toMatch(/^[0-9a-f]{64}$/)
  const name = await made.backUp()
  await made.server.sallyport.close()
  await restoreBackup(made.config, { name, identities: [made.identity] })
  await made.server.restart()
  expect(await made.server.sallyport.database.read.selectFrom('own_answer').select('id').execute()).toEqual([])
})

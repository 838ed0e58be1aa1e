import { afterAll, beforeAll, expect, test } from 'vitest'
import * as z from 'zod'
import { namedPrefixes } from '../../src/policy/day-names.ts'
import { openTestServer, type Person, type TestServer } from '../../src/testing/server.ts'

// The attack: whoever may read the audit log, or has come by log files, follows a person from day to day, or learns who they are.

const DAY = 86_400_000
/** Ids that belong to somebody, and what stands in their place. */
const IDS = new RegExp(`\\b(?:${[...namedPrefixes].join('|')})_[0-9a-f]{32}\\b`, 'g')
const NAMES = /\b[a-z]{3}-\d{8}-[0-9a-f]{16}\b/g
const Items = z.object({ items: z.array(z.looseObject({ at: z.string() })) })

let server: TestServer
let owner: Person
let auditor: Person
let ann: Person
let bob: Person
beforeAll(async () => {
  server = await openTestServer()
  owner = await server.setUpOwner()
  ann = await server.addAccount('ann')
  bob = await server.addAccount('bob')
  auditor = await server.addAccount('auditor', 'auditor')
})
afterAll(async () => { await server[Symbol.asyncDispose]() })

interface Seen { readonly audit: string; readonly events: string; readonly log: string }
const everything = ({ audit, events, log }: Seen) => [audit, events, log].join('\n')
const found = (text: string, form: RegExp) => new Set(text.match(form) ?? [])

/** What a reader sees of what somebody does: the same each day. */
async function live(person: Person, conversation: string): Promise<Seen> {
  server.clock.advance(1_000)
  const [from, logged] = [server.clock.now(), server.logs.length]
  const today = await server.renew(person)
  await today.call('POST', `/api/v1/conversations/${conversation}/turns`, { text: 'What is this?', model: 'sallyport/library' })
  await today.call('POST', '/api/v1/documents', { title: 'Paper', text: 'Of bees.', mediaType: 'text/plain', collection: 'mine' })
  await today.call('POST', '/api/v1/keys', { name: 'again' })
  const { sallyport: { database, log, domains } } = server
  // Something that somebody is told of, and errors whose messages name whose key and whose address it was.
  await database.write([{ query: database.read.insertInto('security_event').values({ id: `evt_${from.toString(16).padStart(32, '0')}`, at: from, type: 'refresh-token-reused', severity: 'high', account_id: person.account.id, detail: JSON.stringify({ keyId: person.keyId }), alert_due_at: from }).compile() }])
  await domains.alerts.tell()
  log.error({ message: `Data key version 1 of ${person.account.id} is gone.`, cause: { message: `550 <${person.account.email}> is unknown` } }, 'of-a-test')
  auditor = await server.renew(auditor)
  const since = async (path: string) => JSON.stringify(Items.parse((await auditor.call('GET', path)).json).items.filter(({ at }) => Date.parse(at) >= from))
  return { audit: await since('/api/v1/audit?limit=200'), events: await since('/api/v1/security-events?limit=100'), log: JSON.stringify(server.logs.slice(logged)) }
}
const resolve = (person: Person, name: string) => person.call('POST', '/api/v1/audit/resolve', { name })
const accountNames = (seen: Seen, of: keyof Seen) => [...found(seen[of], NAMES)].filter((name) => name.startsWith('acc-'))

test('a reader of the logs cannot join two days, nor tell who somebody is; whoever may resolve a name leaves a trace', async () => {
  const conversations = { ann: await ann.newConversation(), bob: await bob.newConversation() }
  const days: { readonly ann: Seen; readonly bob: Seen }[] = []
  for (let day = 0; day < 2; day += 1) {
    days.push({ ann: await live(ann, conversations.ann), bob: await live(bob, conversations.bob) })
    if (day === 0) server.clock.advance(DAY)
  }
  const [first, second] = days
  if (first === undefined || second === undefined) throw new Error('Two days were lived.')
  for (const seen of [first.ann, first.bob, second.ann, second.bob]) {
    for (const [where, text] of Object.entries(seen)) {
      expect([...found(text, IDS)], where).toEqual([])
      for (const told of ['example.org', 'Olive', ann.account.name, bob.account.name]) expect(text, where).not.toContain(told)
      expect(found(text, NAMES).size, `${where} has names`).toBeGreaterThan(0)
    }
  }
  // Names of one day tell two persons apart, and join what one of them did; nothing that stands there on both days is anybody's.
  expect(accountNames(first.ann, 'log')).toHaveLength(1)
  expect(accountNames(first.ann, 'audit')).toEqual(expect.arrayContaining(accountNames(first.ann, 'log')))
  expect(accountNames(first.ann, 'events')).toEqual(accountNames(first.ann, 'log'))
  expect(accountNames(first.bob, 'log')).not.toEqual(accountNames(first.ann, 'log'))
  const [yesterday, today] = [first, second].map((day) => found(everything(day.ann) + everything(day.bob), NAMES))
  const tails = (names: ReadonlySet<string> | undefined) => new Set([...names ?? []].map((name) => name.slice(-16)))
  expect([...tails(yesterday)].filter((tail) => tails(today).has(tail))).toEqual([])

  const [name] = accountNames(first.ann, 'log')
  owner = await server.renew(owner)
  auditor = await server.renew(auditor)
  expect((await resolve(auditor, name ?? '')).status).toBe(403)
  expect((await resolve(owner, name ?? '')).json).toEqual({ accountId: ann.account.id })
  for (const strange of [`${name?.slice(0, -1)}${name?.endsWith('0') === true ? '1' : '0'}`, 'acc-20990101-0123456789abcdef', 'acc-00000000-0123456789abcdef']) expect((await resolve(owner, strange)).status, strange).toBe(404)
  for (const bad of [ann.account.id, '', 'acc-x', `${name}%`]) expect((await resolve(owner, bad)).status, bad).toBe(400)
  const trace = Items.parse((await auditor.call('GET', '/api/v1/audit?limit=10')).json).items.filter(({ action }) => action === 'day-name-resolved')
  expect(trace.map(({ outcome }) => outcome)).toEqual(['refused', 'refused', 'refused', 'allowed'])
  expect(JSON.stringify(trace), 'the trace says who was looked up, by the name of today, and does not join it to the one of yesterday').not.toContain(name)
  expect(JSON.stringify(trace)).toContain(accountNames(second.ann, 'log')[0])
}, 60_000)

test('old log files cannot be resolved once the keys of their days are gone, also not after a restart', async () => {
  ann = await server.renew(ann)
  const seen = await live(ann, await ann.newConversation())
  const [name] = accountNames(seen, 'log')
  owner = await server.renew(owner)
  expect((await resolve(owner, name ?? '')).status).toBe(200)
  server.clock.advance(31 * DAY)
  await server.sallyport.domains.names.refresh()
  owner = await server.renew(owner)
  expect((await resolve(owner, name ?? '')).status).toBe(404)
  await server.restart()
  owner = await server.renew(owner)
  expect((await resolve(owner, name ?? '')).status).toBe(404)
  // The audit log of that day says who it was all the same, to whoever may ask.
  const [entry] = Items.parse((await owner.call('GET', '/api/v1/audit?limit=200')).json).items.filter(({ action, at }) => action === 'document-added' && at < new Date(server.clock.now() - 30 * DAY).toISOString())
  expect((await resolve(owner, String(entry?.['actor']))).json).toEqual({ accountId: ann.account.id })
}, 60_000)

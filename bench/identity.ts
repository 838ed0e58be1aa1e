/** Identity: what it costs to know who calls, with ten thousand keys in the store, and what a sign-in costs beyond its password hash. */
import { argon2, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { TokenReply } from '../packages/contract/src/index.ts'
import { SERVER_KEYS } from '../packages/server/src/domains/secrets/index.ts'
import { callerLike } from '../packages/server/src/testing/caller.ts'
import { PASSWORD, openTestServer, type Person, type TestServer } from '../packages/server/src/testing/server.ts'
import type { Bench, BenchOptions } from './lib/bench.ts'
import { figureOf, median, quantile, type Figure } from './lib/figure.ts'

const ACCOUNTS = 101
const KEYS_OF_AN_ACCOUNT = 99
const WARM_ROUNDS = 5
const SESSIONS = 1_000
const ACCESS_TOKENS = 500
const SIGN_INS = 60
/** The slowed build reads everything at each look: a few looks say enough. */
const SLOW_LOOKS = 200
const HERE = '127.0.0.1'

const hash = promisify(argon2)

async function makePeople(server: TestServer, owner: Person): Promise<readonly Person[]> {
  const people = [owner]
  while (people.length < ACCOUNTS) people.push(await server.addAccount(`bench${people.length}`))
  return people
}

/** A token that a program gets for its key. */
async function accessToken(server: TestServer, { keyId, key }: Person, index: number): Promise<string> {
  const reply = await server.call('POST', '/api/v1/auth/token', { body: { grant_type: 'client_credentials', client_id: keyId, client_secret: key }, from: `127.4.${index >> 8}.${index & 255}` })
  if (reply.status !== 200) throw new Error(`No token for the key: ${reply.text}`)
  return TokenReply.parse(reply.json).access_token
}

/** Makes keys as people do, each with its audit row. Gives their values in no order. */
async function makeKeys(server: TestServer, people: readonly Person[]): Promise<readonly string[]> {
  const values: string[] = []
  for (const person of people) {
    values.push(...await Promise.all(Array.from({ length: KEYS_OF_AN_ACCOUNT }, () => server.newKey(person, 90))))
  }
  return shuffled(values)
}

function shuffled<Item>(items: readonly Item[]): readonly Item[] {
  return items.map((item) => ({ item, place: randomBytes(4).readUInt32LE() })).toSorted((one, other) => one.place - other.place).map(({ item }) => item)
}

/** Microseconds of each look, one after the other. Throws when a look finds nothing: a fast no is no figure. */
async function timeEach(inputs: readonly string[], look: (input: string) => Promise<unknown>): Promise<readonly number[]> {
  const taken: number[] = []
  for (const [index, input] of inputs.entries()) {
    const from = process.hrtime.bigint()
    const found = await look(input)
    taken.push(Number(process.hrtime.bigint() - from) / 1_000)
    if (found === null) throw new Error('What was just made was not found.')
    // What happens beside it, such as noting the last use, gets its turn outside the measured time.
    if (index % 50 === 0) await nextTurn()
  }
  return taken
}

/** A build that asks for every row at each look, as some do that compare with each key in turn. */
const slowed = ({ sallyport: { database } }: TestServer, table: 'api_key' | 'session', look: (input: string) => Promise<unknown>) => async (input: string) => {
  await database.read.selectFrom(table).selectAll().execute()
  return look(input)
}

async function looks(server: TestServer, owner: Person, { negativeControl, note }: BenchOptions): Promise<readonly Figure[]> {
  const { keys, sessions } = server.sallyport.domains
  note(`${ACCOUNTS * KEYS_OF_AN_ACCOUNT} keys`)
  const people = await makePeople(server, owner)
  const values = await makeKeys(server, people)
  const findKey = negativeControl ? slowed(server, 'api_key', (value) => keys.find(value, HERE)) : (value: string) => keys.find(value, HERE)
  const some = negativeControl ? values.slice(0, SLOW_LOOKS) : values
  // What was remembered while they were made is forgotten, as when something of everybody's is revoked.
  server.sallyport.domains.revocations.announce({ kind: 'everything' })
  const cold = await timeEach(some, findKey)
  const warm: number[] = []
  for (let round = 0; round < (negativeControl ? 1 : WARM_ROUNDS); round += 1) warm.push(...await timeEach(shuffled(some), findKey))

  note(`${SESSIONS} sessions`)
  const tokens: string[] = []
  for (let index = 0; index < SESSIONS; index += 1) {
    const { account } = people[index % people.length] ?? owner
    tokens.push((await sessions.begin(callerLike(account.id, account.role), account)).token)
  }
  const findSession = negativeControl ? slowed(server, 'session', sessions.find) : sessions.find
  const session = await timeEach(shuffled(negativeControl ? tokens.slice(0, SLOW_LOOKS) : [...tokens, ...tokens, ...tokens]), findSession)

  note(`${ACCESS_TOKENS} access tokens`)
  const access: string[] = []
  for (const [index, person] of Array.from({ length: ACCESS_TOKENS }, (_, at) => people[at % people.length] ?? owner).entries()) access.push(await accessToken(server, person, index))
  const findAccess = negativeControl ? slowed(server, 'api_key', server.sallyport.domains.tokens.find) : server.sallyport.domains.tokens.find
  const firstLooks = await timeEach(access, findAccess)
  const token = await timeEach(shuffled(negativeControl ? access : [...access, ...access, ...access, ...access, ...access]), findAccess)

  const figure = (id: string, taken: readonly number[], samples: string) => figureOf({ id, value: median(taken), unit: 'µs', bound: { below: 100 }, samples, baseline: { p95: quantile(taken, 0.95), p99: quantile(taken, 0.99) } })
  return [
    figure('identity.key-warm', warm, `median of ${warm.length} looks among ${values.length} keys, remembered`),
    figure('identity.key-cold', cold, `median of ${cold.length} looks among ${values.length} keys, each asked of the store`),
    figure('identity.token', token, `median of ${token.length} looks at ${ACCESS_TOKENS} access tokens, verified before`),
    figureOf({ id: 'identity.token-first', value: median(firstLooks), unit: 'µs', bound: null, samples: `median of ${firstLooks.length} first looks, each with the signature` }),
    figure('identity.session', session, `median of ${session.length} looks among ${SESSIONS} sessions`),
  ]
}

/** Signs in over HTTP and hashes alone by turns, so that both meet the same machine. */
async function signIns(server: TestServer, owner: Person, { negativeControl, note }: BenchOptions): Promise<readonly Figure[]> {
  note(`${SIGN_INS} sign-ins, and as many hashes alone`)
  const { database, domains: { keyRing } } = server.sallyport
  const { id, password_sealed: sealed } = await database.read.selectFrom('account').select(['id', 'password_sealed']).where('id', '=', owner.account.id).executeTakeFirstOrThrow()
  if (sealed === null) throw new Error('The owner has no password.')
  const kept = (await keyRing.sealerOf(SERVER_KEYS)).open({ table: 'account', rowId: id, column: 'password_sealed' }, sealed)
  const [, memory, passes, parallelism] = /m=(\d+),t=(\d+),p=(\d+)/.exec(kept) ?? []
  const bare = () => hash('argon2id', { message: PASSWORD, nonce: randomBytes(16), memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism), tagLength: 32 })
  const signIn = async (index: number) => {
    const reply = await server.call('POST', '/api/v1/session', { body: { email: owner.account.email, password: PASSWORD }, headers: { origin: server.url }, from: `127.1.${index >> 8}.${index & 255}` })
    if (reply.status !== 200) throw new Error(`The sign-in answered ${reply.status}: ${reply.text}`)
  }
  const alone: number[] = []
  const whole: number[] = []
  const timed = async (work: () => Promise<unknown>) => {
    const from = performance.now()
    await work()
    return performance.now() - from
  }
  for (let index = 0; index < SIGN_INS; index += 1) {
    // The limits of sign-in stay on; only the clock goes on.
    server.clock.advance(600_000)
    alone.push(await timed(bare))
    whole.push(await timed(async () => {
      await signIn(index * 2)
      // The slowed build hashes twice.
      if (negativeControl) await bare()
    }))
  }
  return [
    figureOf({ id: 'identity.sign-in', value: median(whole) / median(alone), unit: '× argon2id', bound: { atMost: 1.5 }, samples: `medians of ${SIGN_INS} sign-ins over HTTP, session and audit durable, and ${SIGN_INS} hashes alone`, baseline: { 'sign-in ms': median(whole), 'argon2id ms': median(alone), 'fastest sign-in ms': Math.min(...whole), 'fastest argon2id ms': Math.min(...alone) } }),
  ]
}

async function run(options: BenchOptions): Promise<readonly Figure[]> {
  await using server = await openTestServer()
  const owner = await server.setUpOwner()
  return [...await looks(server, owner, options), ...await signIns(server, owner, options)]
}

export const bench: Bench = { title: 'Identity', run }

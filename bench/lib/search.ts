/** Search in conversations: over as many messages as one account may ever have, through the whole server, on each engine. */
import type { WriteStep } from '../../packages/server/src/database/database.ts'
import { newId } from '../../packages/server/src/kernel/ids.ts'
import { openScope } from '../../packages/server/src/kernel/scope.ts'
import { startServices } from '../../packages/server/src/testing/services.ts'
import { createDatabaseAt } from '../../packages/server/src/testing/postgres.ts'
import { openTestServer, type Person, type TestServer } from '../../packages/server/src/testing/server.ts'
import type { BenchOptions } from './bench.ts'
import { figureOf, median, quantile, type Figure } from './figure.ts'

const MESSAGES = 100_000
const IN_A_CONVERSATION = 50
const PER_BATCH = 500
const VOCABULARY = 20_000
const WORDS_IN_A_MESSAGE = 45
const SEARCHES = 300
/** The negative control opens every message for each search: a few say enough. */
const SLOW_SEARCHES = 5

/** A small deterministic generator (mulberry32), so that every run searches the same texts. */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
const syllables = ['ba', 'ko', 'ri', 'ten', 'lu', 'mas', 've', 'dor', 'ni', 'fal', 'qui', 'zan', 'pe', 'gor', 'hy', 'jat']
/** Words by their rank: a few stand in most messages, most in few (Zipf's law). */
const wordAt = (rank: number): string => `${syllables[rank % 16] ?? ''}${syllables[(rank >> 4) % 16] ?? ''}${syllables[(rank >> 8) % 16] ?? ''}${syllables[(rank >> 12) % 16] ?? ''}`
const drawn = (random: () => number): string => wordAt(Math.floor(VOCABULARY ** random()) - 1)
const textOf = (random: () => number): string => Array.from({ length: WORDS_IN_A_MESSAGE }, () => drawn(random)).join(' ')

/** Gives the conversations. */
async function fill({ sallyport: { database, domains }, clock }: TestServer, owner: Person): Promise<readonly string[]> {
  const random = createRandom(7)
  const store = await domains.conversations.open(openScope(owner.account.id))
  const conversations: string[] = []
  for (let from = 0; from < MESSAGES; from += PER_BATCH) {
    const steps: WriteStep[] = []
    for (let number = from; number < from + PER_BATCH; number += 1) {
      const at = clock.now()
      if (number % IN_A_CONVERSATION === 0) {
        conversations.push(newId('conversation', at))
        steps.push(store.insert({ id: conversations.at(-1) ?? '', title: textOf(random).slice(0, 50), model: 'sallyport/library', at }))
      }
      steps.push(store.insertMessage({ id: newId('message', at), conversationId: conversations.at(-1) ?? '', turnId: newId('turn', at), role: 'user', status: 'complete', model: 'sallyport/library', text: textOf(random), notices: [], at }))
    }
    await database.write(steps)
  }
  return conversations
}

/** What people type: one frequent word, one rare one, two, three, and one that stands nowhere. */
function questions(count: number): readonly string[] {
  const random = createRandom(11)
  const kinds = [() => wordAt(Math.floor(random() * 20)), () => wordAt(2_000 + Math.floor(random() * 15_000)), () => `${drawn(random)} ${drawn(random)}`, () => `${wordAt(Math.floor(random() * 100))} ${drawn(random)} ${drawn(random)}`, () => `xylograph${Math.floor(random() * 1_000)}`]
  return Array.from({ length: count }, (_, index) => kinds[index % kinds.length]?.() ?? '')
}

async function timeSearches({ clock }: TestServer, owner: Person, count: number): Promise<{ readonly times: readonly number[]; readonly hits: number }> {
  const times: number[] = []
  let hits = 0
  for (const text of questions(count)) {
    // The limit of calls is not what is measured.
    clock.advance(1_000)
    const from = performance.now()
    const reply = await owner.call('POST', '/api/v1/conversations/search', { text })
    times.push(performance.now() - from)
    if (reply.status !== 200) throw new Error(`A search was refused: ${reply.text}`)
    hits += (reply.json as { readonly messages: readonly unknown[] }).messages.length
  }
  return { times, hits }
}

/** The negative control: without an index every message has to be opened. */
async function timeOpening({ sallyport: { domains } }: TestServer, owner: Person, conversations: readonly string[]): Promise<readonly number[]> {
  const store = await domains.conversations.open(openScope(owner.account.id))
  const times: number[] = []
  for (const text of questions(SLOW_SEARCHES)) {
    const from = performance.now()
    for (const id of conversations) (await store.messagePage(id, undefined, IN_A_CONVERSATION)).filter((message) => message.text.includes(text))
    times.push(performance.now() - from)
  }
  return times
}

interface Measured { readonly engine: 'sqlite' | 'postgres'; readonly server: TestServer; /** What the engine does by itself some time after a table was filled. */ readonly settled: () => Promise<void> }

async function measure({ engine, server, settled }: Measured, { negativeControl, note }: BenchOptions): Promise<readonly Figure[]> {
  const owner = await server.setUpOwner()
  note(`${MESSAGES} messages in ${engine}`)
  const conversations = await fill(server, owner)
  if (negativeControl) return [figureOf({ id: `data.search-p95-${engine}`, value: quantile(await timeOpening(server, owner, conversations), 0.95), unit: 'ms', bound: { atMost: 50 }, samples: `${SLOW_SEARCHES} searches that open ${MESSAGES} messages each` })]
  note('their words')
  // The server has begun by itself, and may be ahead.
  const { messageIndexer } = server.sallyport.domains
  await messageIndexer.settled()
  await messageIndexer.walk()
  await settled()
  await timeSearches(server, owner, 20)
  const { times, hits } = await timeSearches(server, owner, SEARCHES)
  if (hits < SEARCHES) throw new Error('Too little was found: the figure would say nothing.')
  const samples = `${SEARCHES} searches over HTTP in ${MESSAGES} messages of one account, ${hits} messages found and opened`
  return [
    figureOf({ id: `data.search-p95-${engine}`, value: quantile(times, 0.95), unit: 'ms', bound: { atMost: 50 }, samples, baseline: { median: median(times), slowest: quantile(times, 1) } }),
  ]
}

/** The figures of both engines; of the embedded one alone where there is no PostgreSQL. */
export async function searching(options: BenchOptions): Promise<readonly Figure[]> {
  const figures: Figure[] = []
  {
    await using server = await openTestServer()
    figures.push(...await measure({ engine: 'sqlite', server, settled: () => Promise.resolve() }, options))
  }
  const services = await startServices(process.env)
  try {
    if (!('url' in services.postgres)) {
      options.note(`no figures of PostgreSQL: ${services.postgres.reason}`)
      return figures
    }
    await using database = await createDatabaseAt(services.postgres.url)
    await using server = await openTestServer({ settings: { STORE_URL: database.url } })
    figures.push(...await measure({ engine: 'postgres', server, settled: database.analyse }, options))
    return figures
  } finally {
    await services.stop()
  }
}

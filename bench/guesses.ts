/** Guessing: how many passwords may be tried for one account in an hour, and what forged forwarding headers gain (scoreboard S9). */
import { openTestServer, PASSWORD, type TestServer } from '../packages/server/src/testing/server.ts'
import type { Bench, BenchOptions } from './lib/bench.ts'
import { figureOf, type Figure } from './lib/figure.ts'

const EMAIL = 'owner@example.org'
const MINUTE = 60_000
const HOUR = 60 * MINUTE
/** The clock of the server is moved: so many minutes of a guesser who does not tire. */
const MINUTES = 240
const SLOW_MINUTES = 61
/** From one address, each with other forged headers. */
const BURST = 200

let calls = 0
/** No address calls twice, so that the rate of an address is not what stops it. */
const freshAddress = () => { calls += 1; return `127.${10 + (calls >> 16)}.${calls >> 8 & 255}.${1 + calls % 250}` }

/** Every header in which proxies name whom they serve, with another client each time. */
const forged = (index: number): Readonly<Record<string, string>> => {
  const client = `198.${51 + (index >> 16)}.${index >> 8 & 255}.${index & 255}`
  return {
    'x-forwarded-for': client, forwarded: `for=${client}`, 'x-real-ip': client, 'cf-connecting-ip': client, 'true-client-ip': client, 'x-client-ip': client, 'x-forwarded': `for=${client}`,
    'x-cluster-client-ip': client, 'fastly-client-ip': client, 'x-originating-ip': client, 'x-remote-ip': client, via: `1.1 ${client}`,
  }
}

interface Guess { readonly email?: string; readonly from: string; readonly headers?: Readonly<Record<string, string>> }

/** Whether a wrong password was looked at. Throws for an answer that is neither a no nor a wait. */
async function isHeard(server: TestServer, { email = EMAIL, from, headers = {} }: Guess): Promise<boolean> {
  const { status, text } = await server.call('POST', '/api/v1/session', { from, headers, body: { email, password: 'a wrong password of usual length' } })
  if (status !== 401 && status !== 429) throw new Error(`A guess was answered ${status}: ${text}`)
  return status === 401
}

/** The cookie by which the owner's own browser is known: the worst case is a guesser who sits at it. */
async function deviceCookie(server: TestServer): Promise<string> {
  const reply = await server.call('POST', '/api/v1/session', { from: freshAddress(), headers: { origin: server.url }, body: { email: EMAIL, password: PASSWORD } })
  const cookie = /__Host-[\w-]+-device=[^;]+/.exec(String(reply.headers['set-cookie']))?.[0]
  if (cookie === undefined) throw new Error(`No device cookie: ${reply.status} ${reply.text}`)
  return cookie
}

const mostInAnHour = (moments: readonly number[]) => Math.max(0, ...moments.map((from) => moments.filter((at) => at >= from && at < from + HOUR).length))

/** Guesses for hours: from any address, and from the owner's own browser. */
async function guessForHours(server: TestServer, { negativeControl, note }: BenchOptions): Promise<Figure> {
  const cookie = await deviceCookie(server)
  const heard: number[] = []
  let tried = 0
  for (let minute = 0; minute < (negativeControl ? SLOW_MINUTES : MINUTES); minute += 1) {
    for (const headers of [forged(calls), { ...forged(calls + 1), cookie }]) {
      // The build that must be found out keeps its count where a restart takes it away.
      if (negativeControl) await server.sallyport.database.write([{ query: server.sallyport.database.read.deleteFrom('password_guard').compile() }])
      tried += 1
      if (await isHeard(server, { from: freshAddress(), headers })) heard.push(minute * MINUTE)
    }
    server.clock.advance(MINUTE)
    if (minute % 60 === 59) note(`${minute + 1} minutes: ${heard.length} of ${tried} heard`)
  }
  return figureOf({ id: 'S9.guesses', value: mostInAnHour(heard), unit: 'in any hour', bound: { atMost: 10 }, samples: `${tried} wrong passwords for one account, each from another address with forged headers, half of them in the owner's own browser; ${heard.length} were looked at` })
}

/** One address guesses at many accounts, with forged headers and without. */
async function gainOfForging(server: TestServer): Promise<Figure> {
  server.clock.advance(HOUR)
  const heard = { forged: 0, plain: 0 }
  for (let index = 0; index < BURST; index += 1) {
    if (await isHeard(server, { email: `forged${index}@example.org`, from: '127.7.0.1', headers: forged(index) })) heard.forged += 1
    if (await isHeard(server, { email: `plain${index}@example.org`, from: '127.7.0.2' })) heard.plain += 1
  }
  return figureOf({ id: 'S9.forged-headers', value: heard.forged / heard.plain, unit: '× without', bound: { atMost: 1 }, samples: `${BURST} guesses in one minute from one address with forged headers, and ${BURST} without`, baseline: { forged: heard.forged, plain: heard.plain } })
}

async function run(options: BenchOptions): Promise<readonly Figure[]> {
  // The build that must be found out believes whoever says that it is a proxy.
  await using server = await openTestServer({ settings: options.negativeControl ? { HTTP_PROXIES: '127.0.0.0/8' } : {} })
  await server.setUpOwner()
  server.clock.stop()
  return [await guessForHours(server, options), await gainOfForging(server)]
}

export const bench: Bench = { title: 'Guesses: how many passwords may be tried, and does it help to lie about the address?', run }

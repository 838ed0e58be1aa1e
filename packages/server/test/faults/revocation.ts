import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Account, NewKey, TokenReply } from '@sallyport/contract'
import pg from 'pg'
import * as z from 'zod'
import { beginHttp, callHttp, type SentHeaders } from '../../src/testing/http-client.ts'
import { startServices } from '../../src/testing/services.ts'
import { familyOf } from '../../src/testing/tokens.ts'
import { figureOf, type Fault, type FaultOptions, type Figure } from './lib/figure.ts'
import type { Patch } from './lib/patches.ts'
import { closing, makeScratch } from './lib/places.ts'
import { startVendor } from './lib/rig.ts'
import { startServer, type ServerProcess } from './lib/server.ts'
import { call, must } from './lib/wire.ts'

const PASSWORD = 'four unrelated words here'
/** After so long a revocation that has had no effect has none. */
const PATIENCE_MILLISECONDS = 3_000
const LOOK_MILLISECONDS = 4
const MOST_MILLISECONDS = 1_000
const WIDE = { 'limits.banPoints': '1000000000', 'load.loopDelayMilliseconds': '600000', 'limits.turnsPerMinute': '1000000', 'limits.concurrentTurns': '1000', 'limits.requestsPerMinute': '10000000', 'limits.rates': '{"turn-by-address":10000000,"turn-by-key":100000000,"conversation":100000,"conversation-by-key":1000000}', 'log.level': 'silent' }

/** Servers that do not hear what another process has revoked, or hear it and let open streams go on. They must be found out. */
export const deaf: readonly Patch[] = [{ file: 'domains/revocations/service.ts', from: 'if (seen.has(row.number)) continue', to: 'continue' }]
export const letsStreamsGoOn: readonly Patch[] = [{ file: 'edge/live-calls.ts', from: 'if (call.isRevoked || !isRevoked(call.caller, revoked)) continue', to: 'continue' }]

export const surfaces = ['REST', 'stream', 'gateway'] as const
type Surface = (typeof surfaces)[number]
type Place = 'same' | 'other'
/** Milliseconds from sending the revocation to its effect; infinite where there was none. */
export type Effects = Record<Place, Record<Surface, number[]>>

interface Pair { readonly here: ServerProcess; readonly there: ServerProcess; readonly memberEmail: string; readonly memberId: string }
/** A credential, and what ends it. */
interface Credential { readonly headers: SentHeaders; readonly end: () => Promise<unknown> }

let addresses = 0
/** No address calls twice, so that no rate of an address decides. */
const from = () => { addresses += 1; return `127.${20 + Math.floor(addresses / 62_500)}.${Math.floor(addresses / 250) % 250}.${1 + addresses % 250}` }

async function credentialOf({ here, memberEmail, memberId }: Pair, kind: 'key' | 'family' | 'account'): Promise<Credential> {
  if (kind === 'key') {
    const { key, value } = NewKey.parse(await must(here, 'POST /api/v1/keys', { name: 'revoked' }))
    return { headers: { 'x-api-key': value }, end: () => must(here, `DELETE /api/v1/keys/${key.id}`) }
  }
  const username = kind === 'family' ? 'owner@example.org' : memberEmail
  const reply = await callHttp({ port: here.port, method: 'POST', path: '/api/v1/auth/token', body: { grant_type: 'password', username, password: PASSWORD }, from: from() })
  const { access_token: token } = TokenReply.parse(reply.json)
  const end = kind === 'family' ? () => must(here, `DELETE /api/v1/sessions/${familyOf(token)}`) : () => must(here, `POST /api/v1/accounts/${memberId}/revoke`, { keys: false })
  return { headers: { authorization: `Bearer ${token}` }, end }
}

/** Begins a stream that ends by itself long after these runs, and waits until it flows. `ended` tells the moment of its end. */
async function follow(server: ServerProcess, surface: Exclude<Surface, 'REST'>, headers: SentHeaders): Promise<{ readonly ended: Promise<number> }> {
  const { response } = surface === 'stream'
    ? beginHttp({ port: server.port, method: 'POST', path: '/api/v1/chat', body: { text: 'Go on.', model: 'slow/model-a' }, headers: { ...headers, accept: 'text/event-stream' }, from: from() })
    : beginHttp({ port: server.port, method: 'POST', path: '/v1/chat/completions', body: { model: 'slow/model-a', stream: true, messages: [{ role: 'user', content: 'Go on.' }] }, headers, from: from() })
  const answer = await response
  if (answer.statusCode !== 200) throw new Error(`The ${surface} was answered ${String(answer.statusCode)}.`)
  const ended = new Promise<number>((resolve) => {
    const patience = setTimeout(() => { resolve(Infinity); answer.destroy() }, PATIENCE_MILLISECONDS + 10_000)
    answer.once('close', () => { clearTimeout(patience); resolve(performance.now()) })
  })
  answer.on('error', () => undefined)
  await new Promise<void>((resolve) => { answer.once('data', () => { resolve() }) })
  return { ended }
}

const statusOf = async (server: ServerProcess, headers: SentHeaders) => (await callHttp({ port: server.port, path: '/api/v1/session', headers, from: from() })).status

/** Asks until the credential is refused. */
async function untilRefused(server: ServerProcess, headers: SentHeaders, since: number): Promise<number> {
  while (performance.now() - since < PATIENCE_MILLISECONDS) {
    if (await statusOf(server, headers) === 401) {
      const at = performance.now()
      for (let again = 0; again < 3; again += 1) if (await statusOf(server, headers) !== 401) return Infinity
      return at
    }
    await sleep(LOOK_MILLISECONDS)
  }
  return Infinity
}

/** One credential that is in use everywhere, and ends. */
async function revokeOnce(pair: Pair, kind: 'key' | 'family' | 'account', effects: Effects): Promise<void> {
  const { headers, end } = await credentialOf(pair, kind)
  const places = [['same', pair.here], ['other', pair.there]] as const
  const streams = await Promise.all(places.flatMap(([place, server]) => (['stream', 'gateway'] as const).map(async (surface) => {
    return { place, surface, ...await follow(server, surface, headers) }
  })))
  // Both processes remember it now. Asking so often meets the rate of the account, behind which the credential was accepted.
  for (const [place, server] of places) {
    const status = await statusOf(server, headers)
    if (status !== 200 && status !== 429) throw new Error(`A ${kind} was answered ${status} in the ${place} process.`)
  }
  const began = performance.now()
  const ending = end()
  const limit = <Value>(value: Promise<Value>) => Promise.race([value, sleep(PATIENCE_MILLISECONDS, Infinity, { ref: false })])
  await Promise.all([
    ...places.map(async ([place, server]) => { effects[place].REST.push(await untilRefused(server, headers, began) - began) }),
    ...streams.map(async ({ place, surface, ended }) => { effects[place][surface].push(await limit(ended) - began) }),
  ])
  await ending
}

const Linked = z.object({ link: z.string() })

async function startPair(url: string, directories: readonly [string, string], patches: readonly Patch[]): Promise<Pair> {
  const flags = { ...WIDE, 'store.url': url, 'vault.file': join(directories[0], 'shared.key') }
  const here = await startServer({ directory: directories[0], flags, patches })
  await must(here, 'POST /api/v1/setup', { token: here.setupToken, email: 'owner@example.org', name: 'Owner', password: PASSWORD })
  const { link } = Linked.parse(await must(here, 'POST /api/v1/invitations', { role: 'member' }))
  const memberEmail = 'member@example.org'
  const accepted = await call(here, 'POST /api/v1/invitations/accept', { body: { token: link.slice(link.indexOf('#') + 1), email: memberEmail, name: 'Member', password: PASSWORD } })
  const { id: memberId } = Account.parse(accepted.body)
  return { here, there: await startServer({ directory: directories[1], flags, patches }), memberEmail, memberId }
}

async function withDatabase<Result>(use: (url: string) => Promise<Result>): Promise<Result> {
  const services = await startServices(process.env)
  if (!('url' in services.postgres)) throw new Error(services.postgres.reason)
  const { url } = services.postgres
  const name = `sallyport_faults_${randomBytes(6).toString('hex')}`
  const administer = async (statement: string) => {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    try { await client.query(statement) } finally { await client.end() }
  }
  await administer(`create database ${name}`)
  try {
    const own = new URL(url)
    own.pathname = `/${name}`
    return await use(own.href)
  } finally {
    await administer(`drop database if exists ${name} with (force)`)
    await services.stop()
  }
}

/** Two processes over one store: a credential that is in use at both is ended at the first, and every surface of both is watched. */
export async function runRevocations({ rounds, note, patches = [] }: Pick<FaultOptions, 'rounds' | 'note'> & { readonly patches?: readonly Patch[] }): Promise<Effects> {
  const effects: Effects = { same: { REST: [], stream: [], gateway: [] }, other: { REST: [], stream: [], gateway: [] } }
  return withDatabase(async (url) => {
    using first = makeScratch()
    using second = makeScratch()
    await using vendor = closing(await startVendor({ script: () => ({ text: Array.from({ length: 5_000 }, (_, index) => `word ${index} `) }), paceMilliseconds: 20 }))
    const pair = await startPair(url, [first.directory, second.directory], patches)
    try {
      for (const server of [pair.here, pair.there]) {
        await must(server, 'PUT /api/v1/providers/slow', { adapter: 'openai-compatible', baseUrl: vendor.baseUrl, credential: 'sk-faults-credential', allowPrivateAddress: true, models: ['model-a'] })
      }
      for (let round = 0; round < rounds; round += 1) {
        await revokeOnce(pair, (['key', 'family', 'account'] as const)[round % 3] ?? 'key', effects)
        if (round % 50 === 49) note(`${round + 1} of ${rounds}`)
      }
      return effects
    } finally {
      await Promise.all([pair.here.kill(), pair.there.kill()])
    }
  })
}

const quantile = (values: readonly number[], share: number) => values.toSorted((one, other) => one - other)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN

async function run(options: FaultOptions): Promise<readonly Figure[]> {
  const effects = await runRevocations(options)
  return (['same', 'other'] as const).flatMap((place) => surfaces.map((surface) => {
    const values = effects[place][surface]
    return figureOf({
      id: `S14.${surface}.${place}-process`, value: Math.max(...values), unit: 'ms', bound: { atMost: MOST_MILLISECONDS },
      samples: `longest of ${values.length}; median ${Math.round(quantile(values, 0.5))}, 95 % within ${Math.round(quantile(values, 0.95))}; keys, tokens and accounts in turn`,
    })
  }))
}

export const revocation: Fault = {
  title: 'Revocation: a key, a sign-in or an account is ended in one of two processes over one PostgreSQL, while REST, streams and the gateway are in use at both',
  rounds: 200,
  hindrance: () => null,
  run,
}

import * as z from 'zod'
import { callHttp, type HttpReply } from '../../src/testing/http-client.ts'
import { figureOf, type Fault, type FaultOptions, type Figure } from './lib/figure.ts'
import type { Patch } from './lib/patches.ts'
import { makeScratch } from './lib/places.ts'
import { startServer, type ServerProcess } from './lib/server.ts'
import { call, must } from './lib/wire.ts'
import { looksAtBudget, raceForBudget } from './race-for-budget.ts'
import { looksAtCodes, raceForCodes } from './race-for-code.ts'

const RACERS = 200
/** A hash that costs nearly nothing: the rivals reach the store together, not one by one as their hashes are done. */
const cheapHashes: readonly Patch[] = [{ file: 'domains/accounts/password.ts', from: 'memory: 19_456, passes: 2,', to: 'memory: 8, passes: 1,' }]

/** A store that lets a moment pass before each write: whoever looks meanwhile sees what was there before. Chance decides nothing any more. */
export const waitsBeforeItWrites: Patch = {
  file: 'database/sqlite/open.ts', from: 'unsent.push({ steps: steps.map(toStep), resolve, reject })',
  to: 'setTimeout(() => { unsent.push({ steps: steps.map(toStep), resolve, reject }); setImmediate(send) }, 20)',
}

/** Servers in which a token is looked at but not taken. They must be found out. */
export const looksButDoesNotTake: Readonly<Record<RaceName, readonly Patch[]>> = {
  'set-up': [{ file: 'domains/accounts/store.ts', from: `.where('digest', '=', digest).compile(), expectRows: 1 }),`, to: `.where('digest', '=', digest).compile() }),` }],
  invitation: [{ file: 'domains/accounts/token-store.ts', from: `.where('expires_at', '>', now).compile(),\n    expectRows: 1,`, to: `.where('expires_at', '>', now).compile(),` }],
  reset: [
    { file: 'domains/accounts/token-store.ts', from: `deleteFrom('password_reset').where('digest', '=', digest).where('expires_at', '>', now).compile(), expectRows: 1 }`, to: `deleteFrom('password_reset').where('digest', '=', digest).where('expires_at', '>', now).compile() }` },
    { file: 'domains/accounts/passwords.ts', from: `{ status: 'active', password_sealed: row.password_sealed }`, to: `{ status: 'active' }` },
  ],
  budget: looksAtBudget,
  ...looksAtCodes,
}

export const raceNames = ['set-up', 'invitation', 'budget', 'reset', 'code', 'recovery-code'] as const
/** High enough that only the race itself decides. */
const WIDE = { 'limits.banPoints': '1000000000', 'load.loopDelayMilliseconds': '600000', 'limits.requestsPerMinute': '10000000', 'limits.turnsPerMinute': '1000000', 'limits.concurrentTurns': '1000', 'limits.rates': '{"turn-by-key":1000000}' }
type RaceName = (typeof raceNames)[number]
const Linked = z.object({ link: z.string() })
const Accounts = z.object({ items: z.array(z.object({ id: z.string(), email: z.string(), role: z.string() })) })

/** What went wrong, by race: a round that had not exactly one winner, or left something that no winner made. */
export interface Races { rounds: number; readonly wrong: Record<RaceName, string[]> }
interface Round { readonly server: ServerProcess; readonly racers: number; readonly round: number; readonly races: Races }

/** Without figures, which the estimator of strength takes long over. */
const passwordOf = (index: number) => `four unrelated words ${[...String(index)].map((figure) => 'bcdfghjklm'[Number(figure)]).join('')} here`

/** All at once, each from an address of its own, so that no rate decides. */
async function race(server: ServerProcess, path: string, bodies: readonly unknown[]): Promise<readonly HttpReply[]> {
  return Promise.all(bodies.map((body, index) => callHttp({ port: server.port, method: 'POST', path, body, from: `127.${1 + Math.floor(index / 200)}.0.${1 + index % 200}` })))
}

/** Judges the replies; gives the winner's place. */
function judge(replies: readonly HttpReply[], { refused, wrong, round }: { readonly refused: number; readonly wrong: string[]; readonly round: number }): number | null {
  const winners = replies.flatMap(({ status }, index) => (status < 300 ? [index] : []))
  const others = [...new Set(replies.filter(({ status }) => status >= 300 && status !== refused).map(({ status, text }) => `${status} ${text.slice(0, 80)}`))]
  if (winners.length !== 1) wrong.push(`round ${round}: ${winners.length} won`)
  if (others.length > 0) wrong.push(`round ${round}: ${others.join('; ')}`)
  return winners[0] ?? null
}

async function raceForSetUp({ server, racers, round, races: { wrong } }: Round): Promise<string | null> {
  const token = server.setupToken
  const bodies = Array.from({ length: racers }, (_, index) => ({ token, email: `owner${index}@example.org`, name: `Owner ${index}`, password: passwordOf(index) }))
  const winner = judge(await race(server, '/api/v1/setup', bodies), { refused: 403, wrong: wrong['set-up'], round })
  // Over the socket there is nobody while there is no owner.
  const listed = await call(server, 'GET /api/v1/accounts')
  const items = listed.status === 200 ? Accounts.parse(listed.body).items : []
  if (items.length !== 1 || items[0]?.role !== 'owner' || items[0].email !== `owner${String(winner)}@example.org`) wrong['set-up'].push(`round ${round}: ${items.length} accounts`)
  return items[0]?.id ?? null
}

async function raceForInvitation({ server, racers, round, races: { wrong } }: Round): Promise<void> {
  const before = Accounts.parse(await must(server, 'GET /api/v1/accounts?limit=100')).items.length
  const { link } = Linked.parse(await must(server, 'POST /api/v1/invitations', { role: 'member' }))
  const token = link.slice(link.indexOf('#') + 1)
  judge(await race(server, '/api/v1/invitations/accept', Array.from({ length: racers }, (_, index) => ({ token, email: `member${index}@example.org`, name: `Member ${index}`, password: passwordOf(index) }))), { refused: 410, wrong: wrong.invitation, round })
  const { items } = Accounts.parse(await must(server, 'GET /api/v1/accounts?limit=100'))
  if (items.length !== before + 1) wrong.invitation.push(`round ${round}: ${items.length - before} came in`)
}

/** Gives the address and the password with which the account now signs in; null where nobody can tell which that is. */
async function raceForReset({ server, racers, round, races: { wrong } }: Round, accountId: string): Promise<{ readonly email: string; readonly password: string } | null> {
  const { link } = Linked.parse(await must(server, `POST /api/v1/accounts/${accountId}/reset-link`))
  const token = link.slice(link.indexOf('#') + 1)
  const winner = judge(await race(server, '/api/v1/password-resets/complete', Array.from({ length: racers }, (_, index) => ({ token, password: passwordOf(1_000 + index) }))), { refused: 410, wrong: wrong.reset, round })
  const email = Accounts.parse(await must(server, 'GET /api/v1/accounts?limit=100')).items.find(({ id }) => id === accountId)?.email
  const signIn = (index: number) => callHttp({ port: server.port, method: 'POST', path: '/api/v1/session', body: { email, password: passwordOf(1_000 + index) }, from: '127.9.0.1' })
  if (winner !== null && (await signIn(winner)).status !== 200) wrong.reset.push(`round ${round}: the winner's password does not open`)
  if ((await signIn(((winner ?? 0) + 1) % racers)).status === 200) wrong.reset.push(`round ${round}: a loser's password opens`)
  return winner === null || email === undefined || wrong['set-up'].length + wrong.reset.length > 0 ? null : { email, password: passwordOf(1_000 + winner) }
}

export interface RaceOptions extends Pick<FaultOptions, 'rounds' | 'note'> { readonly racers?: number; readonly patches?: readonly Patch[] }

/** Runs every race `rounds` times, each round on a server of its own. */
export async function runRaces({ rounds, note, racers = RACERS, patches = [] }: RaceOptions): Promise<Races> {
  const races: Races = { rounds: 0, wrong: { 'set-up': [], invitation: [], budget: [], reset: [], code: [], 'recovery-code': [] } }
  for (let round = 0; round < rounds; round += 1) {
    using scratch = makeScratch()
    const server = await startServer({ directory: scratch.directory, flags: WIDE, patches: [...cheapHashes, ...patches] })
    try {
      const at = { server, racers, round, races }
      const ownerId = await raceForSetUp(at)
      if (ownerId === null) continue
      await raceForInvitation(at)
      races.wrong.budget.push(...(await raceForBudget(at)).map((why) => `round ${round}: ${why}`))
      const owner = await raceForReset(at, ownerId)
      if (owner !== null) {
        const codes = await raceForCodes({ server, racers, owner })
        for (const name of ['code', 'recovery-code'] as const) races.wrong[name].push(...codes[name].map((why) => `round ${round}: ${why}`))
      }
    } finally {
      await server.kill()
    }
    races.rounds += 1
    if (round % 10 === 9) note(`${round + 1} rounds`)
  }
  return races
}

/** Scoreboard S10. */
export const races: Fault = {
  title: 'Races for what may happen once: of two hundred at the same moment exactly one, and ten where a budget has room for ten',
  rounds: 100,
  hindrance: () => null,
  async run({ rounds, note }): Promise<readonly Figure[]> {
    const found = await runRaces({ rounds, note })
    for (const line of Object.values(found.wrong).flat().slice(0, 20)) note(line)
    return raceNames.map((name) =>
      figureOf({ id: `races.${name}`, value: found.wrong[name].length, unit: 'wrong', bound: { equals: 0 }, samples: `${found.rounds} rounds of ${RACERS} at once` }))
  },
}

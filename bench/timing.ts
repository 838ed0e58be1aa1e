/** Timing: whether the time of an answer tells who has an account (scoreboard S8). */
import { randomInt } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hashesNobody, setPasswords } from './lib/timing-accounts.ts'
import { openTestServer, type TestServer } from '../packages/server/src/testing/server.ts'
import type { Bench, BenchOptions } from './lib/bench.ts'
import { figureOf, median, type Figure } from './lib/figure.ts'
import { croppedWelch } from './lib/welch.ts'

/** Whom a request is about. */
type Group = 'known' | 'unknown' | 'suspended' | 'passwordless'

const SAMPLES = 10_000
/** Accounts of each group: the rarer ones are asked less, for each answer costs a password hash. */
const accountsOf: Readonly<Record<Group, number>> = { known: 200, unknown: 200, suspended: 50, passwordless: 50 }
const ACCOUNTS = accountsOf.known
const BOUND = 4.5
/** Between two rounds over all accounts, so that no account is locked and no address over its rate. */
const HOUR = 3_600_000

interface Asked { readonly group: Group; readonly email: string }
interface Door { readonly id: string; readonly path: string; readonly groups: readonly Group[]; readonly status: number; readonly bodyOf: (email: string) => unknown }

const doors: readonly Door[] = [
  { id: 'sign-in', path: '/api/v1/session', groups: ['known', 'unknown', 'suspended', 'passwordless'], status: 401, bodyOf: (email) => ({ email, password: 'a wrong password of usual length' }) },
  { id: 'reset', path: '/api/v1/password-resets', groups: ['known', 'unknown', 'suspended', 'passwordless'], status: 200, bodyOf: (email) => ({ email }) },
  { id: 'sign-up', path: '/api/v1/sign-up', groups: ['known', 'unknown'], status: 200, bodyOf: (email) => ({ email }) },
]

/** Addresses of one length and form, so that nothing but their being known differs. */
const emailOf = (group: Group, index: number) => `${({ known: 'kn', unknown: 'un', suspended: 'su', passwordless: 'pa' })[group]}${String(index).padStart(6, '0')}@example.org`

async function makeAccounts(server: TestServer): Promise<void> {
  for (const group of ['known', 'suspended', 'passwordless'] as const) {
    for (let index = 0; index < accountsOf[group]; index += 1) await server.addAccount(emailOf(group, index).split('@')[0] ?? '')
  }
  await setPasswords(server)
}

function shuffle<Item>(items: Item[]): Item[] {
  for (let index = items.length - 1; index > 0; index -= 1) {
    const other = randomInt(index + 1)
    const [one, two] = [items[index], items[other]]
    if (one !== undefined && two !== undefined) { items[index] = two; items[other] = one }
  }
  return items
}

/** A new client address for each request, as the listed proxy names it. */
let client = 0
const nextClient = () => { client += 1; return `10.${client >> 16 & 255}.${client >> 8 & 255}.${client & 255}` }

async function ask(server: TestServer, door: Door, email: string): Promise<number> {
  const headers = { 'x-forwarded-for': nextClient() }
  const body = door.bodyOf(email)
  const from = process.hrtime.bigint()
  const reply = await server.call('POST', door.path, { body, headers })
  const taken = Number(process.hrtime.bigint() - from) / 1_000
  if (reply.status !== door.status) throw new Error(`${door.id} answered ${reply.status} instead of ${door.status}: ${reply.text}`)
  return taken
}

async function measure(server: TestServer, door: Door, { samples, note }: { readonly samples: number; readonly note: (line: string) => void }): Promise<readonly Figure[]> {
  const taken = new Map<Group, number[]>(door.groups.map((group) => [group, []]))
  while ((taken.get('known')?.length ?? 0) < samples) {
    server.clock.advance(HOUR)
    const asked: Asked[] = shuffle(door.groups.flatMap((group) => Array.from({ length: accountsOf[group] }, (_, index) => ({ group, email: emailOf(group, index) }))))
    for (const { group, email } of asked) {
      taken.get(group)?.push(await ask(server, door, email))
    }
    // What follows answers, such as mails, goes on beside the next ones, whoever they are about; no more of it may wait than one round brings.
    await server.sallyport.domains.accounts.settled()
    note(`${door.id}: ${taken.get('known')?.length ?? 0} of ${samples} of each`)
  }
  const unknown = taken.get('unknown') ?? []
  return door.groups.filter((group) => group !== 'unknown').map((group) => {
    const others = taken.get(group) ?? []
    return figureOf({
      id: `timing.${door.id}.${group}`, value: Math.abs(croppedWelch(others, unknown)), unit: '|t|', bound: { below: BOUND },
      samples: `${others.length} and ${unknown.length} of nobody, interleaved, ${accountsOf[group]} accounts, slowest tenth left out`, baseline: { 'median µs': median(others), 'unknown µs': median(unknown) },
    })
  })
}

async function run({ negativeControl, note, samples = null }: BenchOptions): Promise<readonly Figure[]> {
  const mails = mkdtempSync(join(tmpdir(), 'sallyport-mails-'))
  try {
    await using server = await openTestServer({ settings: { HTTP_PROXIES: '127.0.0.0/8', MAIL_KIND: 'folder', MAIL_DIRECTORY: mails, MAIL_FROM: 'chat@example.org', IDENTITY_SIGN_UP_DOMAINS: 'example.org' } })
    await server.setUpOwner()
    note('accounts')
    await makeAccounts(server)
    if (negativeControl) hashesNobody(server)
    const figures: Figure[] = []
    // The slowed build gives itself away at sign-in, and soon.
    for (const door of negativeControl ? doors.slice(0, 1) : doors) figures.push(...await measure(server, door, { samples: samples ?? (negativeControl ? ACCOUNTS * 2 : SAMPLES), note }))
    return negativeControl ? figures.filter(({ id }) => id === 'timing.sign-in.known') : figures
  } finally {
    rmSync(mails, { recursive: true, force: true })
  }
}

export const bench: Bench = { title: 'Timing: does an answer\'s time tell who has an account?', run }

import type { Account, PasskeyAssertion, Role, SecondFactorProof } from '@sallyport/contract'
import type { Dialect } from '../database/database.ts'
import { createFactors, createFactorStore, type Factors } from '../domains/factors/index.ts'
import { totpCode, stepAt } from '../domains/factors/totp.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Caller } from '../kernel/handler.ts'
import { ProblemError } from '../kernel/problem.ts'
import { rolePermissions } from '../policy/roles.ts'
import { createAuthenticator, type Authenticator, type SoftPasskey } from './authenticator.ts'
import { callerLike } from './caller.ts'
import { openTestStore, type TestStore } from './server-database.ts'

export const HOST = 'localhost:8080'
/** A moment in the middle of a time step. */
const START = 1_800_000_015_000

export interface TestFactors extends AsyncDisposable {
  readonly store: TestStore
  readonly factors: Factors
  /** Stands still but for `advance`. */
  readonly clock: Clock & { advance(milliseconds: number): void }
  /** Who was told that something changed. */
  readonly told: string[]
  readonly authenticator: Authenticator
  /** The same over the same store, as another process or the next start has it. */
  another(): Factors
  addAccount(id: string, role?: Role): Promise<Caller>
  /** Sets up an authenticator app; gives its seed and the recovery codes. Its clock then moves to the next step. */
  enrolApp(caller: Caller): Promise<{ readonly seed: Buffer; readonly factorId: string; readonly recoveryCodes: readonly string[] }>
  enrolPasskey(caller: Caller): Promise<{ readonly passkey: SoftPasskey; readonly factorId: string }>
  /** The code that an app shows now. */
  code(seed: Uint8Array, stepsAhead?: number): string
  /** A challenge of a sign-in whose password was right. */
  challenge(accountId: string, purpose?: 'sign-in' | 'token'): Promise<string>
  complete(challenge: string, proof: SecondFactorProof, factors?: Factors): Promise<string>
  assertion(passkey: SoftPasskey, challenge?: string): Promise<PasskeyAssertion>
}

/** `ok`, or the code of the problem that it threw. */
export const outcomeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(() => 'ok', (error: unknown) => { if (error instanceof ProblemError) return error.code; throw error })

const nobody: Caller = { ...callerLike('acc_0', 'guest'), scope: null, role: null, permissions: new Set(), credential: { kind: 'none', id: '' } }

/** Second factors over a store of one engine. */
export async function openTestFactors(dialect: Dialect, requiredFor: readonly Role[] = []): Promise<TestFactors> {
  const store = await openTestStore(dialect)
  let now = START
  const clock = { now: () => now, monotonic: () => now, advance: (milliseconds: number) => { now += milliseconds } }
  const accounts = new Map<string, Account>()
  const told: string[] = []
  const another = () => createFactors({
    database: store.database, store: createFactorStore(store.database), keyRing: store.keyRing, clock, requiredFor: new Set(requiredFor),
    account: (id) => { const account = accounts.get(id); return account === undefined ? Promise.reject(new ProblemError('not-found')) : Promise.resolve(account) },
    belongings: {
      endCredentials: (accountId) => [{ query: store.database.read.deleteFrom('session').where('account_id', '=', accountId).compile() }],
      standingChanged: (accountId) => ({ query: store.database.read.deleteFrom('session').where('account_id', '=', accountId).compile() }),
      announce: () => undefined,
    },
    notify: ({ id }) => { told.push(id) },
  })
  const factors = another()
  const authenticator = createAuthenticator(`http://${HOST}`)
  const test: TestFactors = {
    store, factors, clock, told, authenticator, another,
    async addAccount(id, role = 'member') {
      await store.addAccount(id)
      accounts.set(id, { id, email: `${id}@example.org`, name: 'Somebody', role, status: 'active', createdAt: '2026-01-01T00:00:00.000Z' })
      return { ...callerLike(id, role), permissions: rolePermissions[role] }
    },
    async enrolApp(caller) {
      const { uri, factorId } = await factors.beginTotp(caller, { name: 'App' })
      const seed = fromBase32(new URL(uri).searchParams.get('secret') ?? '')
      const { recoveryCodes } = await factors.confirmTotp(caller, { factorId, code: test.code(seed) })
      clock.advance(30_000)
      return { seed, factorId, recoveryCodes: recoveryCodes ?? [] }
    },
    async enrolPasskey(caller) {
      const { passkey, attestation } = authenticator.make(await factors.beginPasskey(caller, HOST))
      const { factor } = await factors.addPasskey(caller, { name: 'Key', attestation, host: HOST })
      return { passkey, factorId: factor.id }
    },
    code: (seed, stepsAhead = 0) => totpCode(seed, stepAt(now) + stepsAhead),
    async challenge(accountId, purpose = 'sign-in') {
      const error: unknown = await factors.demand(accountId, purpose).then(() => null, (thrown: unknown) => thrown)
      if (!(error instanceof ProblemError) || error.code !== 'second-factor-needed') throw error
      const { challenge } = error.members
      if (typeof challenge !== 'string') throw error
      return challenge
    },
    complete: (challenge, proof, by = factors) => outcomeOf(by.complete(nobody, { challenge, proof, purpose: 'sign-in', host: HOST })),
    assertion: async (passkey, challenge) => authenticator.use(passkey, await factors.passkeyOptions(nobody, { challenge, host: HOST })),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
  return test
}

/** Reads base 32 by hand, so that what writes it is judged by something else. */
export function fromBase32(text: string): Buffer {
  const bits = [...text].map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')).join('')
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
}

import type { Config } from '../config/load.ts'
import type { Database, WriteStep } from '../database/database.ts'
import type { Accounts } from '../domains/accounts/index.ts'
import type { Factors } from '../domains/factors/index.ts'
import type { Keys } from '../domains/keys/index.ts'
import type { Penalties } from '../domains/penalties/index.ts'
import type { Endings, SharedRevocations } from '../domains/revocations/index.ts'
import type { KeyRing } from '../domains/secrets/index.ts'
import { createOwnSignIns, createSessions, createSessionStore, type FurtherSignIns, type Sessions } from '../domains/sessions/index.ts'
import { createAccessTokens, createFamilies, createFamilyStore, createOwnFamilyStore, createSigningKeys, createTokens } from '../domains/tokens/index.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Caller } from '../kernel/handler.ts'
import { keyedHash, type Sealer } from '../kernel/seal.ts'
import { accessTokenLife } from '../policy/limits.ts'
import { ofKey } from '../policy/penalties.ts'
import { tooMany } from '../policy/rate-rules.ts'
import type { Rates } from './rates.ts'

const ISSUER_CHARACTERS = 32
const ROTATION_LOOK_MILLISECONDS = 3_600_000

interface SignInParts { readonly config: Config; readonly database: Database; readonly keyRing: KeyRing; readonly clock: Clock; readonly revocations: SharedRevocations }

/** Who is signed in: browsers with sessions, programs with families of tokens. */
export function composeSignIns({ config, database, keyRing, clock, revocations }: SignInParts) {
  const shared = { database, clock, keyRing, revocations }
  const sessions = createSessions({ ...shared, store: createSessionStore(database), life: config.sessions })
  const familyStore = createFamilyStore(database)
  const families = createFamilies({ ...shared, store: familyStore, life: { idleDays: config.tokens.refreshIdleDays, days: config.tokens.refreshDays } })
  const ownFamilies = createOwnFamilyStore(database)
  const programs: FurtherSignIns = {
    table: 'token_family', list: (scope) => ownFamilies(scope).list(), remove: (scope, id) => ownFamilies(scope).remove(id),
    endSteps: (accountId, keepId) => [familyStore.removeOf(accountId, keepId)],
  }
  return {
    sessions, families,
    own: createOwnSignIns({ ...shared, programs }),
    endSignIns: ((accountId, keepId) => [...sessions.endSteps(accountId, keepId), ...programs.endSteps(accountId, keepId)]) satisfies Sessions['endSteps'],
    endAllSignIns: () => [...sessions.endAllSteps(), familyStore.removeAll()],
  }
}
export type SignIns = ReturnType<typeof composeSignIns>

interface TokenParts {
  readonly config: Config
  readonly database: Database
  readonly clock: Clock
  readonly serverSealer: Sealer
  readonly revocations: SharedRevocations
  readonly signIns: SignIns
  readonly accounts: Accounts
  readonly factors: Factors
  readonly keys: Keys
  readonly rates: Rates
  readonly penalties: Pick<Penalties, 'require'>
}

/** Tokens for programs, and the keys that sign them. */
export async function composeTokens({ config, database, clock, serverSealer, revocations, signIns, accounts, factors, keys, rates, penalties }: TokenParts) {
  // The same for every process over one store and vault, and for no other: it follows from the server's own key.
  const issuer = `urn:sallyport:${keyedHash(serverSealer.derive('token issuer'), 'issuer').toString('hex').slice(0, ISSUER_CHARACTERS)}`
  const signingKeys = createSigningKeys({ database, clock, serverSealer, revocations, rotationDays: config.tokens.signingKeyDays })
  const accessTokens = createAccessTokens({ clock, signingKeys, revocations, issuer, audience: `${issuer}:api`, lifeSeconds: accessTokenLife.seconds })
  await signingKeys.rotateIfDue()
  // Refreshing is cheap and often; trying passwords here costs an address as much as trying them on the page.
  const takeTry = async ({ address, credential }: Caller) => {
    const { refused } = await rates.limiter.take(credential.kind === 'local' ? [] : [rates.rules.ofAddress('sign-in', address)])
    if (refused !== null) throw tooMany(refused)
  }
  const tokens = createTokens({
    clock, accessTokens, families: signIns.families, findKey: keys.find, findKeyById: keys.findById, requireUnbanned: ({ id, standing }) => { penalties.require(ofKey(id, standing.accountId)) },
    hasSecondFactor: async (accountId) => (await accounts.standingOf(accountId)).hasSecondFactor,
    provers: {
      password: async (caller, given) => {
        await takeTry(caller)
        return accounts.checkPassword(caller, given)
      },
      demandSecondFactor: (accountId) => factors.demand(accountId, 'token'), secondFactor: factors.prove,
      completeSecondFactor: (caller, attempt) => factors.complete(caller, { ...attempt, purpose: 'token' }),
    },
    entering: async (caller, accountId) => (await accounts.entering(caller, accountId)).steps,
  })
  return { tokens, signingKeys }
}

/** Looks every hour whether the signing key is due. Gives the function that ends the schedule. */
export function scheduleSigningKeys(signingKeys: { rotateIfDue(): Promise<void> }, onFailure: (error: unknown) => void): () => void {
  const timer = setInterval(() => { signingKeys.rotateIfDue().catch(onFailure) }, ROTATION_LOOK_MILLISECONDS)
  timer.unref()
  return () => { clearInterval(timer) }
}

interface EndingParts {
  readonly endSignIns: SignIns['endSignIns']
  readonly endAllSignIns: SignIns['endAllSignIns']
  /** What an account has handed out, or all have (null). */
  readonly endInvitations: (accountId: string | null) => WriteStep
  /** What a reader has opened of others' conversations, or all have (null). */
  readonly endOpenings: (readerId: string | null) => WriteStep
  readonly keys: Pick<Keys, 'revokeAllSteps'>
}

/** What an administrator's revocation ends. */
export const composeEndings = ({ endSignIns, endAllSignIns, endInvitations, endOpenings, keys }: EndingParts): Endings => ({
  signInsOf: (accountId) => [...endSignIns(accountId, null), endInvitations(accountId), endOpenings(accountId)],
  keysOf: (accountId) => keys.revokeAllSteps(accountId),
  allSignIns: () => [...endAllSignIns(), endInvitations(null), endOpenings(null)],
  allKeys: (keepIds) => keys.revokeAllSteps(null, keepIds),
})

import { timingSafeEqual } from 'node:crypto'
import { WriteConflict, type WriteStep } from '../../database/database.ts'
import { tokenDigest } from '../../kernel/digest.ts'
import type { Caller } from '../../kernel/handler.ts'
import { newId } from '../../kernel/ids.ts'
import { describeError } from '../../kernel/log.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { openScope } from '../../kernel/scope.ts'
import { signInLife } from '../../policy/federation.ts'
import { factorChallenge } from '../../policy/limits.ts'
import { IdentityProviderFailure, type Assertion } from '../../ports/identity-provider.ts'
import { auditStep, securityEventStep } from '../audit/index.ts'
import { admit } from './admit.ts'
import { refuse, shownAs, sidLookup, subjectLookup, type BegunSession, type Continuation, type FederationContext } from './context.ts'
import type { ActiveProvider } from './providers.ts'
import { callbackPath } from './settings.ts'
import { toAttempt, type Purpose, type Transaction } from './transaction.ts'

/** Where the browser goes next, with the cookie that binds the sign-in to it. */
export interface Started { readonly url: string; readonly cookie: string }
/** Where the browser goes after its return. */
export interface Finished { readonly to: string; readonly session: BegunSession | null }
interface StartRequest { readonly providerName: string; readonly host: string; readonly returnTo: string; readonly fresh: boolean; readonly purpose: Purpose }
interface FinishRequest { readonly providerName: string; readonly answer: URLSearchParams; readonly cookie: string | null }
interface Come { readonly caller: Caller; readonly active: ActiveProvider; readonly assertion: Assertion; readonly transaction: Transaction }

/** Two who sign in for the first time with one identity, at once: the second finds what the first made. */
const TRIES = 3

/** Signing in at a provider and coming back (IDN-9). */
export function createFederatedSignIn(context: FederationContext) {
  const { database, providers, transactions, clock, log } = context
  const mustFind = async (name: string) => {
    const active = await providers.find(name).catch(failed(name))
    if (active === null) throw new ProblemError('not-found')
    return active
  }
  const failed = (provider: string) => (error: unknown): never => {
    if (!(error instanceof IdentityProviderFailure)) throw error
    log.warn({ provider, kind: error.kind, ...describeError(error) }, 'identity-provider-failed')
    throw new ProblemError('identity-provider-error', { cause: error })
  }
  /** The sign-in that this answer belongs to, used up by it. */
  const take = async (caller: Caller, active: ActiveProvider, { answer, cookie, providerName }: FinishRequest): Promise<Transaction> => {
    const refused = (reason: string) => refuse(context, caller, { provider: providerName, reason })
    const now = clock.now()
    const transaction = cookie === null ? null : transactions.open(active.settings.id, cookie, now)
    if (transaction === null) return refused('no-sign-in-of-this-browser')
    const state = answer.get('state')
    if (state === null || !timingSafeEqual(tokenDigest(state), tokenDigest(transaction.state))) return refused('foreign-state')
    try {
      await database.write(context.identities.useOnce(tokenDigest(`state ${transaction.state}`), transaction.startedAt + signInLife.seconds * 1_000, now))
    } catch (error) {
      if (error instanceof WriteConflict) return refused('used-before')
      throw error
    }
    return transaction
  }

  return {
    /** Throws `not-found`, and `identity-provider-error` where the provider cannot be asked. */
    async start({ providerName, host, returnTo, fresh, purpose }: StartRequest): Promise<Started> {
      const { settings, provider } = await mustFind(providerName)
      const transaction = transactions.begin({ redirectUri: context.originOf(host) + callbackPath(providerName), startedAt: clock.now(), fresh, returnTo, purpose })
      const url = await provider.startUrl(toAttempt(transaction)).catch(failed(providerName))
      return { url: url.href, cookie: transactions.seal(settings.id, transaction) }
    },
    /** How the sign-in goes on whose second factor was just proved; null for one that no provider began. */
    async continuation(challenge: string): Promise<Continuation | null> {
      const digest = tokenDigest(challenge)
      const now = clock.now()
      const row = await context.identities.challenge(digest, now)
      if (row === undefined) return null
      return {
        authenticatedAt: row.authenticated_at,
        also: (sessionId) => [
          context.identities.noteSession({ session_id: sessionId, identity_id: row.identity_id, sid_lookup: row.sid_lookup, created_at: now }), context.identities.touch(row.identity_id, now), context.identities.dropChallenge(digest),
        ],
      }
    },
    /** Throws `federated-sign-in-refused`, `identity-email-unverified`, `identity-not-linked`, `conflict` and `identity-provider-error`. */
    async finish(caller: Caller, request: FinishRequest): Promise<Finished> {
      const { providerName, answer } = request
      const active = await mustFind(providerName)
      const transaction = await take(caller, active, request)
      const assertion = await active.provider.finish(answer, toAttempt(transaction)).catch((error: unknown) => {
        if (!(error instanceof IdentityProviderFailure) || error.kind !== 'refused') return failed(providerName)(error)
        log.warn({ provider: providerName, ...describeError(error) }, 'identity-provider-answer-refused')
        return refuse(context, caller, { provider: providerName, reason: 'answer-refused' })
      })
      const come: Come = { caller, active, assertion, transaction }
      return transaction.purpose.kind === 'link' ? link(context, come, transaction.purpose) : signIn(context, come)
    },
  }
}

async function signIn(context: FederationContext, come: Come): Promise<Finished> {
  const { caller, active: { settings }, assertion, transaction } = come
  const { identities, clock, lookupKey } = context
  const { accountId, identityId } = await open(context, come).catch((error: unknown) => {
    if (error instanceof ProblemError && REFUSALS.has(error.code)) return refuse(context, caller, { provider: settings.name, reason: error.code, problem: error })
    throw error
  })
  const now = clock.now()
  const authenticatedAt = Math.min(assertion.authenticatedAt ?? now, now)
  const sid = assertion.sessionId === null ? null : sidLookup(lookupKey, assertion.issuer, assertion.sessionId)
  const also = (sessionId: string) => [identities.noteSession({ session_id: sessionId, identity_id: identityId, sid_lookup: sid, created_at: now }), identities.touch(identityId, now)]
  const entered = await context.enter(caller, accountId, { authenticatedAt, also })
  if ('challenge' in entered) {
    const waiting = { digest: tokenDigest(entered.challenge), identity_id: identityId, sid_lookup: sid, authenticated_at: authenticatedAt, expires_at: now + factorChallenge.seconds * 1_000 }
    await context.database.write(identities.noteChallenge(waiting, now))
    return { to: `/sign-in#second-factor=${entered.challenge}&factors=${entered.factors.join(',')}`, session: null }
  }
  return { to: transaction.returnTo, session: entered.session }
}

const REFUSALS: ReadonlySet<string> = new Set(['identity-email-unverified', 'identity-not-linked', 'federated-sign-in-refused'])

/** The account behind an identity, with its groups as the provider says them now. */
async function open(context: FederationContext, { caller, active: { settings }, assertion }: Come): Promise<{ readonly accountId: string; readonly identityId: string }> {
  const lookup = subjectLookup(context.lookupKey, assertion.issuer, assertion.subject)
  const groupIds = settings.groupMappings.filter(({ value }) => assertion.groups.includes(value)).map(({ groupId }) => groupId)
  for (let tries = 1; ; tries += 1) {
    const known = await context.identities.byLookup(lookup)
    const admission = known === undefined ? await admit(assertion, settings, context.accounts) : { accountId: known.account_id, isNew: false, steps: [] }
    if (!admission.isNew) await requireOpen(context, admission.accountId)
    const { accountId } = admission
    const identity = known === undefined ? await prepareIdentity(context, { caller, settings, assertion, accountId, sealNothing: admission.isNew }) : { id: known.id, steps: [] }
    const groups = await context.groups.follow(accountId, settings.id, groupIds)
    // The row of the audit chain comes first: with it comes the lock that lets one such batch run after the other.
    const actor: Caller = { ...caller, scope: openScope(accountId) }
    const made: readonly WriteStep[] = admission.isNew ? [auditStep(actor, { at: context.clock.now(), action: 'account-created', detail: { accountId, provider: settings.name } }), ...admission.steps] : []
    const moved: readonly WriteStep[] = groups === null ? [] : [
      auditStep(actor, { at: context.clock.now(), action: 'group-members-changed', detail: { accountId, provider: settings.name, groups: groupIds } }), ...groups,
      context.revocations.step({ kind: 'account', accountId, exceptSessionId: null }),
    ]
    try {
      const steps = [...made, ...identity.steps, ...moved]
      if (steps.length > 0) await context.database.write(steps)
      if (groups !== null) context.revocations.announce({ kind: 'account', accountId, exceptSessionId: null })
      return { accountId, identityId: identity.id }
    } catch (error) {
      if (!(error instanceof WriteConflict) || tries >= TRIES) throw error
    }
  }
}

async function requireOpen({ accounts }: FederationContext, accountId: string): Promise<void> {
  const account = await accounts.byId(accountId)
  if (account?.status !== 'active' || account.kind !== 'person') throw new ProblemError('federated-sign-in-refused', { detail: 'Ask an administrator about your account.' })
}

interface NewIdentity { readonly caller: Caller; readonly settings: ActiveProvider['settings']; readonly assertion: Assertion; readonly accountId: string; readonly sealNothing: boolean }

async function prepareIdentity({ keyRing, identities, clock, lookupKey, database }: FederationContext, { caller, settings, assertion, accountId, sealNothing }: NewIdentity): Promise<{ readonly id: string; readonly steps: readonly WriteStep[] }> {
  const at = clock.now()
  const id = newId('identity', at)
  const name = assertion.email ?? assertion.name
  return {
    id,
    steps: [
      auditStep({ ...caller, scope: openScope(accountId) }, { at, action: 'identity-linked', detail: { accountId, identityId: id, provider: settings.name } }),
      // A new account is called what the provider called it, and has no key yet to seal that with.
      identities.insert({
        id, account_id: accountId, provider_id: settings.id, subject_lookup: subjectLookup(lookupKey, assertion.issuer, assertion.subject), linked_at: at, last_used_at: null,
        shown_as_sealed: sealNothing || name === null ? null : shownAs(await keyRing.sealerOf(accountId), id).seal(name),
      }),
      securityEventStep(database, { at, type: 'identity-linked', severity: 'info', accountId, detail: { provider: settings.name } }),
    ],
  }
}

/** Links the identity to the account whose session began this. Throws `conflict` for one that opens another account. */
async function link(context: FederationContext, { caller, active: { settings }, assertion, transaction }: Come, { accountId, sessionId }: Extract<Purpose, { kind: 'link' }>): Promise<Finished> {
  await requireOpen(context, accountId)
  // The browser brings no session along from another site; the sealed cookie says which one it was, and that one must still hold.
  if (sessionId === null || !(await context.identities.isSessionLive(sessionId, accountId, context.clock.now()))) return refuse(context, caller, { provider: settings.name, reason: 'session-ended' })
  const known = await context.identities.byLookup(subjectLookup(context.lookupKey, assertion.issuer, assertion.subject))
  if (known !== undefined && known.account_id !== accountId) throw new ProblemError('conflict', { detail: 'This identity opens another account. Unlink it there first.' })
  if (known === undefined) {
    const { steps } = await prepareIdentity(context, { caller, settings, assertion, accountId, sealNothing: false })
    await context.database.write(steps).catch((error: unknown) => {
      throw error instanceof WriteConflict ? new ProblemError('conflict', { detail: 'This identity was linked meanwhile. Look again.' }) : error
    })
  }
  return { to: transaction.returnTo, session: null }
}

import type { Identity, SignInProvider } from '@sallyport/contract'
import { WriteConflict } from '../../database/database.ts'
import { toMoment } from '../../kernel/clock.ts'
import type { Caller } from '../../kernel/handler.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { requireScope } from '../../kernel/require-scope.ts'
import { federationCounts } from '../../policy/federation.ts'
import { auditStep } from '../audit/index.ts'
import { shownAs, type FederationContext } from './context.ts'
import { createProviderManager } from './manage.ts'
import { createFederatedSignIn, type Started } from './sign-in.ts'
import { createBackChannelLogout } from './sign-out.ts'

interface LinkRequest { readonly provider: string; readonly returnTo: string; readonly host: string }

/** Sign-in with identity providers: OpenID Connect and OAuth 2 (IDN-9). */
export function createFederation(context: FederationContext) {
  const { database, providers, identities, keyRing, clock, revocations } = context
  const signIn = createFederatedSignIn(context)
  return {
    ...signIn,
    ...createProviderManager(context),
    logOut: createBackChannelLogout(context),
    async listForSignIn(): Promise<{ items: SignInProvider[] }> {
      return { items: (await providers.all()).filter((provider) => !providers.isHeldBack(provider)).map(({ name, label }) => ({ name, label })) }
    },
    /** Begins to link an identity to the caller's account. Throws `not-found` and `conflict`. */
    async beginLink(caller: Caller, { provider, returnTo, host }: LinkRequest): Promise<Started> {
      const { accountId } = requireScope(caller)
      if ((await identities.ofAccount(accountId)).length >= federationCounts.identities) throw new ProblemError('conflict', { detail: `An account has ${federationCounts.identities} identities at most. Unlink one first.` })
      return signIn.start({ providerName: provider, host, returnTo, fresh: false, purpose: { kind: 'link', accountId, sessionId: caller.sessionId } })
    },
    async listIdentities(caller: Caller): Promise<{ items: Identity[] }> {
      const { accountId } = requireScope(caller)
      const [rows, known, sealer] = [await identities.ofAccount(accountId), new Map((await providers.all()).map((provider) => [provider.id, provider])), await keyRing.sealerOf(accountId)]
      return {
        items: rows.flatMap((row) => {
          const provider = known.get(row.provider_id)
          return provider === undefined ? [] : [{
            id: row.id, provider: provider.name, label: provider.label, shownAs: row.shown_as_sealed === null ? null : shownAs(sealer, row.id).open(row.shown_as_sealed),
            linkedAt: toMoment(row.linked_at), lastUsedAt: row.last_used_at === null ? null : toMoment(row.last_used_at),
          }]
        }),
      }
    },
    /** Unlinks an identity and ends the sessions that began with it, but for the caller's. Throws `not-found`, and `conflict` where nothing else would open the account. */
    async unlink(caller: Caller, identityId: string): Promise<void> {
      const { accountId } = requireScope(caller)
      const account = await context.accounts.byId(accountId)
      const opensOtherwise = account?.hasPassword === true || await context.hasPasskey(accountId)
      const sessions = (await identities.ofAccount(accountId)).some(({ id }) => id === identityId) ? (await identities.sessionsOf(identityId)).filter((id) => id !== caller.sessionId) : []
      try {
        await database.write([
          auditStep(caller, { at: clock.now(), action: 'identity-unlinked', detail: { accountId, identityId } }),
          ...sessions.flatMap((sessionId) => [context.endSessionStep(sessionId), revocations.step({ kind: 'session', sessionId })]),
          identities.remove(identityId, { accountId, needsAnother: !opensOtherwise }),
        ])
      } catch (error) {
        if (!(error instanceof WriteConflict)) throw error
        const isTheirs = (await identities.ofAccount(accountId)).some(({ id }) => id === identityId)
        throw isTheirs ? new ProblemError('conflict', { detail: 'Nothing else opens your account. Set a password, add a passkey or link another identity first.' }) : new ProblemError('not-found')
      }
      for (const sessionId of sessions) revocations.announce({ kind: 'session', sessionId })
    },
  }
}
export type Federation = ReturnType<typeof createFederation>

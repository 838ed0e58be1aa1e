import { WriteConflict } from '../../database/database.ts'
import { toMoment } from '../../kernel/clock.ts'
import { tokenDigest } from '../../kernel/digest.ts'
import type { Caller } from '../../kernel/handler.ts'
import { newId } from '../../kernel/ids.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { requireScope } from '../../kernel/require-scope.ts'
import { mailRate, resetLife } from '../../policy/limits.ts'
import { auditStep } from '../audit/index.ts'
import { newToken, type AccountContext } from './context.ts'
import type { GuardStore } from './guard-store.ts'
import { requireManageable } from './manageable.ts'
import type { SignIn } from './sign-in.ts'
import type { AccountRow } from './tables.ts'
import type { TokenStore } from './token-store.ts'

interface PasswordParts { readonly tokens: TokenStore; readonly guards: GuardStore; readonly signIn: Pick<SignIn, 'provePassword'> }

/** Setting passwords anew: by oneself, by a link in a mail, by an administrator's link. */
export function createPasswords(context: AccountContext, { tokens, guards, signIn }: PasswordParts) {
  const { database, store, clock, outbox, strength, belongings, lookupOf, linkTo, emailOf, nameOf, sealedPassword } = context

  /** What every new password brings along: earlier links and other sessions end, and the count of wrong tries begins anew. */
  const replaceSteps = (row: AccountRow, password: Uint8Array, keepSessionId: string | null = null) => [
    store.change(row.id, { status: 'active', password_sealed: row.password_sealed }, { password_sealed: password, password_changed_at: clock.now(), password_change_needed: 0, locked_at: null }),
    guards.clear(row.email_lookup), ...belongings.endCredentials(row.id, keepSessionId), belongings.standingChanged(row.id, keepSessionId),
  ]
  const tell = (row: AccountRow) => { outbox.later(async () => { await outbox.send({ kind: 'passwordChanged', to: await emailOf(row), link: linkTo('sign-in') }) }) }
  const ended = () => new ProblemError('link-ended')

  return {
    /** Replaces the caller's password. Throws `wrong-credentials`, `too-many-requests` and `weak-password`. */
    async changePassword(caller: Caller, { current, password }: { readonly current: string; readonly password: string }): Promise<void> {
      const { accountId } = requireScope(caller)
      const row = await store.byId(accountId)
      if (row === undefined) throw new ProblemError('not-found')
      await signIn.provePassword(caller, current)
      if (current.normalize('NFKC') === password.normalize('NFKC')) throw new ProblemError('weak-password', { detail: 'Choose a password that is not the present one.' })
      await strength.require(password, { email: await emailOf(row), name: await nameOf(row) })
      await database.write([...replaceSteps(row, await sealedPassword(row.id, password), caller.sessionId), auditStep(caller, { at: clock.now(), action: 'password-changed' })]).catch(asConflict)
      belongings.announce(accountId, caller.sessionId)
      tell(row)
    },
    /** Sends a link to the owner of an address, if there is one. What is done, and in which time, tells the caller nothing. Throws `mail-unavailable`. */
    requestPasswordReset(caller: Caller, { email }: { readonly email: string }): void {
      if (!outbox.canSend) throw new ProblemError('mail-unavailable', { detail: 'Ask an administrator for a link that sets a new password.' })
      const lookup = lookupOf(email)
      outbox.later(async () => {
        const row = await store.byLookup(lookup)
        const at = clock.now()
        const isMeet = await tokens.sentSince(lookup, at - mailRate.windowSeconds * 1_000) < mailRate.count
        const account = row?.status === 'active' && row.kind === 'person' && isMeet ? row : null
        const token = newToken()
        await database.write([
          auditStep(caller, { at, action: 'password-reset-requested', outcome: account === null ? 'refused' : 'allowed', detail: { accountId: row?.id ?? null } }),
          tokens.noteSent(newId('event', at), lookup, at), tokens.forgetSent(at - mailRate.windowSeconds * 1_000),
          ...(account === null ? [] : [tokens.putReset({ account_id: account.id, digest: tokenDigest(token), created_at: at, expires_at: at + resetLife.byMailSeconds * 1_000, created_by: null })]),
        ])
        if (account !== null) await outbox.send({ kind: 'reset', to: await emailOf(account), link: linkTo('reset', token) })
      })
    },
    /** A link for somebody who cannot get a mail. Shown once. Throws `not-found` and `not-allowed`. */
    async createResetLink(caller: Caller, accountId: string): Promise<{ link: string; expiresAt: string }> {
      const row = await store.byId(accountId)
      requireManageable(caller, row)
      if (row.status !== 'active' || row.kind !== 'person') throw new ProblemError('conflict', { detail: 'Restore the account first. A service has no password.' })
      const at = clock.now()
      const token = newToken()
      const expiresAt = at + resetLife.byLinkSeconds * 1_000
      await database.write([
        tokens.putReset({ account_id: accountId, digest: tokenDigest(token), created_at: at, expires_at: expiresAt, created_by: requireScope(caller).accountId }),
        auditStep(caller, { at, action: 'reset-link-created', detail: { accountId } }),
      ])
      return { link: linkTo('reset', token), expiresAt: toMoment(expiresAt) }
    },
    /** Sets a password with a one-time token: of many at once exactly one does. Throws `link-ended` and `weak-password`. */
    async resetPassword(caller: Caller, { token, password }: { readonly token: string; readonly password: string }): Promise<void> {
      const digest = tokenDigest(token)
      const row = await tokens.reset(digest)
      const at = clock.now()
      if (row === undefined || row.expires_at <= at || row.status !== 'active' || row.kind !== 'person') throw ended()
      const { expires_at: _until, ...account } = row
      await strength.require(password, { email: await emailOf(account), name: await nameOf(account) })
      // The token goes first: whoever does not take it changes nothing else.
      await database.write([tokens.takeReset(digest, at), ...replaceSteps(account, await sealedPassword(account.id, password)), auditStep(caller, { at, actor: account.id, action: 'password-reset' })])
        .catch((error: unknown) => { throw error instanceof WriteConflict ? ended() : error })
      belongings.announce(account.id, null)
      tell(account)
    },
  }
}

/** Somebody else changed it in between. */
export function asConflict(error: unknown): never {
  throw error instanceof WriteConflict ? new ProblemError('conflict', { detail: 'It was changed in the meantime. Look again, then try again.' }) : error
}

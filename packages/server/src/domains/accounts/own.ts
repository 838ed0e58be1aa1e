import type { Account } from '@sallyport/contract'
import { WriteConflict } from '../../database/database.ts'
import { tokenDigest } from '../../kernel/digest.ts'
import type { Caller } from '../../kernel/handler.ts'
import { newId } from '../../kernel/ids.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { requireScope } from '../../kernel/require-scope.ts'
import { mailRate, verificationLife } from '../../policy/limits.ts'
import { refuseTooMuch } from '../../policy/too-much.ts'
import { auditStep } from '../audit/index.ts'
import { emailPlace, newToken, sealName, type AccountContext } from './context.ts'
import type { GuardStore } from './guard-store.ts'
import { asConflict } from './passwords.ts'
import type { AccountRow } from './tables.ts'
import type { TokenStore } from './token-store.ts'

/** What people change of their own account. */
export function createOwn(context: AccountContext, { tokens, guards }: { readonly tokens: TokenStore; readonly guards: GuardStore }) {
  const { database, store, keyRing, clock, outbox, lookupOf, linkTo, emailOf, toAccount } = context
  const ownRow = async (caller: Caller): Promise<AccountRow> => {
    const row = await store.byId(requireScope(caller).accountId)
    if (row === undefined) throw new ProblemError('not-found')
    return row
  }
  /** What a new address brings along. Links that went to the old one end; the browsers that were known, too. */
  const replaceSteps = (row: AccountRow, fields: { readonly email_sealed: Uint8Array; readonly email_lookup: Uint8Array; readonly email_verified_at: number | null }) =>
    [store.change(row.id, { status: 'active' }, fields), tokens.dropReset(row.id), tokens.dropEmailChange(row.id), guards.forgetDevices(row.email_lookup)]

  return {
    async changeProfile(caller: Caller, { name }: { readonly name: string }): Promise<Account> {
      const row = await ownRow(caller)
      const name_sealed = sealName(await keyRing.sealerOf(row.id), row.id, name)
      await database.write([store.change(row.id, {}, { name_sealed }), auditStep(caller, { at: clock.now(), action: 'profile-changed' })]).catch(asConflict)
      return toAccount({ ...row, name_sealed })
    },
    /**
     * Changes the address: where mail is sent, when the new address has proved itself; elsewhere at once. With mail, the answer is the same
     * for an address that another account has. Throws `conflict` for such a one where no mail is sent, and `too-many-requests`.
     */
    async changeEmail(caller: Caller, { email }: { readonly email: string }): Promise<{ state: 'changed' | 'verification-sent' }> {
      const row = await ownRow(caller)
      const [at, lookup] = [clock.now(), lookupOf(email)]
      const sealer = await keyRing.sealerOf(row.id)
      if (!outbox.canSend) {
        const fields = { email_sealed: sealer.seal(emailPlace(row.id), email), email_lookup: lookup, email_verified_at: null }
        await database.write([...replaceSteps(row, fields), auditStep(caller, { at, action: 'email-changed' })])
          .catch((error: unknown) => { throw error instanceof WriteConflict ? new ProblemError('conflict', { detail: 'This address cannot be used. Choose another one.' }) : error })
        return { state: 'changed' }
      }
      if (await tokens.sentSince(lookup, at - mailRate.windowSeconds * 1_000) >= mailRate.count) {
        throw refuseTooMuch('mails', 'Several mails went to this address already. Wait, then try again.', mailRate.windowSeconds)
      }
      const token = newToken()
      await database.write([
        tokens.putEmailChange({
          account_id: row.id, digest: tokenDigest(token), email_lookup: lookup, created_at: at, expires_at: at + verificationLife.seconds * 1_000,
          email_sealed: sealer.seal({ table: 'email_change', rowId: row.id, column: 'email_sealed' }, email),
        }),
        tokens.noteSent(newId('event', at), lookup, at), auditStep(caller, { at, action: 'email-change-requested' }),
      ])
      outbox.later(async () => {
        const isTaken = await store.byLookup(lookup) !== undefined
        await outbox.send({ kind: 'emailChangeRequested', to: await emailOf(row), link: linkTo('sign-in') })
        await outbox.send(isTaken ? { kind: 'signUpKnown', to: email, link: linkTo('sign-in') } : { kind: 'verifyEmail', to: email, link: linkTo('verify', token) })
      })
      return { state: 'verification-sent' }
    },
    /** Uses a new address from now on, by the token that went there. The former one is told. Throws `link-ended`. */
    async verifyEmail(caller: Caller, { token }: { readonly token: string }): Promise<void> {
      const digest = tokenDigest(token)
      const change = await tokens.emailChange(digest)
      const row = change === undefined ? undefined : await store.byId(change.account_id)
      const at = clock.now()
      if (change === undefined || row === undefined || change.expires_at <= at) throw new ProblemError('link-ended')
      const former = await emailOf(row)
      const sealer = await keyRing.sealerOf(row.id)
      const email = sealer.open({ table: 'email_change', rowId: row.id, column: 'email_sealed' }, change.email_sealed)
      const fields = { email_sealed: sealer.seal(emailPlace(row.id), email), email_lookup: change.email_lookup, email_verified_at: at }
      await database.write([tokens.takeEmailChange(digest, at), ...replaceSteps(row, fields), auditStep(caller, { at, actor: row.id, action: 'email-changed' })])
        .catch((error: unknown) => { throw error instanceof WriteConflict ? new ProblemError('link-ended') : error })
      outbox.later(async () => { await outbox.send({ kind: 'emailChanged', to: former, link: linkTo('sign-in') }) })
    },
  }
}

import type { Account, Invitation, Role } from '@sallyport/contract'
import { WriteConflict } from '../../database/database.ts'
import { toMoment } from '../../kernel/clock.ts'
import { tokenDigest } from '../../kernel/digest.ts'
import type { Caller } from '../../kernel/handler.ts'
import { newId } from '../../kernel/ids.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { requireScope } from '../../kernel/require-scope.ts'
import { auditStep } from '../audit/index.ts'
import { accountFrom, emailPlace, sealName, type AccountContext } from './context.ts'
import type { InvitationRows } from './invitation-rows.ts'
import { requireMayGive } from './manageable.ts'
import type { InvitationRow } from './tables.ts'
import type { TokenStore } from './token-store.ts'

const HOUR = 3_600_000

export interface InvitationParts { readonly tokens: TokenStore; readonly rows: InvitationRows }
interface InvitationRequest { readonly role: Role; readonly email?: string | undefined; readonly expiresInHours: number; readonly uses: number; readonly send: boolean }
interface Acceptance { readonly token: string; readonly email?: string | undefined; readonly name: string; readonly password: string }

/**
 * How people come in beside the first owner: invited by somebody who may give that role, or by a mail that they asked for themselves
 * where their e-mail domain is listed. Both are one thing: a token that makes one account, with the role that was written down with it.
 */
export function createInvitations(context: AccountContext, { tokens, rows }: InvitationParts) {
  const { database, store, keyRing, clock, outbox, strength, lookupOf, linkTo, sealedPassword } = context
  const { prepare, toInvitation, emailOf } = rows
  /** The invitation of a token that still works. Throws `link-ended`. */
  const openInvitation = async (token: string): Promise<InvitationRow> => {
    const row = await tokens.invitation(tokenDigest(token))
    if (row === undefined || toInvitation(row).state !== 'open') throw new ProblemError('link-ended')
    return row
  }

  return {
    /** Makes an invitation; its token is shown this once, or goes by mail as well. Throws `not-allowed` for a role that the caller may not give. */
    async createInvitation(caller: Caller, { role, email, expiresInHours, uses, send }: InvitationRequest): Promise<{ invitation: Invitation; link: string; sent: boolean }> {
      requireMayGive(caller, role)
      if (send && !outbox.canSend) throw new ProblemError('mail-unavailable', { detail: 'Leave out sending it, and pass the link on yourself.' })
      const { at, token, row, step } = prepare({ role, email: email ?? null, mailed: false, createdBy: requireScope(caller).accountId, uses, life: expiresInHours * HOUR })
      await database.write([step, rows.forgetStep(at), auditStep(caller, { at, action: 'invitation-created', detail: { invitationId: row.id, role, uses, bound: email !== undefined } })])
      const link = linkTo('invitation', token)
      if (send && email !== undefined) outbox.later(async () => { await outbox.send({ kind: 'invitation', to: email, link }) })
      return { invitation: toInvitation(row), link, sent: send }
    },
    /**
     * Finds the invitations that name an account's address and are not known to be its own: of those who came in another way, or before it was
     * written down. From then on they are exported and erased with the account (PRI-4).
     */
    async linkInvitations(accountId: string): Promise<void> {
      const account = await store.byId(accountId)
      if (account === undefined) return
      const own = (await tokens.unlinkedInvitations()).filter((row) => Buffer.compare(lookupOf(emailOf(row) ?? ''), Buffer.from(account.email_lookup)) === 0)
      if (own.length > 0) await database.write(own.map(({ id }) => tokens.linkInvitation(id, accountId)))
    },
    async listInvitations({ limit, before }: { readonly limit: number; readonly before?: string | undefined }) {
      const page = await tokens.invitations(before, limit)
      return { items: page.map(toInvitation), next: page.length === limit ? page.at(-1)?.id ?? null : null }
    },
    /** Ends an invitation. Throws `not-found` where there is none, or it has ended. */
    async revokeInvitation(caller: Caller, id: string): Promise<void> {
      const row = await tokens.invitationById(id)
      if (row === undefined || row.created_by === null || row.revoked_at !== null) throw new ProblemError('not-found')
      requireMayGive(caller, row.role)
      const at = clock.now()
      await database.write([tokens.revokeInvitation(id, at), auditStep(caller, { at, action: 'invitation-revoked', detail: { invitationId: id } })])
        .catch((error: unknown) => { throw error instanceof WriteConflict ? new ProblemError('not-found') : error })
    },
    /** Throws `link-ended`. */
    async getInvitation(token: string) {
      const row = await openInvitation(token)
      return { role: row.role, email: emailOf(row), expiresAt: toMoment(row.expires_at) }
    },
    /**
     * Makes the account. The role is the invitation's, whatever the caller sends, and so is the address where it names one: of many at once
     * as many come in as it has uses. Throws `link-ended`, `weak-password`, `invalid-request` without an address, `conflict` for one that is taken.
     */
    async acceptInvitation(caller: Caller, { token, email: given, name, password }: Acceptance): Promise<Account> {
      const invitation = await openInvitation(token)
      const bound = emailOf(invitation)
      const email = bound ?? given
      if (email === undefined) throw new ProblemError('invalid-request', { detail: 'Give your e-mail address.', members: { errors: [{ pointer: '/email', detail: 'Give your e-mail address.' }] } })
      if (bound !== null && given !== undefined && Buffer.compare(lookupOf(bound), lookupOf(given)) !== 0) throw new ProblemError('invalid-request', { detail: 'This invitation is for another address.', members: { errors: [{ pointer: '/email', detail: 'Leave it out: the invitation names one.' }] } })
      await strength.require(password, { email, name })
      const at = clock.now()
      const id = newId('account', at)
      const password_sealed = await sealedPassword(id, password)
      const { sealer, step } = await keyRing.create(id)
      const row = {
        id, role: invitation.role, status: 'active' as const, password_sealed, created_at: at, password_changed_at: at,
        email_verified_at: invitation.mailed === 1 ? at : null, email_lookup: lookupOf(email), email_sealed: sealer.seal(emailPlace(id), email), name_sealed: sealName(sealer, id, name),
      }
      try {
        await database.write([tokens.useInvitation(invitation.digest, at), step, store.insert(row), tokens.linkInvitation(invitation.id, id), auditStep(caller, { at, actor: id, action: 'account-created', detail: { invitationId: invitation.id, role: invitation.role } })])
      } catch (error) {
        if (!(error instanceof WriteConflict)) throw error
        await openInvitation(token)
        throw new ProblemError('conflict', { detail: 'There is an account with this address already. Sign in instead.' })
      }
      return accountFrom(row, { email, name })
    },
  }
}

import type { Role } from '@sallyport/contract'
import type { Caller } from '../../kernel/handler.ts'
import { newId } from '../../kernel/ids.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { mailRate, signUpLife } from '../../policy/limits.ts'
import { auditStep } from '../audit/index.ts'
import type { AccountContext } from './context.ts'
import type { InvitationParts } from './invitations.ts'

export interface SignUpSettings {
  /** E-mail domains from which anyone may sign up; none closes it. */
  readonly domains: readonly string[]
  readonly role: Role
}

/** Coming in by oneself: an invitation by mail, so that the address has proved itself before there is an account. */
export function createSignUp({ database, store, outbox, lookupOf, linkTo }: AccountContext, { tokens, rows }: InvitationParts, { domains, role }: SignUpSettings) {
  const isListed = (email: string) => domains.includes(email.slice(email.lastIndexOf('@') + 1).toLowerCase())
  return {
    signUpPolicy: () => ({ open: domains.length > 0 && outbox.canSend, domains: [...domains], mail: outbox.canSend }),
    /** Sends an invitation to whoever asks from a listed domain; to somebody who has an account, a word about that. The answer is the same for every address. Throws `not-allowed` while sign-up is closed. */
    async signUp(caller: Caller, { email }: { readonly email: string }): Promise<void> {
      // Before there is an owner nobody comes in: they would be alone with the server.
      if (domains.length === 0 || !outbox.canSend || !await store.hasOwner()) throw new ProblemError('not-allowed', { detail: 'Sign-up is closed. Ask an administrator for an invitation.' })
      if (!isListed(email)) throw new ProblemError('not-allowed', { detail: 'Sign-up is open for other e-mail domains. Ask an administrator for an invitation.' })
      const lookup = lookupOf(email)
      outbox.later(async () => {
        const known = await store.byLookup(lookup)
        const { at, token, step } = rows.prepare({ role, email, mailed: true, createdBy: null, uses: 1, life: signUpLife.seconds * 1_000 })
        const isMeet = await tokens.sentSince(lookup, at - mailRate.windowSeconds * 1_000) < mailRate.count
        await database.write([
          auditStep(caller, { at, action: 'sign-up-requested', outcome: isMeet && known === undefined ? 'allowed' : 'refused', detail: { known: known?.id ?? null } }),
          tokens.noteSent(newId('event', at), lookup, at), rows.forgetStep(at), ...(isMeet && known === undefined ? [step] : []),
        ])
        if (isMeet) await outbox.send(known === undefined ? { kind: 'signUp', to: email, link: linkTo('invitation', token) } : { kind: 'signUpKnown', to: email, link: linkTo('sign-in') })
      })
    },
  }
}

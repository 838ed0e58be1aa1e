import type { KeyObject } from 'node:crypto'
import type { Account } from '@sallyport/contract'
import type { Database } from '../../database/database.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { keyedHash, type Sealer } from '../../kernel/seal.ts'
import type { Standing } from '../../kernel/standing.ts'
import { alertMail } from '../../policy/alerts.ts'
import type { Mailer } from '../../ports/mailer.ts'
import type { Alert } from '../audit/index.ts'
import type { KeyRing } from '../secrets/index.ts'
import { createAdministration } from './administer.ts'
import { accountEmailOf, accountFrom, accountNameOf, createPasswordSeal, type AccountContext, type Belongings } from './context.ts'
import { createFederatedAccounts } from './federated-accounts.ts'
import { createGuardStore } from './guard-store.ts'
import { createInvitationRows } from './invitation-rows.ts'
import { createInvitations } from './invitations.ts'
import { createOutbox } from './outbox.ts'
import { createOwn } from './own.ts'
import { hashPassword } from './password.ts'
import { createPasswords } from './passwords.ts'
import { createSetUp } from './set-up.ts'
import { createSignIn } from './sign-in.ts'
import { createSignUp, type SignUpSettings } from './sign-up.ts'
import type { AccountStore } from './store.ts'
import { toStanding } from './standing.ts'
import { createStrength } from './strength.ts'
import { createTokenStore } from './token-store.ts'

export interface AccountDeps {
  readonly database: Database
  readonly store: AccountStore
  readonly keyRing: KeyRing
  readonly clock: Clock
  readonly log: Log
  /** For addresses of people who have no key yet. */
  readonly serverSealer: Sealer
  readonly lookupKey: KeyObject
  /** Null where no mail is sent. */
  readonly mailer: Mailer | null
  readonly belongings: Belongings
  /** Where people reach this server: what links begin with. */
  readonly publicUrl: () => string
  readonly signUp: SignUpSettings
  /** Is told of wrong passwords. */
  readonly patterns?: AccountContext['patterns']
}

/** Who has an account: set-up, invitations, passwords and their tries, administration. */
export function createAccounts({ database, store, keyRing, clock, log, serverSealer, lookupKey, mailer, belongings, publicUrl, signUp, patterns = { note: () => undefined } }: AccountDeps) {
  const lookupOf = (email: string) => keyedHash(lookupKey, email.normalize('NFKC').toLowerCase())
  const emailOf: AccountContext['emailOf'] = (row) => accountEmailOf(keyRing, row)
  const nameOf: AccountContext['nameOf'] = (row) => accountNameOf(keyRing, row)
  const { sealHash, openHash } = createPasswordSeal(serverSealer)
  const outbox = createOutbox(mailer, log)
  const strength = createStrength(() => ['sallyport', new URL(publicUrl()).hostname])
  const context: AccountContext = {
    database, store, keyRing, clock, outbox, strength, belongings, patterns, lookupOf, emailOf, nameOf,
    sealedPassword: async (rowId, password) => sealHash(rowId, await hashPassword(password)),
    passwordHashOf: ({ id, password_sealed: sealed }) => (sealed === null ? null : openHash(id, sealed)),
    toAccount: async (row) => accountFrom(row, { email: await emailOf(row), name: await nameOf(row) }),
    // Behind the `#`, which a browser sends nowhere: not into a log, nor on to another page.
    linkTo: (page, token) => `${publicUrl()}/${page}${token === undefined ? '' : `#${token}`}`,
  }
  const [tokens, guards] = [createTokenStore(database), createGuardStore(database)]
  const invitations = { tokens, rows: createInvitationRows({ clock, tokens, serverSealer }) }
  const signIn = createSignIn(context, guards)

  return {
    toAccount: context.toAccount,
    isSetUp: () => store.hasOwner(),
    canMail: outbox.canSend,
    judgePassword: strength.judge,
    forFederation: createFederatedAccounts(context),
    ...createSetUp(context),
    ...signIn,
    ...createPasswords(context, { tokens, guards, signIn }),
    ...createInvitations(context, invitations),
    ...createSignUp(context, invitations, signUp),
    ...createOwn(context, { tokens, guards }),
    ...createAdministration(context, { tokens, guards }),
    /** Throws `not-found`. */
    async get(id: string): Promise<Account> {
      const row = await store.byId(id)
      if (row === undefined) throw new ProblemError('not-found')
      return context.toAccount(row)
    },
    /** What an account may do and owes now. Throws `not-signed-in` for one that is suspended or gone. */
    async standingOf(id: string): Promise<Standing> {
      const row = await store.standing(id)
      const standing = row === undefined ? null : toStanding(row)
      if (standing === null) throw new ProblemError('not-signed-in', { detail: 'Ask an administrator about your account.' })
      return standing
    },
    async firstOwner(): Promise<Account | null> {
      const row = await store.firstOwner()
      return row === undefined ? null : context.toAccount(row)
    },
    /** Tells an account's owner by mail, where mail is sent, that its second factors are no longer what they were. */
    tellFactorsChanged: ({ email }: Pick<Account, 'email'>): void => {
      if (outbox.canSend) outbox.later(async () => { await outbox.send({ kind: 'factorsChanged', to: email, link: context.linkTo('sign-in') }) })
    },
    /** Mails an alert to owners and administrators, and calls back once one of them has it, or there is nobody to tell. Null where no mail is sent. */
    mailAlert: !outbox.canSend ? null : (alert: Alert, whenSent: () => Promise<void>): void => {
      outbox.later(async () => {
        const rows = await store.guardians(alertMail.recipients)
        let sent = 0
        for (const row of rows) if (await outbox.sendAlert({ alert, to: await emailOf(row), link: context.linkTo('sign-in') })) sent += 1
        if (sent > 0 || rows.length === 0) await whenSent()
      })
    },
    /** Waits until what follows answers, such as mail, is done. */
    settled: () => outbox.settled(),
    async close(): Promise<void> {
      await Promise.all([outbox.close(), strength.close()])
    },
  }
}
export type Accounts = ReturnType<typeof createAccounts>

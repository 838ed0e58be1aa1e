import { randomBytes } from 'node:crypto'
import type { Account } from '@sallyport/contract'
import type { WriteStep } from '../../database/database.ts'
import { addressKey } from '../../kernel/address-key.ts'
import { tokenDigest } from '../../kernel/digest.ts'
import type { Caller } from '../../kernel/handler.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { requireScope } from '../../kernel/require-scope.ts'
import { knownDevice, passwordTries } from '../../policy/limits.ts'
import { auditStep, securityEventStep } from '../audit/index.ts'
import { newToken, type AccountContext } from './context.ts'
import { createTryCounter, type CountedTry } from './count-tries.ts'
import type { GuardStore } from './guard-store.ts'
import { hashPassword, passesPassword } from './password.ts'
import type { AccountRow } from './tables.ts'

const RANDOM_BYTES = 32
const TOKEN = /^[A-Za-z0-9_-]{43}$/
const DAY = 86_400_000

export interface Entering { readonly wasLocked: boolean; readonly deviceToken: string; readonly steps: readonly WriteStep[] }
interface Claim { readonly lookup: Uint8Array; readonly row: AccountRow | undefined; readonly password: string; readonly isKnown: boolean }

/**
 * Passwords at the door. Cost, status and words are the same whether or not there is an account, it is suspended, locked or without a
 * password (S8): every claim reads the same rows, counts its try, derives one key and writes the same kinds of rows. Tries are counted in
 * the store, so that neither another address, nor another process, nor a restart gives more of them (S9).
 */
export function createSignIn({ database, store, clock, outbox, patterns, linkTo, emailOf, lookupOf, passwordHashOf, toAccount }: AccountContext, guards: GuardStore) {
  const tries = createTryCounter({ database, clock }, guards)
  // Someone who does not exist costs the same as someone who does.
  const nobody = hashPassword(randomBytes(RANDOM_BYTES).toString('hex'))

  const tellOfLock = (row: AccountRow | undefined): void => {
    outbox.later(async () => {
      if (row === undefined) return
      const at = clock.now()
      await database.write([store.change(row.id, {}, { locked_at: at }), securityEventStep(database, { at, type: 'account-locked', severity: 'medium', accountId: row.id })])
      await outbox.send({ kind: 'locked', to: await emailOf(row), link: linkTo('sign-in') })
    })
  }
  /** Who tries many accounts, and whose account many try, shows only over many tries: also over those that are not heard. */
  const watch = ({ credential, address }: Caller, { row, lookup }: Claim): void => {
    if (credential.kind === 'local') return
    const [account, from] = [Buffer.from(lookup).toString('hex'), addressKey(address)]
    patterns.note('credential-stuffing', [{ kind: 'address', id: from }], account)
    patterns.note('distributed-guessing', [{ kind: 'account', id: account, accountId: row?.id ?? null }], from)
  }
  const refuse = async (caller: Caller, claim: Claim, { locks }: CountedTry): Promise<never> => {
    const at = clock.now()
    const { row } = claim
    const accountId = row?.id ?? null
    watch(caller, claim)
    await database.write([
      auditStep(caller, { at, action: 'sign-in-refused', outcome: 'refused', detail: { accountId } }),
      securityEventStep(database, { at, type: 'sign-in-refused', severity: 'low', accountId }),
    ])
    if (locks) tellOfLock(row)
    throw new ProblemError('wrong-credentials', { detail: 'Check both and try again.' })
  }
  const isKnownDevice = async ({ deviceToken }: Caller, lookup: Uint8Array): Promise<boolean> =>
    deviceToken !== null && TOKEN.test(deviceToken) && guards.isKnownDevice(lookup, tokenDigest(deviceToken), clock.now() - knownDevice.seconds * 1_000)
  const check = async (caller: Caller, claim: Claim): Promise<AccountRow> => {
    const { row, password, lookup, isKnown } = claim
    await tries.requireRoom(lookup, isKnown).catch((error: unknown) => { watch(caller, claim); throw error })
    // The try becomes durable while the hash is made: nothing is told of the one without the other.
    const hash = row === undefined ? null : passwordHashOf(row)
    const [counted, right] = await Promise.all([tries.count(lookup, isKnown), passesPassword(password, hash ?? await nobody)])
    if (row === undefined || !right || hash === null || row.status !== 'active' || row.kind !== 'person') return refuse(caller, claim, counted)
    await tries.giveBack(counted)
    return row
  }

  return {
    /** The account of an e-mail address and its password. Throws `wrong-credentials`, which never says which was wrong, and `too-many-requests`. */
    async checkPassword(caller: Caller, { email, password }: { readonly email: string; readonly password: string }): Promise<Account> {
      const lookup = lookupOf(email)
      const isKnown = await isKnownDevice(caller, lookup)
      return toAccount(await check(caller, { lookup, row: await store.byLookup(lookup), password, isKnown }))
    },
    /** Whether the caller's own password is this one. Throws as `checkPassword` does; a session counts as a known browser. */
    async provePassword(caller: Caller, password: string): Promise<void> {
      const row = await store.byId(requireScope(caller).accountId)
      if (row === undefined) throw new ProblemError('not-signed-in')
      await check(caller, { lookup: row.email_lookup, row, password, isKnown: true })
    },
    /**
     * What is written down when somebody is in, all factors proved: the steps belong into the batch that lets them in. In that browser a
     * password may be tried later even while strangers are kept out; gives the token by which it is known again. Says whether wrong
     * passwords had locked the account since the last time.
     */
    async entering(caller: Caller, accountId: string): Promise<Entering> {
      const deviceToken = caller.deviceToken !== null && TOKEN.test(caller.deviceToken) ? caller.deviceToken : newToken()
      const row = await store.byId(accountId)
      if (row === undefined) return { wasLocked: false, deviceToken, steps: [] }
      const at = clock.now()
      const steps = [
        store.change(accountId, {}, { last_sign_in_at: at, locked_at: null }), guards.addKnownDevice(row.email_lookup, tokenDigest(deviceToken), at),
        guards.forgetOlderDevices(at - knownDevice.seconds * 1_000), guards.forgetOlder(at - passwordTries.forgottenAfterDays * DAY),
      ]
      return { wasLocked: row.locked_at !== null, deviceToken, steps }
    },
  }
}
export type SignIn = ReturnType<typeof createSignIn>

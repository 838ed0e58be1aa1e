import type { PasskeyAssertion } from '@sallyport/contract'
import type { WriteStep } from '../../database/database.ts'
import type { Caller } from '../../kernel/handler.ts'
import type { ProblemError } from '../../kernel/problem.ts'
import { auditStep, securityEventStep } from '../audit/index.ts'
import { isUsable, secretPlace, type FactorContext } from './context.ts'
import { wrongSecondFactor } from './refusals.ts'
import { siteOf } from './site.ts'
import type { ChallengePurpose, FactorRow } from './tables.ts'
import { challengeIn, checkAssertion, credentialDigest, PasskeyMaterial, PasskeyRefused } from './webauthn.ts'

interface PasskeyUse {
  readonly assertion: PasskeyAssertion
  readonly host: string
  readonly binding: { readonly purpose: ChallengePurpose; readonly accountId: string | null; readonly parent: Uint8Array | null }
}
interface UsedPasskey { readonly accountId: string; readonly use: WriteStep }

/** Checks the use of a passkey, and gives the step that counts it. Its challenge is used up in any case. Throws `wrong-second-factor`. */
export const createPasskeyUse = ({ database, store, keyRing, clock, challenges, notify, account }: FactorContext) => {
  const refuse = async (caller: Caller, accountId: string | null, cause: unknown): Promise<ProblemError> => {
    const at = clock.now()
    await database.write([
      auditStep(caller, { at, action: 'second-factor-refused', outcome: 'refused', detail: { accountId, kind: 'passkey' } }),
      securityEventStep(database, { at, type: 'second-factor-refused', severity: 'medium', accountId, detail: { kind: 'passkey' } }),
    ])
    return wrongSecondFactor('Try again from the beginning, in the window in which you opened Sallyport, or prove it in another way.', cause)
  }
  /** Its counter did not rise: there are two of it, and nobody can tell which one is the owner's (WebAuthn level 3, section 6.1.1). */
  const suspend = async (caller: Caller, row: FactorRow, counter: number): Promise<ProblemError> => {
    const at = clock.now()
    await database.write([
      store.suspend(row.id, at),
      auditStep(caller, { at, action: 'passkey-suspended', outcome: 'refused', detail: { accountId: row.account_id, factorId: row.id, kept: row.counter, given: counter } }),
      securityEventStep(database, { at, type: 'passkey-cloned', severity: 'high', accountId: row.account_id, detail: { factorId: row.id } }),
    ])
    notify(await account(row.account_id))
    return wrongSecondFactor('There is a copy of this passkey, so it is suspended. Prove it in another way, then delete this passkey and make a new one.')
  }
  return async (caller: Caller, { assertion, host, binding }: PasskeyUse): Promise<UsedPasskey> => {
    const site = siteOf(host)
    try {
      const challenge = challengeIn(assertion)
      if (!(await challenges.use(challenge, binding))) throw new PasskeyRefused('The challenge is unknown, over, used up, or was given for something else.')
      const row = await store.byCredential(credentialDigest(assertion.id))
      if (row === undefined || !isUsable(row) || row.domain !== site.domain) throw new PasskeyRefused('The passkey is unknown, suspended, or of another host.')
      if (binding.accountId !== null && row.account_id !== binding.accountId) throw new PasskeyRefused('The passkey is somebody else\'s.')
      if (binding.accountId === null && !isHandleOf(assertion, row.account_id)) throw new PasskeyRefused('The passkey names another account than its own.')
      const sealed = (await keyRing.sealerOf(row.account_id)).open(secretPlace(row.id), row.secret_sealed)
      const { counter } = await checkAssertion(assertion, { challenge, site, material: PasskeyMaterial.parse(JSON.parse(sealed)) })
      if ((counter > 0 || row.counter > 0) && counter <= row.counter) throw await suspend(caller, row, counter)
      return { accountId: row.account_id, use: store.advance(row.id, { at: clock.now(), counter }) }
    } catch (error) {
      throw error instanceof PasskeyRefused ? await refuse(caller, binding.accountId, error) : error
    }
  }
}
export type UsePasskey = ReturnType<typeof createPasskeyUse>

/** Where nobody has said who they are, the authenticator must: by the handle that it got when the passkey was made (section 7.2, step 6). */
const isHandleOf = ({ response }: PasskeyAssertion, accountId: string) =>
  typeof response.userHandle === 'string' && Buffer.from(response.userHandle, 'base64url').toString('utf8') === accountId

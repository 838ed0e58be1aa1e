import { factorKinds, type FactorKind, type PasskeyAssertion, type PasskeyRequestOptions, type SecondFactorProof } from '@sallyport/contract'
import { tokenDigest } from '../../kernel/digest.ts'
import type { Caller } from '../../kernel/handler.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { factorChallenge } from '../../policy/limits.ts'
import { isUsable, secretPlace, type FactorContext } from './context.ts'
import type { Proving } from './prove-factor.ts'
import { signInExpired, wrongSecondFactor } from './refusals.ts'
import { siteOf } from './site.ts'
import type { FactorRow } from './tables.ts'
import type { UsePasskey } from './use-passkey.ts'
import { PasskeyMaterial } from './webauthn.ts'

/** What a second step finishes: a browser's sign-in, or a program's token grant. */
export type SecondStep = 'sign-in' | 'token'
interface Completion { readonly challenge: string; readonly proof: SecondFactorProof; readonly purpose: SecondStep; readonly host: string }
interface PasskeyOptionsRequest { readonly challenge?: string | undefined; readonly host: string }

/** Sign-in in two steps, and by a passkey alone. */
export const createFactorSignIn = (context: FactorContext, proving: Proving, usePasskey: UsePasskey) => {
  const { store, keyRing, clock, challenges } = context

  const kindsOf = async (accountId: string, rows: readonly FactorRow[]): Promise<readonly FactorKind[]> => {
    const usable = new Set<FactorKind>(rows.filter(isUsable).map(({ kind }) => kind))
    if (await store.recoveryCodesLeft(accountId) > 0) usable.add('recovery-code')
    return factorKinds.filter((kind) => usable.has(kind))
  }
  const descriptorsOf = async (accountId: string, domain: string) => {
    const rows = (await store.ofAccount(accountId)).filter((row) => row.kind === 'passkey' && row.domain === domain && isUsable(row))
    const sealer = await keyRing.sealerOf(accountId)
    return rows.map((row) => {
      const { id, transports } = PasskeyMaterial.parse(JSON.parse(sealer.open(secretPlace(row.id), row.secret_sealed)))
      return { type: 'public-key' as const, id, transports }
    })
  }
  const requireActive = async (accountId: string) => {
    const account = await context.account(accountId)
    if (account.status !== 'active') throw wrongSecondFactor('Ask an administrator about your account.')
    return account
  }

  return {
    /**
     * To be called once a password, or another first factor, was right. Returns where the account has no second factor. Else throws
     * `second-factor-needed`, with a challenge that stands for what was proved: so only who has the password learns that there is one.
     */
    async demand(accountId: string, purpose: SecondStep): Promise<void> {
      const rows = await store.ofAccount(accountId)
      if (rows.length === 0) return
      const challenge = await challenges.begin({ purpose, accountId })
      throw new ProblemError('second-factor-needed', { detail: 'Give a code, or use a passkey, within five minutes.', members: { challenge, factors: await kindsOf(accountId, rows) } })
    },
    /** Finishes what `demand` began, once. Throws `wrong-second-factor`, `sign-in-expired` and `too-many-requests`. */
    async complete(caller: Caller, { challenge, proof, purpose, host }: Completion): Promise<{ readonly accountId: string; readonly secondFactorAt: number }> {
      const begun = await challenges.find(challenge, [purpose])
      if (begun === null) throw signInExpired()
      const { digest, account_id: accountId } = begun
      await requireActive(accountId)
      const steps = await proving.check(caller, { accountId, proof, host, parent: { digest, take: store.tryChallenge(digest, clock.now()), use: store.takeChallenge(digest, purpose, clock.now()) } })
      await proving.useUp(steps)
      return { accountId, secondFactorAt: clock.now() }
    },
    /** Checks a proof that needs no challenge of its own: from somebody signed in, or beside the password in one request. Throws as `complete`. */
    async prove(caller: Caller, { accountId, proof, host }: { readonly accountId: string; readonly proof: SecondFactorProof; readonly host: string }): Promise<{ readonly secondFactorAt: number }> {
      await proving.useUp(await proving.check(caller, { accountId, proof, host, parent: null }))
      return { secondFactorAt: clock.now() }
    },
    /**
     * What a browser needs to use a passkey: of the account whose sign-in waits, of the caller, or of whoever has one here. Throws
     * `sign-in-expired`, and `conflict` where the host is an address.
     */
    async passkeyOptions(caller: Caller, { challenge, host }: PasskeyOptionsRequest): Promise<PasskeyRequestOptions> {
      const { domain } = siteOf(host)
      const begun = challenge === undefined ? null : await challenges.find(challenge, ['sign-in', 'token'])
      if (challenge !== undefined && begun === null) throw signInExpired()
      const accountId = begun?.account_id ?? caller.scope?.accountId ?? null
      return {
        challenge: await challenges.begin({ purpose: accountId === null ? 'passkey-sign-in' : 'passkey-proof', accountId, ...(challenge !== undefined && { parent: tokenDigest(challenge) }) }),
        timeout: factorChallenge.seconds * 1_000, rpId: domain, userVerification: 'required',
        allowCredentials: accountId === null ? [] : await descriptorsOf(accountId, domain),
      }
    },
    /** Whose passkey it is. It is two factors in one: the device, and what its owner unlocks it with. Throws `wrong-second-factor`. */
    async signInByPasskey(caller: Caller, { assertion, host }: { readonly assertion: PasskeyAssertion; readonly host: string }): Promise<{ readonly accountId: string; readonly secondFactorAt: number }> {
      const { accountId, use } = await usePasskey(caller, { assertion, host, binding: { purpose: 'passkey-sign-in', accountId: null, parent: null } })
      await requireActive(accountId)
      await proving.useUp([store.forgiveTries(accountId), use])
      return { accountId, secondFactorAt: clock.now() }
    },
  }
}

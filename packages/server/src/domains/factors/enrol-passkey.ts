import type { PasskeyAttestation, PasskeyCreation } from '@sallyport/contract'
import { WriteConflict } from '../../database/database.ts'
import type { Caller } from '../../kernel/handler.ts'
import { newId } from '../../kernel/ids.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { requireScope } from '../../kernel/require-scope.ts'
import { factorChallenge } from '../../policy/limits.ts'
import { namePlace, secretPlace, type FactorContext } from './context.ts'
import type { Enrolled, Enrolling } from './enrol.ts'
import { wrongSecondFactor } from './refusals.ts'
import { siteOf } from './site.ts'
import type { FactorRow } from './tables.ts'
import { challengeIn, checkAttestation, credentialDigest, passkeyAlgorithms, PasskeyMaterial, PasskeyRefused } from './webauthn.ts'

/** Setting up a passkey. */
export const createPasskeyEnrolment = (context: FactorContext, { requireRoom, finish }: Enrolling) => {
  const { store, keyRing, clock, challenges } = context

  return {
    /** What the browser needs to make a passkey that is found without a name, and that its owner must unlock (WebAuthn level 3, section 5.4). */
    async beginPasskey(caller: Caller, host: string): Promise<PasskeyCreation> {
      const { accountId } = requireScope(caller)
      const { domain } = siteOf(host)
      await requireRoom(accountId, 'passkey')
      const { email, name } = await context.account(accountId)
      const sealer = await keyRing.sealerOf(accountId)
      const held = (await store.ofAccount(accountId)).filter((row) => row.kind === 'passkey' && row.domain === domain)
      return {
        rp: { id: domain, name: 'Sallyport' }, user: { id: Buffer.from(accountId).toString('base64url'), name: email, displayName: name },
        challenge: await challenges.begin({ purpose: 'passkey-enrolment', accountId }), timeout: factorChallenge.seconds * 1_000,
        pubKeyCredParams: passkeyAlgorithms.map((alg) => ({ type: 'public-key', alg })),
        excludeCredentials: held.map((row) => {
          const { id, transports } = PasskeyMaterial.parse(JSON.parse(sealer.open(secretPlace(row.id), row.secret_sealed)))
          return { type: 'public-key', id, transports }
        }),
        authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' }, attestation: 'none',
      }
    },
    /** Takes the passkey that the browser made. Throws `wrong-second-factor`. */
    async addPasskey(caller: Caller, { name, attestation, host }: { readonly name: string; readonly attestation: PasskeyAttestation; readonly host: string }): Promise<Enrolled> {
      const { accountId } = requireScope(caller)
      const site = siteOf(host)
      await requireRoom(accountId, 'passkey')
      try {
        const challenge = challengeIn(attestation)
        if (!(await challenges.use(challenge, { purpose: 'passkey-enrolment', accountId }))) throw new PasskeyRefused('The challenge is unknown, over, used up, or was given for something else.')
        const { material, counter, isSynced } = await checkAttestation(attestation, challenge, site)
        const at = clock.now()
        const id = newId('factor', at)
        const sealer = await keyRing.sealerOf(accountId)
        const row: FactorRow = {
          id, account_id: accountId, kind: 'passkey', name_sealed: sealer.seal(namePlace(id), name), counter, credential_digest: credentialDigest(material.id), domain: site.domain, is_synced: isSynced ? 1 : 0,
          secret_sealed: sealer.seal(secretPlace(id), JSON.stringify(material)), created_at: at, confirmed_at: at, last_used_at: null, suspended_at: null,
        }
        return await finish(caller, row, store.insert(row))
      } catch (error) {
        if (error instanceof WriteConflict) throw new ProblemError('conflict', { detail: 'This passkey is in use already.' })
        throw error instanceof PasskeyRefused ? wrongSecondFactor('The passkey was not taken. Begin again, in the window in which you opened Sallyport.', error) : error
      }
    },
  }
}

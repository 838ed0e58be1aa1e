import { createHash } from 'node:crypto'
import type { PasskeyAssertion, PasskeyAttestation } from '@sallyport/contract'
import * as z from 'zod'
import type { Site } from './site.ts'

/** COSE: EdDSA, ES256, RS256. */
export const passkeyAlgorithms = [-8, -7, -257] as const

/** What is kept of a passkey, sealed. */
export const PasskeyMaterial = z.strictObject({ id: z.string(), publicKey: z.string(), transports: z.array(z.string()) })
export type PasskeyMaterial = z.output<typeof PasskeyMaterial>

/** Why a passkey was not accepted. The message is for the log: it may hold what the browser sent. */
export class PasskeyRefused extends Error {
  override readonly name = 'PasskeyRefused'
}

const ClientData = z.looseObject({ type: z.string(), challenge: z.string().regex(/^[A-Za-z0-9_-]{43}$/), origin: z.string(), crossOrigin: z.boolean().optional() })

/** By what a passkey is found. */
export const credentialDigest = (id: string): Buffer => createHash('sha256').update(Buffer.from(id, 'base64url')).digest()

/** The challenge that the browser signed. Throws `PasskeyRefused` for client data that is none, or that a frame of another site made. */
export function challengeIn({ response }: PasskeyAttestation | PasskeyAssertion): string {
  const parsed = ClientData.safeParse(jsonIn(response.clientDataJSON))
  if (!parsed.success) throw new PasskeyRefused('The client data cannot be read.')
  if (parsed.data.crossOrigin === true) throw new PasskeyRefused('It was made in a frame of another site.')
  return parsed.data.challenge
}

function jsonIn(base64Url: string): unknown {
  try { return JSON.parse(Buffer.from(base64Url, 'base64url').toString('utf8')) }
  catch { return null }
}

/** 150 ms and 25 MB that a server without passkeys does not spend. */
const load = () => import('@simplewebauthn/server')
const loadHelpers = () => import('@simplewebauthn/server/helpers')

const orRefuse = async <Value>(checking: Promise<Value>): Promise<Value> =>
  checking.catch((error: unknown) => { throw new PasskeyRefused(error instanceof Error ? error.message : 'It cannot be read.', { cause: error }) })

interface NewPasskey { readonly material: PasskeyMaterial; readonly counter: number; readonly isSynced: boolean }

/**
 * Checks a new passkey (WebAuthn level 3, section 7.1): challenge, origin, relying party, presence and verification of its person.
 * Attestation is neither asked for nor looked at, so no certificate is followed anywhere. Throws `PasskeyRefused`.
 */
export async function checkAttestation(attestation: PasskeyAttestation, challenge: string, site: Site): Promise<NewPasskey> {
  const [{ verifyRegistrationResponse }, { decodeAttestationObject, isoBase64URL }] = await Promise.all([load(), loadHelpers()])
  const { id, rawId, type, response } = attestation
  return orRefuse((async () => {
    const object = decodeAttestationObject(isoBase64URL.toBuffer(response.attestationObject))
    // An authenticator may vouch for itself unasked; what brings certificates was asked for by somebody else.
    const isPlain = object.get('fmt') === 'none' || (object.get('fmt') === 'packed' && object.get('attStmt').get('x5c') === undefined)
    if (!isPlain) throw new PasskeyRefused('It brings an attestation that nobody asked for.')
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: { id, rawId, type, response: { clientDataJSON: response.clientDataJSON, attestationObject: response.attestationObject, transports: response.transports }, clientExtensionResults: {} },
      expectedChallenge: challenge, expectedOrigin: [...site.origins], expectedRPID: site.domain, supportedAlgorithmIDs: [...passkeyAlgorithms],
    })
    if (!verified) throw new PasskeyRefused('The signature is wrong.')
    const { credential, credentialBackedUp } = registrationInfo
    return {
      counter: credential.counter, isSynced: credentialBackedUp,
      material: { id: credential.id, publicKey: Buffer.from(credential.publicKey).toString('base64url'), transports: response.transports },
    }
  })())
}

export interface AssertionCheck { readonly challenge: string; readonly site: Site; readonly material: PasskeyMaterial }

/**
 * Checks the use of a passkey (section 7.2): challenge, origin, relying party, presence and verification of its person, signature. Gives
 * its counter, which the caller compares. Throws `PasskeyRefused`.
 */
export async function checkAssertion(assertion: PasskeyAssertion, { challenge, site, material }: AssertionCheck): Promise<{ readonly counter: number; readonly isSynced: boolean }> {
  const { verifyAuthenticationResponse } = await load()
  const { id, rawId, type, response } = assertion
  const { verified, authenticationInfo } = await orRefuse(verifyAuthenticationResponse({
    response: { id, rawId, type, response: { clientDataJSON: response.clientDataJSON, authenticatorData: response.authenticatorData, signature: response.signature }, clientExtensionResults: {} },
    expectedChallenge: challenge, expectedOrigin: [...site.origins], expectedRPID: site.domain,
    // Zero, so that a counter that went back is told apart from a passkey that is wrong.
    credential: { id: material.id, publicKey: Uint8Array.from(Buffer.from(material.publicKey, 'base64url')), counter: 0, transports: material.transports },
  }))
  if (!verified || id !== material.id) throw new PasskeyRefused('The signature is wrong.')
  return { counter: authenticationInfo.newCounter, isSynced: authenticationInfo.credentialBackedUp }
}

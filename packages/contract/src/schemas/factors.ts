import * as z from 'zod'
import { idOf, Moment, Name } from './common.ts'

/** What proves a person beside the password. Recovery codes stand in for a factor that was lost. */
export const factorKinds = ['totp', 'passkey', 'recovery-code'] as const
export const FactorKind = z.enum(factorKinds)
export type FactorKind = z.output<typeof FactorKind>

export const Factor = z.strictObject({
  id: idOf('factor'), kind: FactorKind.exclude(['recovery-code']), name: Name, createdAt: Moment, lastUsedAt: Moment.nullable(),
  suspendedAt: Moment.nullable().describe('A passkey of which a copy was used; it proves nothing any more'),
  domain: z.string().nullable().describe('The host name for which a passkey works; null for an authenticator app'),
  isSynced: z.boolean().describe('The passkey is kept by a service that copies it to other devices'),
})
export type Factor = z.output<typeof Factor>

export const FactorList = z.strictObject({
  items: z.array(Factor),
  recoveryCodesLeft: z.int().min(0),
  isRequired: z.boolean().describe('The role of this account demands a second factor: the last one cannot be deleted'),
})
export type FactorList = z.output<typeof FactorList>

export const FactorChange = z.strictObject({ name: Name })

export const TotpRequest = z.strictObject({ name: Name.default('Authenticator app') })
export const TotpEnrolment = z.strictObject({
  factorId: idOf('factor'),
  uri: z.string().describe('otpauth://totp/…, for a QR code. Shown this once'),
  secret: z.string().describe('The same seed as text (RFC 4648 base32), for typing. Shown this once'),
  expiresAt: Moment.describe('Until when it can be confirmed'),
})
export type TotpEnrolment = z.output<typeof TotpEnrolment>
const TotpCode = z.string().trim().regex(/^\d{3} ?\d{3}$/, 'Give the six digits that the authenticator app shows.').transform((code) => code.replace(' ', ''))
const RecoveryCode = z.string().trim().toUpperCase().regex(/^[0-9A-Z]{4}(?:[ -]?[0-9A-Z]{4}){3}$/, 'Give a whole recovery code: four groups of four letters and digits.')
  .transform((code) => code.replaceAll(/[ -]/g, ''))
export const TotpConfirmation = z.strictObject({ factorId: idOf('factor'), code: TotpCode })

export const RecoveryCodes = z.strictObject({ recoveryCodes: z.array(z.string()).describe('Each works once. Shown this once; only keyed hashes are stored') })
export const EnrolledFactor = z.strictObject({
  factor: Factor,
  recoveryCodes: z.array(z.string()).nullable().describe('With the first factor: ten codes, each for one use. Shown this once'),
})
export type EnrolledFactor = z.output<typeof EnrolledFactor>

const base64Url = (most: number) => z.string().regex(/^[A-Za-z0-9_-]+$/, 'Send base64url without padding.').max(most)
const CredentialId = base64Url(1_400)
const credential = {
  id: CredentialId, rawId: CredentialId, type: z.literal('public-key'),
  authenticatorAttachment: z.enum(['platform', 'cross-platform']).nullish(),
  clientExtensionResults: z.looseObject({}).default({}),
}
const Transports = z.array(z.string().regex(/^[a-z-]{1,20}$/)).max(8)

/** `PublicKeyCredential.toJSON()` after `navigator.credentials.create` (WebAuthn level 3, RegistrationResponseJSON). */
export const PasskeyAttestation = z.strictObject({
  ...credential,
  response: z.strictObject({
    clientDataJSON: base64Url(4_000), attestationObject: base64Url(12_000), transports: Transports.default([]),
    authenticatorData: base64Url(8_000).optional(), publicKey: base64Url(8_000).nullish(), publicKeyAlgorithm: z.int().optional(),
  }),
})
export type PasskeyAttestation = z.output<typeof PasskeyAttestation>
/** `PublicKeyCredential.toJSON()` after `navigator.credentials.get` (AuthenticationResponseJSON). */
export const PasskeyAssertion = z.strictObject({
  ...credential,
  response: z.strictObject({ clientDataJSON: base64Url(4_000), authenticatorData: base64Url(4_000), signature: base64Url(8_000), userHandle: base64Url(200).nullish() }),
})
export type PasskeyAssertion = z.output<typeof PasskeyAssertion>

const Descriptor = z.strictObject({ type: z.literal('public-key'), id: z.string(), transports: z.array(z.string()) })
/** What goes into `PublicKeyCredential.parseCreationOptionsFromJSON` (WebAuthn level 3, PublicKeyCredentialCreationOptionsJSON). */
export const PasskeyCreation = z.strictObject({
  rp: z.strictObject({ id: z.string(), name: z.string() }),
  user: z.strictObject({ id: z.string(), name: z.string(), displayName: z.string() }),
  challenge: z.string(), timeout: z.int(),
  pubKeyCredParams: z.array(z.strictObject({ type: z.literal('public-key'), alg: z.int() })),
  excludeCredentials: z.array(Descriptor),
  authenticatorSelection: z.strictObject({ residentKey: z.literal('required'), requireResidentKey: z.literal(true), userVerification: z.literal('required') }),
  attestation: z.literal('none'),
})
export type PasskeyCreation = z.output<typeof PasskeyCreation>
/** What goes into `PublicKeyCredential.parseRequestOptionsFromJSON` (PublicKeyCredentialRequestOptionsJSON). */
export const PasskeyRequestOptions = z.strictObject({
  challenge: z.string(), timeout: z.int(), rpId: z.string(), userVerification: z.literal('required'),
  allowCredentials: z.array(Descriptor).describe('Empty: any passkey that the browser has for this host'),
})
export type PasskeyRequestOptions = z.output<typeof PasskeyRequestOptions>

export const PasskeyRequest = z.strictObject({ name: Name, attestation: PasskeyAttestation })
/** The opaque challenge of a `second-factor-needed` problem. */
export const SignInChallenge = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'Send the challenge as it came, or sign in again.')
export const PasskeyOptionsRequest = z.strictObject({ challenge: SignInChallenge.optional().describe('From `second-factor-needed`: then for the passkeys of that account alone') })
export const PasskeySignInRequest = z.strictObject({ assertion: PasskeyAssertion })

/** One proof of a second factor, in one of three ways. */
export const SecondFactorProof = z.union([
  z.strictObject({ code: TotpCode }), z.strictObject({ recoveryCode: RecoveryCode }), z.strictObject({ assertion: PasskeyAssertion }),
], 'Send a code, a recoveryCode or an assertion.')
export type SecondFactorProof = z.output<typeof SecondFactorProof>
const challenge = { challenge: SignInChallenge }
export const SignInCompletion = z.union([
  z.strictObject({ ...challenge, code: TotpCode }), z.strictObject({ ...challenge, recoveryCode: RecoveryCode }), z.strictObject({ ...challenge, assertion: PasskeyAssertion }),
], 'Send the challenge with a code, a recoveryCode or an assertion.')

export const FactorsReset = z.strictObject({ removed: z.int().min(0).describe('How many factors the account had') })

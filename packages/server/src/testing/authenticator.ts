import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto'
import type { PasskeyAssertion, PasskeyAttestation, PasskeyCreation, PasskeyRequestOptions } from '@sallyport/contract'

/** What a hostile or broken client does differently. */
export interface AuthenticatorQuirks {
  readonly origin?: string
  readonly domain?: string
  readonly challenge?: string
  readonly userVerified?: boolean
  readonly crossOrigin?: boolean
  readonly counter?: number
  readonly userHandle?: string
  readonly credentialId?: string
  readonly type?: string
}
export interface SoftPasskey { readonly id: string; readonly privateKey: KeyObject; readonly domain: string; readonly userHandle: string; counter: number }

const base64Url = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url')
const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data).digest()

/** The head of a CBOR item (RFC 8949, section 3): a major type and a number below 2^16. */
function head(major: number, value: number): Buffer {
  if (value < 24) return Buffer.from([(major << 5) | value])
  return value < 256 ? Buffer.from([(major << 5) | 24, value]) : Buffer.from([(major << 5) | 25, value >> 8, value & 255])
}
const cbor = {
  int: (value: number) => (value < 0 ? head(1, -1 - value) : head(0, value)),
  bytes: (value: Uint8Array) => Buffer.concat([head(2, value.byteLength), value]),
  text: (value: string) => Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]),
  map: (entries: readonly (readonly [Buffer, Buffer])[]) => Buffer.concat([head(5, entries.length), ...entries.flat()]),
}

/** An ES256 key in COSE's form (RFC 9052, section 7). */
function toCose(publicKey: KeyObject): Buffer {
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
  return cbor.map([
    [cbor.int(1), cbor.int(2)], [cbor.int(3), cbor.int(-7)], [cbor.int(-1), cbor.int(1)],
    [cbor.int(-2), cbor.bytes(Buffer.from(x, 'base64url'))], [cbor.int(-3), cbor.bytes(Buffer.from(y, 'base64url'))],
  ])
}

function authenticatorData({ domain, counter, flags, attested = Buffer.alloc(0) }: { readonly domain: string; readonly counter: number; readonly flags: number; readonly attested?: Buffer }): Buffer {
  const count = Buffer.alloc(4)
  count.writeUInt32BE(counter)
  return Buffer.concat([sha256(domain), Buffer.from([flags]), count, attested])
}
const PRESENT = 1
const VERIFIED = 4
const ATTESTED = 64
const flagsOf = ({ userVerified = true }: AuthenticatorQuirks) => PRESENT | (userVerified ? VERIFIED : 0)
const clientData = (type: string, challenge: string, { origin, crossOrigin = false }: { readonly origin: string; readonly crossOrigin?: boolean | undefined }) => Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin }))

/** A browser with an authenticator of its own, in software: what it sends is in the form of WebAuthn level 3, and signed with a real key. */
export const createAuthenticator = (origin: string) => ({
  /** Makes a passkey as `navigator.credentials.create` does. */
  make(options: PasskeyCreation, quirks: AuthenticatorQuirks = {}): { readonly passkey: SoftPasskey; readonly attestation: PasskeyAttestation } {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const id = randomBytes(32)
    const domain = quirks.domain ?? options.rp.id
    const length = Buffer.from([0, id.byteLength])
    const data = authenticatorData({ domain, counter: quirks.counter ?? 0, flags: flagsOf(quirks) | ATTESTED, attested: Buffer.concat([Buffer.alloc(16), length, id, toCose(publicKey)]) })
    const object = cbor.map([[cbor.text('fmt'), cbor.text('none')], [cbor.text('attStmt'), cbor.map([])], [cbor.text('authData'), cbor.bytes(data)]])
    const client = clientData(quirks.type ?? 'webauthn.create', quirks.challenge ?? options.challenge, { origin: quirks.origin ?? origin, crossOrigin: quirks.crossOrigin })
    return {
      passkey: { id: base64Url(id), privateKey, domain, userHandle: options.user.id, counter: quirks.counter ?? 0 },
      attestation: { id: base64Url(id), rawId: base64Url(id), type: 'public-key', clientExtensionResults: {}, response: { clientDataJSON: base64Url(client), attestationObject: base64Url(object), transports: ['internal'] } },
    }
  },
  /** Uses a passkey as `navigator.credentials.get` does; its counter rises by one. */
  use(passkey: SoftPasskey, options: Pick<PasskeyRequestOptions, 'challenge'>, quirks: AuthenticatorQuirks = {}): PasskeyAssertion {
    passkey.counter = quirks.counter ?? passkey.counter + 1
    const data = authenticatorData({ domain: quirks.domain ?? passkey.domain, counter: passkey.counter, flags: flagsOf(quirks) })
    const client = clientData(quirks.type ?? 'webauthn.get', quirks.challenge ?? options.challenge, { origin: quirks.origin ?? origin, crossOrigin: quirks.crossOrigin })
    const signature = sign('sha256', Buffer.concat([data, sha256(client)]), passkey.privateKey)
    const id = quirks.credentialId ?? passkey.id
    return {
      id, rawId: id, type: 'public-key', clientExtensionResults: {},
      response: { clientDataJSON: base64Url(client), authenticatorData: base64Url(data), signature: base64Url(signature), userHandle: quirks.userHandle ?? passkey.userHandle },
    }
  },
})
export type Authenticator = ReturnType<typeof createAuthenticator>

import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto'
import type { ErasureCertificate, ErasureFacts } from '@sallyport/contract'
import { FIRST_VERSION, type VersionedKeys } from '../../kernel/seal.ts'
import { wipe } from '../../kernel/wipe.ts'

/** PKCS #8 of an Ed25519 private key up to its 32 bytes (RFC 8410, section 7). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')

/** `unknown-key`: it names a version of the key that this server does not have. */
export type Signed = 'ours' | 'changed' | 'unknown-key'
interface Signer { readonly privateKey: KeyObject; readonly publicKey: KeyObject; readonly shown: string }

/**
 * Signs and proves certificates with Ed25519 keys (RFC 8032) whose seeds are derived from the server's own data key, one for each of its versions. A certificate
 * names the version, and the signature covers that name: a rotation brings a new key, and what an older one has signed is still told by that.
 */
export function createCertifier(seeds: VersionedKeys) {
  const signers = new Map<number, Signer>()
  const signerOf = (version: number): Signer | null => {
    const known = signers.get(version)
    if (known !== undefined) return known
    const seed = seeds.of(version)
    if (seed === null) return null
    const made = toSigner(seed)
    signers.set(version, made)
    return made
  }
  return {
    /** The version that signs what is erased now. */
    version: (): number => seeds.current().version,
    /** The certificate of an erasure, signed by the version that was in use then; by the present one where that is not here, as after a restore. */
    certify(facts: Omit<ErasureFacts, 'signingKeyVersion'>, then: number): ErasureCertificate {
      const version = signerOf(then) === null ? seeds.current().version : then
      const signer = signerOf(version)
      if (signer === null) throw new Error('The server has no key to sign with.')
      const signed = { ...facts, signingKeyVersion: version }
      return { ...signed, publicKey: signer.shown, signature: sign(null, bytesOf(signed), signer.privateKey).toString('base64url') }
    },
    /** Whether this server signed it, under whichever version of its key, and it is as it was signed. */
    judge({ publicKey: given, signature, ...facts }: ErasureCertificate): Signed {
      const signer = signerOf(facts.signingKeyVersion ?? FIRST_VERSION)
      if (signer === null) return 'unknown-key'
      return given === signer.shown && verify(null, bytesOf(facts), signer.publicKey, Buffer.from(signature, 'base64url')) ? 'ours' : 'changed'
    },
  }
}

function toSigner(seed: KeyObject): Signer {
  const raw = seed.export()
  const der = Buffer.concat([PKCS8, raw])
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  wipe(raw, der)
  const publicKey = createPublicKey(privateKey)
  return { privateKey, publicKey, shown: publicKey.export({ format: 'jwk' }).x ?? '' }
}

/** JSON with the members of every object in order, so that it is the same however it was carried. */
const bytesOf = (facts: ErasureFacts): Buffer =>
  Buffer.from(`sallyport erasure certificate\n${JSON.stringify(facts, (_, value: unknown) => (typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1))) : value))}`)
export type Certifier = ReturnType<typeof createCertifier>

import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto'
import type { ErasureCertificate, ErasureFacts } from '@sallyport/contract'

/** PKCS #8 of an Ed25519 private key up to its 32 bytes (RFC 8410, section 7). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')

/** Signs and proves certificates with an Ed25519 key (RFC 8032) whose seed is derived from the server's own data key, so that it is the same after every restart, rotation and restore. */
export function createCertifier(seed: KeyObject) {
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8, seed.export()]), format: 'der', type: 'pkcs8' })
  const publicKey = createPublicKey(privateKey)
  const shown = publicKey.export({ format: 'jwk' }).x ?? ''
  return {
    certify: (facts: ErasureFacts): ErasureCertificate => ({ ...facts, publicKey: shown, signature: sign(null, bytesOf(facts), privateKey).toString('base64url') }),
    /** Whether this server signed it, and it is as it was signed. */
    isOurs: ({ publicKey: given, signature, ...facts }: ErasureCertificate): boolean => given === shown && verify(null, bytesOf(facts), publicKey, Buffer.from(signature, 'base64url')),
  }
}

/** JSON with the members of every object in order, so that it is the same however it was carried. */
const bytesOf = (facts: ErasureFacts): Buffer =>
  Buffer.from(`sallyport erasure certificate\n${JSON.stringify(facts, (_, value: unknown) => (typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1))) : value))}`)
export type Certifier = ReturnType<typeof createCertifier>

import { createCipheriv, createDecipheriv, createHash, createSecretKey, randomBytes } from 'node:crypto'
import { wipe } from '../../../kernel/wipe.ts'
import { VaultFailure, type KeyVault } from '../../../ports/key-vault.ts'

export const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** Names a key without giving it away. */
export const keyIdOf = (raw: Uint8Array): string => createHash('sha256').update('sallyport key id').update(raw).digest('hex').slice(0, 16)

/**
 * A vault over a key that this process holds: AES-256-GCM with the context as associated data. `keyId` names it; made from the key when left out. It takes the bytes over:
 * they are filled with zeroes once the key is imported.
 */
export function createLocalVault(raw: Uint8Array, keyId: string = keyIdOf(raw)): KeyVault {
  if (raw.byteLength !== KEY_BYTES) throw new VaultFailure(`The key has ${raw.byteLength} bytes where ${KEY_BYTES} are needed.`)
  const key = createSecretKey(raw)
  wipe(raw)
  return {
    keyId,
    wrap(plain, context) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context))
      return Promise.resolve(Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]))
    },
    unwrap(wrapped, context) {
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, wrapped.subarray(0, NONCE_BYTES))
          .setAAD(Buffer.from(context)).setAuthTag(wrapped.subarray(-TAG_BYTES))
        const opened = decipher.update(wrapped.subarray(NONCE_BYTES, -TAG_BYTES))
        // It is proved by its tag here; a stream cipher leaves nothing to be added.
        try { decipher.final() } catch (error) { wipe(opened); throw error }
        return Promise.resolve(opened)
      } catch (error) {
        return Promise.reject(new VaultFailure(`A wrapped key (${context}) does not open with key ${keyId}.`, { cause: error }))
      }
    },
  }
}

/** A new key as it is kept: 64 hexadecimal digits. */
export const newKeyText = (): string => randomBytes(KEY_BYTES).toString('hex')

/** Reads a kept key. Null when the text is not one. */
export const parseKeyText = (text: string): Uint8Array | null =>
  /^[0-9a-f]{64}$/.test(text.trim()) ? Buffer.from(text.trim(), 'hex') : null

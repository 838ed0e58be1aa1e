import { createCipheriv, createDecipheriv, createHmac, createSecretKey, hkdfSync, randomBytes, type KeyObject } from 'node:crypto'

/** Where a sealed value lives. It is bound to the ciphertext: a value moved to another row or column does not open (SEC-3). */
export interface Place { readonly table: string; readonly rowId: string; readonly column: string }

/** Seals values under the newest data key of one owner, and opens those sealed under any of the owner's versions. */
export interface Sealer {
  seal(place: Place, text: string): Uint8Array
  /** Throws `SealBroken` when the bytes were altered, moved, cut, or belong to another owner. */
  open(place: Place, sealed: Uint8Array): string
  /** A key for another purpose that follows from the owner's first data key, such as word hashes. Stable over rotation. */
  derive(purpose: string): KeyObject
}

export class SealBroken extends Error {
  override readonly name = 'SealBroken'
}

const FORMAT = 1
const HEADER_BYTES = 5
const NONCE_BYTES = 12
const TAG_BYTES = 16
export const DATA_KEY_BYTES = 32

/**
 * Format: one byte of format, four of key version, 96 random bits of nonce, ciphertext, 128 bits of tag (AES-256-GCM, NIST SP 800-38D).
 * `keys` are raw data keys by version; the highest seals.
 */
export function createSealer(ownerId: string, keys: ReadonlyMap<number, Uint8Array>): Sealer {
  const objects = new Map([...keys].map(([version, raw]) => [version, createSecretKey(raw)]))
  const newest = Math.max(...keys.keys())
  const oldest = keys.get(Math.min(...keys.keys()))
  const sealing = objects.get(newest)
  if (sealing === undefined || oldest === undefined) throw new SealBroken(`There is no data key for ${ownerId}.`)
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeUInt8(FORMAT, 0)
  header.writeUInt32BE(newest, 1)

  return {
    seal(place, text) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', sealing, nonce).setAAD(associated(ownerId, place, newest))
      return Buffer.concat([header, nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
    },
    open(place, sealed) {
      const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength)
      if (bytes.byteLength < HEADER_BYTES + NONCE_BYTES + TAG_BYTES || bytes[0] !== FORMAT) throw new SealBroken('The sealed value is cut or of an unknown format.')
      const version = bytes.readUInt32BE(1)
      const key = objects.get(version)
      if (key === undefined) throw new SealBroken(`Data key version ${version} of ${ownerId} is gone.`)
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(HEADER_BYTES, HEADER_BYTES + NONCE_BYTES))
          .setAAD(associated(ownerId, place, version)).setAuthTag(bytes.subarray(-TAG_BYTES))
        return decipher.update(bytes.subarray(HEADER_BYTES + NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
      } catch (error) {
        throw new SealBroken(`A sealed value of ${place.table}.${place.column} does not open.`, { cause: error })
      }
    },
    derive: (purpose) => createSecretKey(Buffer.from(hkdfSync('sha256', oldest, ownerId, purpose, DATA_KEY_BYTES))),
  }
}

const associated = (ownerId: string, { table, rowId, column }: Place, version: number): Buffer =>
  Buffer.from([ownerId, table, rowId, column, String(version)].join('\0'))

/** HMAC-SHA-256, for look-up columns. */
export const keyedHash = (key: KeyObject, text: string): Buffer => createHmac('sha256', key).update(text).digest()

import { createCipheriv, createDecipheriv, createHmac, createSecretKey, randomBytes, type KeyObject } from 'node:crypto'
import { wipe } from './wipe.ts'

/** Where a sealed value lives. It is bound to the ciphertext: a value moved to another row or column does not open (SEC-3). */
export interface Place { readonly table: string; readonly rowId: string; readonly column: string }

/** Seals values under the newest data key of one owner, and opens those sealed under any of the owner's versions. */
export interface Sealer {
  seal(place: Place, text: string): Uint8Array
  /** Throws `SealBroken` when the bytes were altered, moved, cut, or belong to another owner. */
  open(place: Place, sealed: Uint8Array): string
  /** A key for another purpose, such as word hashes. It follows from the owner's first data key, and stays when that key is retired. */
  derive(purpose: string): KeyObject
  /** Keys for another purpose that change with each rotation: one for each version of the owner's data key, also of those that are gone. */
  versionsFor(purpose: string): VersionedKeys
}

/** Keys of one purpose by version. What one has marked names its version, and holds for as long as that is here. */
export interface VersionedKeys {
  /** What marks now. */
  current(): { readonly version: number; readonly key: KeyObject }
  /** Null for a version that this owner has none of. */
  of(version: number): KeyObject | null
}

/** Raw data keys by version, and the version that seals. Versions from 0 down are roots of what is derived: they seal nothing. Whoever gives them wipes them afterwards. */
export interface SealingKeys { readonly keys: ReadonlyMap<number, Uint8Array>; readonly sealing: number }

/** A sealer whose keys can be replaced while others hold it. */
export interface LiveSealer extends Sealer {
  /** From now on these keys, and no others. No keys at all end it: every use throws. */
  replace(keys: SealingKeys | null): void
}

export class SealBroken extends Error {
  override readonly name = 'SealBroken'
}

/** What a sealed value says; null where it does not open, for whoever goes on without it. Who keeps the sealers has heard of it then. */
export function openIfWhole(sealer: Pick<Sealer, 'open'>, place: Place, sealed: Uint8Array): string | null {
  try {
    return sealer.open(place, sealed)
  } catch (error) {
    if (error instanceof SealBroken) return null
    throw error
  }
}

/** Hears of values as they are opened, and of those that do not open though their owner has keys. */
export interface SealerEars { readonly onOpen?: (place: Place) => void; readonly onBroken?: (place: Place) => void }

const FORMAT = 1
const HEADER_BYTES = 5
const NONCE_BYTES = 12
const TAG_BYTES = 16
export const DATA_KEY_BYTES = 32
/** The version under which the root of derivation is kept once a rotation has begun. */
export const ROOT_VERSION = 0
/** The version that every owner begins with. */
export const FIRST_VERSION = 1
/** Where the root of one version is kept: that of the first under 0, that of any other as far below. */
export const rootVersionOf = (version: number): number => (version === FIRST_VERSION ? ROOT_VERSION : -version)

/** What a sealed value says of itself: the version of the data key that it needs. Null for what is no sealed value. */
export const sealedVersion = (sealed: Uint8Array): number | null =>
  (sealed.byteLength < HEADER_BYTES + NONCE_BYTES + TAG_BYTES || sealed[0] !== FORMAT ? null : Buffer.from(sealed.buffer, sealed.byteOffset, HEADER_BYTES).readUInt32BE(1))

/**
 * The root from which derived keys follow: HKDF-Extract of a data key (RFC 5869, section 2.2). Whoever has it can derive, and opens nothing, so it may stay
 * when that data key goes. What must never change follows from that of the first.
 */
export const rootOf = (ownerId: string, firstKey: Uint8Array): Buffer => createHmac('sha256', ownerId).update(firstKey).digest()

/** A sealer over fixed keys; the highest version seals. */
export const createSealer = (ownerId: string, keys: ReadonlyMap<number, Uint8Array>): Sealer =>
  createLiveSealer(ownerId, { keys, sealing: Math.max(...keys.keys()) })

/** Format: one byte of format, four of key version, 96 random bits of nonce, ciphertext, 128 bits of tag (AES-256-GCM, NIST SP 800-38D). */
export function createLiveSealer(ownerId: string, initial: SealingKeys, { onOpen, onBroken }: SealerEars = {}): LiveSealer {
  let now = prepare(ownerId, initial)
  const broken = (place: Place, message: string, cause?: unknown): SealBroken => {
    onBroken?.(place)
    return new SealBroken(message, { cause })
  }
  return {
    replace(keys) { now = keys === null ? null : prepare(ownerId, keys) },
    seal(place, text) {
      const { header, sealing, version } = inUse(ownerId, now)
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', sealing, nonce).setAAD(associated(ownerId, place, version))
      return Buffer.concat([header, nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
    },
    open(place, sealed) {
      onOpen?.(place)
      const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength)
      const version = sealedVersion(bytes)
      if (version === null) throw broken(place, 'The sealed value is cut or of an unknown format.')
      const key = inUse(ownerId, now).opening.get(version)
      if (key === undefined) throw broken(place, `Data key version ${version} of ${ownerId} is gone.`)
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(HEADER_BYTES, HEADER_BYTES + NONCE_BYTES))
          .setAAD(associated(ownerId, place, version)).setAuthTag(bytes.subarray(-TAG_BYTES))
        return decipher.update(bytes.subarray(HEADER_BYTES + NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
      } catch (error) {
        throw broken(place, `A sealed value of ${place.table}.${place.column} does not open.`, error)
      }
    },
    derive: (purpose) => expand(inUse(ownerId, now).root, purpose),
    versionsFor: (purpose) => ({
      current() {
        const { version, roots } = inUse(ownerId, now)
        const root = roots.get(version)
        if (root === undefined) throw new SealBroken(`There is no data key for ${ownerId}.`)
        return { version, key: expand(root, purpose) }
      },
      of(version) {
        const root = inUse(ownerId, now).roots.get(version)
        return root === undefined ? null : expand(root, purpose)
      },
    }),
  }
}

interface Prepared { readonly opening: ReadonlyMap<number, KeyObject>; readonly sealing: KeyObject; readonly version: number; readonly header: Buffer; readonly root: KeyObject; /** By the version that each is of. */ readonly roots: ReadonlyMap<number, KeyObject> }

function prepare(ownerId: string, { keys, sealing: version }: SealingKeys): Prepared | null {
  const live = [...keys].filter(([each]) => each > ROOT_VERSION)
  const opening = new Map(live.map(([each, raw]) => [each, createSecretKey(raw)]))
  const sealing = opening.get(version)
  const first = keys.get(Math.min(...opening.keys()))
  if (sealing === undefined || first === undefined) throw new SealBroken(`There is no data key for ${ownerId}.`)
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeUInt8(FORMAT, 0)
  header.writeUInt32BE(version, 1)
  const kept = keys.get(ROOT_VERSION)
  const root = kept === undefined ? rootKeyOf(ownerId, first) : createSecretKey(kept)
  const roots = new Map(live.map(([each, raw]) => [each, rootKeyOf(ownerId, raw)]))
  for (const [each, raw] of keys) if (each < ROOT_VERSION) roots.set(-each, createSecretKey(raw))
  return { opening, sealing, version, header, root, roots: roots.set(FIRST_VERSION, root) }
}

/** The root of a data key, of which no raw bytes are left. */
function rootKeyOf(ownerId: string, key: Uint8Array): KeyObject {
  const raw = rootOf(ownerId, key)
  const root = createSecretKey(raw)
  wipe(raw)
  return root
}

/** HKDF-Expand of one block (RFC 5869, section 2.3). */
function expand(root: KeyObject, purpose: string): KeyObject {
  const raw = createHmac('sha256', root).update(purpose).update(Buffer.of(1)).digest()
  const key = createSecretKey(raw)
  wipe(raw)
  return key
}

function inUse(ownerId: string, prepared: Prepared | null): Prepared {
  if (prepared === null) throw new SealBroken(`The data keys of ${ownerId} are gone.`)
  return prepared
}

const associated = (ownerId: string, { table, rowId, column }: Place, version: number): Buffer =>
  Buffer.from([ownerId, table, rowId, column, String(version)].join('\0'))

/** HMAC-SHA-256, for look-up columns. */
export const keyedHash = (key: KeyObject, text: string): Buffer => createHmac('sha256', key).update(text).digest()

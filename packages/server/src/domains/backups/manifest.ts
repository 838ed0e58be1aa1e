import { createHash, timingSafeEqual, type KeyObject } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import * as z from 'zod'
import { isBlobName } from '../../kernel/blob-name.ts'
import { FIRST_VERSION, keyedHash, type VersionedKeys } from '../../kernel/seal.ts'

const BlobName = z.string().refine(isBlobName)
const Vault = z.strictObject({ kind: z.string().regex(/^[a-z0-9-]{1,40}$/), keyId: z.string().regex(/^[\w:./+=@-]{1,200}$/) })
const Digest = z.string().regex(/^[0-9a-f]{64}$/)
const Count = z.int().min(0)

/** One file of a backup set: what it is when it is whole. */
export const SealedFile = z.strictObject({ file: BlobName, bytes: Count, sha256: Digest, rows: Count, textBytes: Count, content: Digest })
export type SealedFile = z.output<typeof SealedFile>

/** `20261121t085000z-1a2b3c4d`: when it was made, and something random. */
export const backupNamePattern = /^\d{8}t\d{6}z-[0-9a-f]{8}$/

/** Which version of the store's key has marked it: the first one where it does not say, as manifests from before that did not. */
const KeyVersion = z.int().min(FIRST_VERSION).optional()

/** What is told of a backup beside it, in clear: no text, no name of a person, no key. */
export const BackupManifest = z.strictObject({
  format: z.literal(1), name: z.string().regex(backupNamePattern), storeId: z.string().max(100), madeAt: z.iso.datetime(),
  migrations: z.array(z.string().max(100)).max(10_000), vault: Vault, recipients: z.array(z.string().max(4_000)).max(50),
  dump: SealedFile, tables: z.record(z.string().max(100), Count), verifiedAt: z.iso.datetime(), macKeyVersion: KeyVersion, mac: Digest,
  /** Where it holds one conversation alone. */
  conversation: z.string().max(100).optional(),
})
export type BackupManifest = z.output<typeof BackupManifest>

/** What is told of the wrapped data keys, which all backups of a set share. */
export const KeysManifest = z.strictObject({ format: z.literal(1), storeId: z.string().max(100), madeAt: z.iso.datetime(), vault: Vault, keys: SealedFile, macKeyVersion: KeyVersion, mac: Digest })
export type KeysManifest = z.output<typeof KeysManifest>

export const KEYS_MANIFEST = 'keys.json'
/** What is said where it is not there. */
export const KEYS_MISSING = 'The wrapped keys (keys.json) are missing: without them no backup opens. Make a new one.'
export const MOST_MANIFEST_BYTES = 1_048_576
export const manifestNameOf = (name: string) => `${name}.json`
/** The name of a new backup. */
export const newBackupName = (madeAt: string, random: string) => `${madeAt.slice(0, 19).replaceAll(/[-:]/g, '').toLowerCase()}z-${random}`
export const keysFilePattern = /^keys-[0-9a-f]{16}\.age$/
export const dumpFilePattern = /^\d{8}t\d{6}z-[0-9a-f]{8}\.age$/

/** Whether a file has the name of one that a backup consists of. */
export const isBackupFile = (name: string): boolean => name === KEYS_MANIFEST || keysFilePattern.test(name) || dumpFilePattern.test(name.replace(/\.json$/, '.age'))

/** Marks a manifest as made by whoever holds the server's own data key: without it, anybody who knows a recipient could make "backups" of this store. The version of the key is marked too. */
export function withMac<Fields extends object>(fields: Fields, keys: VersionedKeys): Fields & { readonly macKeyVersion: number; readonly mac: string } {
  const { version, key } = keys.current()
  const marked = { ...fields, macKeyVersion: version }
  return { ...marked, mac: macOf(marked, key) }
}

/** Why a manifest is not to be believed; null where it is as this store made it, under whichever version of its key. */
export function macProblem({ mac, ...fields }: BackupManifest | KeysManifest, keys: VersionedKeys): string | null {
  const version = fields.macKeyVersion ?? FIRST_VERSION
  const key = keys.of(version)
  if (key === null) return `It says that version ${version} of this store's key has marked it, and this store has no such version.`
  return timingSafeEqual(Buffer.from(mac, 'hex'), Buffer.from(macOf(fields, key), 'hex')) ? null : 'It was altered, or was not made by this store.'
}

const macOf = (fields: object, key: KeyObject) => keyedHash(key, stable(fields)).toString('hex')

/** JSON with the members of every object in order, so that it is the same however it was written. */
const stable = (value: object): string =>
  JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? Object.fromEntries(Object.entries(inner).toSorted(([left], [right]) => (left < right ? -1 : 1))) : inner))

/** The SHA-256 of a file. */
export async function sha256Of(path: string): Promise<string> {
  const digest = createHash('sha256')
  await pipeline(createReadStream(path, { highWaterMark: 1_048_576 }), digest)
  return digest.digest('hex')
}

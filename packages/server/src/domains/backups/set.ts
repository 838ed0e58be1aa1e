import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type * as z from 'zod'
import type { BlobStore } from '../../ports/blob-store.ts'
import { BackupManifest, KEYS_MANIFEST, KeysManifest, keysFilePattern, manifestNameOf, MOST_MANIFEST_BYTES, sha256Of, type SealedFile } from './manifest.ts'

/** A backup that may not be used. `message` says why and what to do; it is shown to the operator. */
export class BackupRefused extends Error {
  override readonly name = 'BackupRefused'
}

/** A manifest that says nothing any more. */
export class ManifestDamaged extends BackupRefused {}
/** What to do about the file that names the wrapped keys. */
const KEYS_MEND = ' While the server runs, its next backup writes that file anew. Otherwise take it, with the keys-….age that it names, from another copy of the folder.'

/** Reads and writes the files of a backup set. `scratch` is a directory of this process's own. */
export function createSet(store: BlobStore, scratch: string) {
  const read = async <Schema extends z.ZodType>(name: string, schema: Schema): Promise<z.output<Schema> | null> => {
    const path = join(scratch, `reading-${crypto.randomUUID()}.json`)
    try {
      if (!await store.get(name, path, MOST_MANIFEST_BYTES)) return null
      const text = await readFile(path, 'utf8')
      const value = parseJson(text)
      const parsed = schema.safeParse(value)
      // Byte for byte as it was written: there is one way to write a manifest.
      if (!parsed.success || text !== writeManifest(value)) throw new ManifestDamaged(`${name} is damaged, or was made by a newer version of Sallyport.${name === KEYS_MANIFEST ? KEYS_MEND : ''}`)
      return parsed.data
    } finally {
      await rm(path, { force: true })
    }
  }
  return {
    /** Throws `BackupRefused` for one that is not readable; null when there is none of that name. */
    manifest: async (name: string): Promise<BackupManifest | null> => {
      const manifest = await read(manifestNameOf(name), BackupManifest)
      if (manifest !== null && (manifest.name !== name || manifest.dump.file !== `${name}.age`)) throw new BackupRefused(`${name} says that it is another backup.`)
      return manifest
    },
    keys: async (): Promise<KeysManifest | null> => {
      const manifest = await read(KEYS_MANIFEST, KeysManifest)
      if (manifest !== null && !keysFilePattern.test(manifest.keys.file)) throw new ManifestDamaged(`${KEYS_MANIFEST} names a file that holds no keys.`)
      return manifest
    },
    /** Every readable backup, newest first; the names of those that are not, beside them. */
    async list(): Promise<{ readonly manifests: readonly BackupManifest[]; readonly unreadable: readonly string[]; /** The bytes of each file that is there. */ readonly bytesOf: ReadonlyMap<string, number> }> {
      const manifests: BackupManifest[] = []
      const unreadable: string[] = []
      const stored = await store.list()
      for (const { name } of stored) {
        if (!/^\d{8}t.*\.json$/.test(name)) continue
        const manifest = await read(name, BackupManifest).catch(() => null)
        if (manifest !== null && manifestNameOf(manifest.name) === name) manifests.push(manifest)
        else unreadable.push(name)
      }
      return { manifests: manifests.toSorted((left, right) => (left.madeAt < right.madeAt ? 1 : -1)), unreadable, bytesOf: new Map(stored.map(({ name, bytes }) => [name, bytes])) }
    },
    /** Copies a file to `path`, and checks that it is the one that its manifest describes. Throws `BackupRefused`. */
    async fetch({ file, bytes, sha256 }: SealedFile, path: string): Promise<void> {
      const found = (await store.list()).find(({ name }) => name === file)
      if (found === undefined) throw new BackupRefused(`${file} is missing. Copy the whole folder, and try again.`)
      if (found.bytes !== bytes || !await store.get(file, path, bytes) || await sha256Of(path) !== sha256) {
        throw new BackupRefused(`${file} is damaged: it is not the file that was stored. Take another copy of it, or another backup.`)
      }
    },
  }
}
export type BackupSet = ReturnType<typeof createSet>

/** How a manifest is written. */
export const writeManifest = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { StoreSource } from '../../database/snapshot.ts'
import { toMoment, type Clock } from '../../kernel/clock.ts'
import type { VersionedKeys } from '../../kernel/seal.ts'
import type { BlobStore } from '../../ports/blob-store.ts'
import { KEYS_REPLACED, readFormerKeys } from './former-keys.ts'
import { dumpFilePattern, KEYS_MANIFEST, keysFilePattern, manifestNameOf, newBackupName, withMac, type BackupManifest, type SealedFile } from './manifest.ts'
import { chooseKept, type Kept } from './retention.ts'
import { startRun, type BackupRun } from './run-worker.ts'
import { createSet, writeManifest } from './set.ts'

export type Stage = 'reading' | 'storing' | 'checking' | 'tidying'
export interface Progress { readonly stage: Stage; readonly done: number; readonly total: number }

export interface BackupPlace {
  readonly store: BlobStore
  readonly source: StoreSource
  readonly storeId: string
  readonly vault: { readonly kind: string; readonly keyId: string }
  /** Marks what this store made. */
  readonly macKeys: VersionedKeys
  /** Where files lie until they are stored: a directory of the server's own. */
  readonly staging: string
  readonly clock: Clock
  readonly kept: Kept
}
export interface MakeOptions { readonly recipients: readonly string[]; readonly onProgress: (progress: Progress) => void; readonly onRun: (run: BackupRun) => void; /** Told before backups are removed, so that nobody misses them. */ readonly onRemove: (names: readonly string[]) => Promise<void> }

/** A backup that was made; and what was wrong in its folder and is mended, null where nothing was. */
export interface MadeBackup { readonly manifest: BackupManifest; readonly warning: string | null }

/**
 * Makes a backup, and proves it: snapshot, files, stored, read back, restored into a scratch place, and only then its manifest, without
 * which it counts for nothing. Then what retention no longer keeps is removed. Throws when any of it fails; older backups stay as they are.
 */
export async function makeBackup(place: BackupPlace, { recipients, onProgress, onRun, onRemove }: MakeOptions): Promise<MadeBackup> {
  const { store, storeId, vault, clock } = place
  const staging = await newStaging(place.staging, 'backup-')
  try {
    const set = createSet(store, staging)
    const { isDamaged } = await readFormerKeys(place, staging)
    const madeAt = toMoment(clock.now())
    const name = newBackupName(madeAt, randomBytes(4).toString('hex'))
    onProgress({ stage: 'reading', done: 0, total: 0 })
    let stage: Stage = 'reading'
    const run = startRun({ source: place.source, recipients, head: { storeId, madeAt }, staging }, (done, total) => { onProgress({ stage, done, total }) })
    onRun(run)
    const made = await run.make()
    stage = 'storing'
    onProgress({ stage, done: 0, total: made.dump.rows })
    const dump: SealedFile = { file: `${name}.age`, ...made.dump }
    const keys: SealedFile = { file: `keys-${randomBytes(8).toString('hex')}.age`, ...made.keys }
    await store.put(dump.file, join(staging, 'dump.age'))
    await store.put(keys.file, join(staging, 'keys.age'))
    stage = 'checking'
    onProgress({ stage, done: 0, total: made.dump.rows })
    const request = { dumpPath: join(staging, 'read-dump.age'), keysPath: join(staging, 'read-keys.age') }
    await set.fetch(dump, request.dumpPath)
    await set.fetch(keys, request.keysPath)
    await run.check(request)
    onProgress({ stage: 'tidying', done: made.dump.rows, total: made.dump.rows })
    const manifest = withMac({ format: 1 as const, name, storeId, madeAt, migrations: [...made.migrations], vault, recipients: [...recipients], dump, tables: made.tables, verifiedAt: toMoment(clock.now()) }, place.macKeys)
    // The newest keys first: every backup, also the older ones, is opened with them, and with no others (PRI-4).
    await putJson(place, KEYS_MANIFEST, { staging, value: withMac({ format: 1, storeId, madeAt, vault, keys }, place.macKeys) })
    await putJson(place, manifestNameOf(name), { staging, value: manifest })
    await tidy(place, { staging, keysFile: keys.file, onRemove })
    return { manifest, warning: isDamaged ? KEYS_REPLACED : null }
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
}

/** Writes a manifest into the store. */
export async function putJson({ store }: Pick<BackupPlace, 'store'>, name: string, { staging, value }: { readonly staging: string; readonly value: object }): Promise<void> {
  const path = join(staging, name)
  await writeFile(path, writeManifest(value), { mode: 0o600 })
  await store.put(name, path)
}

/** Removes former keys, backups that retention no longer keeps, and files of attempts that never became a backup. Of other stores, nothing. */
async function tidy({ store, storeId, kept, clock }: BackupPlace, { staging, keysFile, onRemove }: Pick<MakeOptions, 'onRemove'> & { readonly staging: string; readonly keysFile: string }): Promise<void> {
  const { manifests, unreadable } = await createSet(store, staging).list()
  const own = manifests.filter((manifest) => manifest.storeId === storeId)
  const chosen = chooseKept(own, kept, clock.now())
  const removed = own.filter((manifest) => !chosen.has(manifest))
  if (removed.length > 0) await onRemove(removed.map(({ name }) => name))
  for (const { name, dump } of removed) {
    // The manifest first: what is cut off here is no backup, and is removed at the next one.
    await store.remove(manifestNameOf(name))
    await store.remove(dump.file)
  }
  const named = new Set([...[...manifests].filter((manifest) => manifest.storeId !== storeId || chosen.has(manifest)).map(({ dump }) => dump.file), ...unreadable.map((name) => name.replace(/\.json$/, '.age'))])
  for (const { name } of await store.list()) {
    if ((keysFilePattern.test(name) && name !== keysFile) || (dumpFilePattern.test(name) && !named.has(name))) await store.remove(name)
  }
}

/** A new directory for one attempt; what a killed one left behind is removed. */
export async function newStaging(parent: string, prefix: 'backup-' | 'keys-' | 'check-'): Promise<string> {
  await mkdir(parent, { recursive: true, mode: 0o700 })
  for (const name of await readdir(parent)) {
    if (name.startsWith(prefix)) await rm(join(parent, name), { recursive: true, force: true })
  }
  return mkdtemp(join(parent, prefix))
}

import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { openSnapshot } from '../../database/open-snapshot.ts'
import { toMoment } from '../../kernel/clock.ts'
import { writeDump } from './dump.ts'
import { readFormerKeys } from './former-keys.ts'
import { newStaging, putJson, type BackupPlace } from './make-backup.ts'
import { KEYS_MANIFEST, keysFilePattern, withMac } from './manifest.ts'
import { writeSealed } from './sealed-file.ts'

/**
 * Puts a new copy of the wrapped data keys beside the backups, in place of the former one: from then on no backup opens what was sealed under
 * a key that is gone (PRI-4). Gives when; null where no backup was ever made, so that there is nothing to close. Throws when it cannot be done.
 */
export async function renewKeys(place: BackupPlace, recipients: readonly string[]): Promise<number | null> {
  const { store, storeId, vault, clock } = place
  const staging = await newStaging(place.staging, 'keys-')
  try {
    const former = await readFormerKeys(place, staging)
    if (former.keys === null && !former.isDamaged) return null
    const at = clock.now()
    const madeAt = toMoment(at)
    const snapshot = await openSnapshot(place.source)
    try {
      const written = await writeSealed(join(staging, 'keys.age'), recipients, writeDump(snapshot, { head: { storeId, madeAt }, wants: (table) => table === 'data_key' }))
      const { bytes, sha256, facts: { rows, textBytes, content } } = written
      const keys = { file: `keys-${randomBytes(8).toString('hex')}.age`, bytes, sha256, rows, textBytes, content }
      await store.put(keys.file, join(staging, 'keys.age'))
      await putJson(place, KEYS_MANIFEST, { staging, value: withMac({ format: 1, storeId, madeAt, vault, keys }, place.macKeys) })
      for (const { name } of await store.list()) if (keysFilePattern.test(name) && name !== keys.file) await store.remove(name)
      return at
    } finally {
      await snapshot.close()
    }
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
}

import { openBackupStore } from '../../compose/backups.ts'
import { openVault } from '../../compose/store.ts'
import type { Config } from '../../config/load.ts'
import { migrationNames } from '../../database/migrate.ts'
import { BackupRefused, MANIFEST_MARK, openSet, type OpenedSet } from '../../domains/backups/index.ts'
import { sealerFrom, SERVER_KEYS } from '../../domains/secrets/index.ts'
import { SealBroken } from '../../kernel/seal.ts'
import type { Secret } from '../../kernel/secret.ts'
import type { KeyVault } from '../../ports/key-vault.ts'

export interface BackupChoice {
  readonly name: string
  /** Where the backups are; the configured folder when left out. */
  readonly folder?: string
  readonly identities: readonly Secret[]
  readonly onProgress?: (stage: 'reading' | 'migrating' | 'trying', done: number, total: number) => void
}

export interface OpenedBackup { readonly set: OpenedSet; readonly vault: KeyVault }

/** Opens a backup with the operator's identity and the key-encryption key, and proves what can be proved before a row is read. Throws `BackupRefused` and `VaultFailure`. */
export async function openBackup(config: Config, { name, folder, identities }: BackupChoice, { scratch, storeId }: { readonly scratch: string; readonly storeId: string | null }): Promise<OpenedBackup> {
  let vault: KeyVault | null = null
  const set = await openSet({
    store: openBackupStore(config, folder), name, identities, scratch, storeId, known: migrationNames(),
    macKeyFrom: async (keys, made) => {
      const opened = await openVault(config, { vault: made })
      vault = opened
      try {
        return (await sealerFrom(opened, SERVER_KEYS, keys.filter(({ owner_id }) => owner_id === SERVER_KEYS))).derive(MANIFEST_MARK)
      } catch (error) {
        throw error instanceof SealBroken ? new BackupRefused('The backup lacks the key of the server itself.', { cause: error }) : error
      }
    },
  })
  if (vault === null) throw new BackupRefused('The backup was not opened.')
  return { set, vault }
}

import { openBackupStore } from '../../compose/backups.ts'
import { openVault } from '../../compose/store.ts'
import type { OpenVault } from '../../compose/vault.ts'
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
interface OpenPlace { readonly scratch: string; readonly storeId: string | null }

/**
 * Opens a backup with the operator's identity and the key-encryption key, and proves what can be proved before a row is read; then does the work, and lets go of the
 * vault. Throws `BackupRefused` and `VaultFailure`.
 */
export async function withBackup<Result>({ config, choice, place }: { readonly config: Config; readonly choice: BackupChoice; readonly place: OpenPlace }, work: (opened: OpenedBackup) => Promise<Result>): Promise<Result> {
  const { name, folder, identities } = choice
  let open: OpenVault | null = null
  const backups = openBackupStore(config, folder)
  try {
    const set = await openSet({
      store: backups.store, name, identities, ...place, known: migrationNames(),
      macKeyFrom: async (keys, made) => {
        open = await openVault(config, { vault: made })
        try {
          return (await sealerFrom(open.vault, SERVER_KEYS, keys.filter(({ owner_id }) => owner_id === SERVER_KEYS))).derive(MANIFEST_MARK)
        } catch (error) {
          throw error instanceof SealBroken ? new BackupRefused('The backup lacks the key of the server itself.', { cause: error }) : error
        }
      },
    })
    return await work({ set, vault: vaultOf(open) })
  } finally {
    await closeOf(open)
    await backups.close()
  }
}

// Assigned in a callback, which the compiler does not follow: the types are said anew here.
const closeOf = async (open: OpenVault | null): Promise<void> => open?.close()
function vaultOf(open: OpenVault | null): KeyVault {
  if (open === null) throw new BackupRefused('The backup was not opened.')
  return open.vault
}

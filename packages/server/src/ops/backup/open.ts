import { openBackupStore } from '../../compose/backups.ts'
import { openKind, type OpenVault } from '../../compose/vault.ts'
import type { Config } from '../../config/load.ts'
import { migrationNames } from '../../database/migrate.ts'
import { BackupRefused, MANIFEST_MARK, openSet, type OpenedSet } from '../../domains/backups/index.ts'
import { sealerFrom, SERVER_KEYS } from '../../domains/secrets/index.ts'
import { SealBroken } from '../../kernel/seal.ts'
import type { Secret } from '../../kernel/secret.ts'
import { VaultFailure, type KeyVault } from '../../ports/key-vault.ts'

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
      macKeysFrom: async (keys, made) => {
        open = await openVaultOf(config, made)
        try {
          return (await sealerFrom(open.vault, SERVER_KEYS, keys.filter(({ owner_id }) => owner_id === SERVER_KEYS))).versionsFor(MANIFEST_MARK)
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

/** The vault that wrapped the keys beside a backup. It need not be the store's own: the store may have moved to another one since. */
async function openVaultOf(config: Config, made: OpenedSet['keys']['vault']): Promise<OpenVault> {
  const { kind } = config.vault
  if (made.kind !== kind) throw anotherVault(`were made with the vault "${made.kind}", and vault.kind is "${kind}"`)
  const opened = await openKind(config, made.keyId)
  if (opened.vault.keyId === made.keyId) return opened
  await opened.close()
  throw anotherVault(`need key ${made.keyId}; the ${kind} holds key ${opened.vault.keyId}`)
}

const anotherVault = (difference: string) => new VaultFailure(`The wrapped keys beside this backup ${difference}. Nothing was changed. `
  + 'Where the store of this machine moved to another key after they were stored, leave its settings as they are and start the server: it makes a new copy of the wrapped keys within minutes. '
  + 'Otherwise put back the key that they were made with, and set the area vault to it.')

// Assigned in a callback, which the compiler does not follow: the types are said anew here.
const closeOf = async (open: OpenVault | null): Promise<void> => open?.close()
function vaultOf(open: OpenVault | null): KeyVault {
  if (open === null) throw new BackupRefused('The backup was not opened.')
  return open.vault
}

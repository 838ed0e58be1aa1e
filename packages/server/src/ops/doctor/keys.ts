import { openVault, tryPageKey } from '../../compose/store.ts'
import { VaultFailure } from '../../ports/key-vault.ts'
import { bad, good, type Check, type Finding } from './finding.ts'

/** Whether the key-encryption key is there and is the one that this store was made with. Where there is no store, no key is made. */
export const checkKeys: Check = async ({ config, record }) => {
  if (record === null) return [good('keys', `There is no store yet: the first start makes one, with a key in the vault "${config.vault.kind}".`)]
  try {
    const { vault, close } = await openVault(config, record)
    try {
      await tryPageKey(record, vault)
    } finally {
      await close()
    }
    return [good('keys', `The vault "${config.vault.kind}" holds key ${vault.keyId}, which opens this store.`), ...escrow(config.vault.kind, config.keyFile)]
  } catch (error) {
    if (!(error instanceof VaultFailure)) throw error
    return [bad('keys', 'problem', { found: error.message, means: 'The server does not start, and no backup of this store can be read without that key.', mend: 'Put the key back from where you keep a copy of it.' })]
  }
}

const escrow = (kind: string, path: string): readonly Finding[] =>
  (kind === 'key-file' ? [good('keys', `Keep a copy of ${path} elsewhere, apart from the backups: no backup holds it.`)] : [])

import { keyFileVault } from './key-file/index.ts'
import { keyringVault } from './keyring/index.ts'

/** Add a vault: make a folder, add a line. */
export const keyVaults = { 'key-file': keyFileVault, keyring: keyringVault } as const

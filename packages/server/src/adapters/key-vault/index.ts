import { awsKmsVault } from './aws-kms/index.ts'
import { givenKeyVault } from './given-key/index.ts'
import { keyFileVault } from './key-file/index.ts'
import { keyringVault } from './keyring/index.ts'
import { passphraseVault } from './passphrase/index.ts'
import { transitVault } from './transit/index.ts'

/** Add a vault: make a folder, add a line. */
export const keyVaults = { 'key-file': keyFileVault, keyring: keyringVault, 'given-key': givenKeyVault, passphrase: passphraseVault, transit: transitVault, 'aws-kms': awsKmsVault } as const

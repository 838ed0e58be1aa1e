import { awsSecretsManagerSource } from './aws-secrets-manager/index.ts'
import { vaultKvSource } from './vault-kv/index.ts'

/** Add a service that keeps secrets: make a folder, add a line. */
export const secretSources = { vault: vaultKvSource, aws: awsSecretsManagerSource } as const

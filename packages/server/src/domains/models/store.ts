import type { DeploymentEnvironment } from '@sallyport/contract'
import type { Selectable } from 'kysely'
import type { Database, WriteStep } from '../../database/database.ts'
import type { Sealer } from '../../kernel/seal.ts'
import { Secret } from '../../kernel/secret.ts'
import type { UseMeter } from '../secret-uses/index.ts'
import { createCredentialStore } from './credential-store.ts'
import { createHookTaskStore } from './hook-task-store.ts'
import type { ProviderTable } from './tables.ts'

export interface StoredProvider {
  readonly id: string
  readonly name: string
  readonly adapter: string
  readonly baseUrl: string
  readonly credential: Secret | null
  readonly allowPrivateAddress: boolean
  readonly models: readonly string[]
  readonly createdAt: number
}

/** A provider with the version of its key that is in use: null where it has no key, or has one from before keys had versions. */
export type KeptProvider = StoredProvider & { readonly credentialId: string | null; /** What that version is for. */ readonly credentialEnvironment: DeploymentEnvironment | null }

/** `meter` counts what keys are read for; nobody does where it is left out. */
export interface ProviderStoreParts { readonly parseModels: (text: string) => readonly string[]; readonly meter?: Pick<UseMeter, 'watch'> }

const place = (rowId: string) => ({ table: 'provider', rowId, column: 'credential_sealed' })

/** Providers that administrators saved. They belong to the server; their credentials are sealed with its key. */
export const createProviderStore = (database: Database, sealer: Sealer, { parseModels, meter }: ProviderStoreParts) => {
  // Read for sealing it once more, when another takes its place. What asks a provider has a watched one of its own.
  const watched = (secret: Secret, name: string) => meter?.watch(secret, { kind: 'provider-key', name }, 'keeping') ?? secret
  const open = (row: Selectable<ProviderTable> & { readonly credential_id: string | null; readonly credential_environment: DeploymentEnvironment | null }): KeptProvider => ({
    credentialId: row.credential_id, credentialEnvironment: row.credential_environment,
    id: row.id, name: row.name, adapter: row.adapter, baseUrl: row.base_url, allowPrivateAddress: row.allow_private_address === 1, createdAt: row.created_at,
    credential: row.credential_sealed === null ? null : watched(new Secret(sealer.open(place(row.id), row.credential_sealed)), row.credential_id ?? `provider ${row.id}`), models: parseModels(row.models),
  })
  return {
    /** All of them as they are at one moment, by name. */
    all: async () => (await database.read.selectFrom('provider')
      .leftJoin('provider_credential', (join) => join.onRef('provider_credential.provider_id', '=', 'provider.id').on('provider_credential.state', '=', 'active'))
      .selectAll('provider').select(['provider_credential.id as credential_id', 'provider_credential.environment as credential_environment']).orderBy('provider.name').execute()).map(open),
    /** The versions of their keys. */
    credentials: createCredentialStore(database, sealer, watched),
    /** What hooks are to do of them. */
    hookTasks: createHookTaskStore(database),
    /** Puts the provider in place of the one of the same id. */
    put: (provider: StoredProvider): readonly WriteStep[] => {
      const row = {
        name: provider.name, adapter: provider.adapter, base_url: provider.baseUrl, created_at: provider.createdAt,
        credential_sealed: provider.credential === null ? null : sealer.seal(place(provider.id), provider.credential.reveal()),
        allow_private_address: provider.allowPrivateAddress ? 1 : 0, models: JSON.stringify(provider.models),
      }
      return [{ query: database.read.insertInto('provider').values({ id: provider.id, ...row }).onConflict((same) => same.column('id').doUpdateSet(row)).compile() }]
    },
    /** The key that is used from now on. */
    setCredential: (id: string, credential: Secret): WriteStep => ({
      query: database.read.updateTable('provider').set({ credential_sealed: sealer.seal(place(id), credential.reveal()) }).where('id', '=', id).compile(), expectRows: 1,
    }),
    remove: (name: string): WriteStep => ({ query: database.read.deleteFrom('provider').where('name', '=', name).compile(), expectRows: 1 }),
  }
}
export type ProviderStore = ReturnType<typeof createProviderStore>

import type { Insertable, Selectable } from 'kysely'
import type { Database, WriteStep } from '../../database/database.ts'
import type { Sealer } from '../../kernel/seal.ts'
import { Secret } from '../../kernel/secret.ts'
import type { UseMeter } from '../secret-uses/index.ts'
import { parseSettings, type ProviderSettings } from './settings.ts'
import type { FederatedChallengeTable, FederatedSessionTable, IdentityProviderTable, IdentityTable } from './tables.ts'

const secretPlace = (rowId: string) => ({ table: 'identity_provider', rowId, column: 'client_secret_sealed' })

/** A stored provider, with a mark that changes whenever the row does. */
export interface StoredProvider { readonly settings: ProviderSettings; readonly mark: string }

/** Identity providers that administrators saved. They belong to the server; their secrets are sealed with its key. */
export const createProviderStore = (database: Database, sealer: Sealer, meter?: Pick<UseMeter, 'watch'>) => {
  const { read } = database
  const watched = (secret: Secret, name: string) => meter?.watch(secret, { kind: 'identity-provider', name }, 'sign-in') ?? secret
  const open = (row: Selectable<IdentityProviderTable>): StoredProvider => ({
    mark: `${row.id} ${row.settings} ${row.client_secret_sealed === null ? '' : Buffer.from(row.client_secret_sealed).toString('base64')}`,
    settings: {
      ...parseSettings(row.settings), id: row.id, name: row.name, origin: 'stored', createdAt: row.created_at,
      clientSecret: row.client_secret_sealed === null ? null : watched(new Secret(sealer.open(secretPlace(row.id), row.client_secret_sealed)), row.name),
    },
  })
  return {
    all: async () => (await read.selectFrom('identity_provider').selectAll().orderBy('name').execute()).map(open),
    async byName(name: string) {
      const row = await read.selectFrom('identity_provider').selectAll().where('name', '=', name).executeTakeFirst()
      return row === undefined ? null : open(row)
    },
    /** Puts the provider in place of the one of the same name. */
    put: ({ id, name, clientSecret, origin: _origin, createdAt, ...settings }: ProviderSettings): readonly WriteStep[] => [
      { query: read.deleteFrom('identity_provider').where('name', '=', name).compile() },
      { query: read.insertInto('identity_provider').values({
        id, name, settings: JSON.stringify(settings), created_at: createdAt, client_secret_sealed: clientSecret === null ? null : sealer.seal(secretPlace(id), clientSecret.reveal()),
      }).compile() },
    ],
    remove: (name: string): WriteStep => ({ query: read.deleteFrom('identity_provider').where('name', '=', name).compile(), expectRows: 1 }),
  }
}
export type ProviderStore = ReturnType<typeof createProviderStore>

/** Identities, the sessions that began with them, and what must not be used twice. Not scoped: an identity is what a scope is made from. */
export const createIdentityStore = (database: Database) => {
  const { read } = database
  return {
    byLookup: (lookup: Uint8Array) => read.selectFrom('identity').selectAll().where('subject_lookup', '=', lookup).executeTakeFirst(),
    ofAccount: (accountId: string) => read.selectFrom('identity').selectAll().where('account_id', '=', accountId).orderBy('id', 'desc').execute(),
    insert: (row: Insertable<IdentityTable>): WriteStep => ({ query: read.insertInto('identity').values(row).compile() }),
    touch: (id: string, at: number): WriteStep => ({ query: read.updateTable('identity').set({ last_used_at: at }).where('id', '=', id).compile(), expectRows: 1 }),
    /** Fails the batch for what is not the account's, and for its last one where it needs another. */
    remove: (id: string, { accountId, needsAnother }: { readonly accountId: string; readonly needsAnother: boolean }): WriteStep => {
      const own = read.deleteFrom('identity').where('id', '=', id).where('account_id', '=', accountId)
      const another = read.selectFrom('identity as other').select('other.id').where('other.account_id', '=', accountId).where('other.id', '!=', id)
      return { query: (needsAnother ? own.where(({ exists }) => exists(another)) : own).compile(), expectRows: 1 }
    },
    /** Those of accounts that have a password: the others have no other way in. Goes before what takes passwords away. */
    removeBesidePasswords: (): WriteStep => ({ query: read.deleteFrom('identity').where('account_id', 'in', read.selectFrom('account').select('id').where('password_sealed', 'is not', null)).compile() }),
    removeOf: (providerId: string): WriteStep => ({ query: read.deleteFrom('identity').where('provider_id', '=', providerId).compile() }),

    async isSessionLive(sessionId: string, accountId: string, now: number) {
      return (await read.selectFrom('session').select('id').where('id', '=', sessionId).where('account_id', '=', accountId).where('expires_at', '>', now).execute()).length > 0
    },
    noteSession: (row: Insertable<FederatedSessionTable>): WriteStep => ({ query: read.insertInto('federated_session').values(row).compile() }),
    noteChallenge: (row: Insertable<FederatedChallengeTable>, now: number): readonly WriteStep[] => [
      { query: read.deleteFrom('federated_challenge').where('expires_at', '<=', now).compile() }, { query: read.insertInto('federated_challenge').values(row).compile() },
    ],
    challenge: (digest: Uint8Array, now: number) => read.selectFrom('federated_challenge').selectAll().where('digest', '=', digest).where('expires_at', '>', now).executeTakeFirst(),
    dropChallenge: (digest: Uint8Array): WriteStep => ({ query: read.deleteFrom('federated_challenge').where('digest', '=', digest).compile() }),
    /** Accounts whose sign-in waits for a second factor: that of an identity, or of one session of its provider. */
    async waiting(of: { readonly identityId: string } | { readonly sidLookup: Uint8Array }) {
      const rows = read.selectFrom('federated_challenge').innerJoin('identity', 'identity.id', 'federated_challenge.identity_id').select('identity.account_id').distinct()
      return (await ('identityId' in of ? rows.where('identity_id', '=', of.identityId) : rows.where('sid_lookup', '=', of.sidLookup)).execute()).map(({ account_id }) => account_id)
    },
    async sessionsOf(identityId: string) {
      return (await read.selectFrom('federated_session').select('session_id').where('identity_id', '=', identityId).execute()).map(({ session_id }) => session_id)
    },
    async sessionsBySid(sidLookup: Uint8Array) {
      return (await read.selectFrom('federated_session').select('session_id').where('sid_lookup', '=', sidLookup).execute()).map(({ session_id }) => session_id)
    },
    async sessionsOfProvider(providerId: string) {
      return (await read.selectFrom('federated_session').innerJoin('identity', 'identity.id', 'federated_session.identity_id').select('session_id').where('identity.provider_id', '=', providerId).execute()).map(({ session_id }) => session_id)
    },

    /** Fails the batch for what was used before. */
    useOnce: (digest: Uint8Array, expiresAt: number, now: number): readonly WriteStep[] => [
      { query: read.deleteFrom('used_once').where('expires_at', '<=', now).compile() },
      { query: read.insertInto('used_once').values({ digest, expires_at: expiresAt }).compile() },
    ],
  }
}
export type IdentityStore = ReturnType<typeof createIdentityStore>
/** A row as it is read. */
export type IdentityRow = Selectable<IdentityTable>

import type { Selectable, UpdateObject } from 'kysely'
import type { Database, WriteStep } from '../../database/database.ts'
import type { Schema } from '../../database/schema.ts'
import type { Sealer } from '../../kernel/seal.ts'
import { Secret } from '../../kernel/secret.ts'
import type { ProviderCredentialTable } from './tables.ts'

const place = (rowId: string) => ({ table: 'provider_credential', rowId, column: 'credential_sealed' })
export type StoredCredential = Omit<Selectable<ProviderCredentialTable>, 'credential_sealed'> & { /** Null for the active one and for those that were revoked. */ readonly credential: Secret | null }
export type NewCredential = Pick<StoredCredential, 'id' | 'provider_id' | 'version' | 'state' | 'environment' | 'credential' | 'created_at' | 'activated_at' | 'expires_at'>
type Change = UpdateObject<Schema, 'provider_credential'>
export interface Use { readonly at: number; readonly calls: number; readonly inputTokens: number; readonly outputTokens: number; /** In millionths of money. */ readonly cost: number }

/** The versions of providers' keys. */
export const createCredentialStore = ({ read }: Database, sealer: Sealer, watched: (secret: Secret, id: string) => Secret) => {
  const sealed = (id: string, credential: Secret | null) => (credential === null ? null : sealer.seal(place(id), credential.reveal()))
  return {
    /** The versions of one provider, the newest first. */
    async of(providerId: string): Promise<readonly StoredCredential[]> {
      const rows = await read.selectFrom('provider_credential').selectAll().where('provider_id', '=', providerId).orderBy('version', 'desc').execute()
      return rows.map(({ credential_sealed: value, ...row }) => ({ ...row, credential: value === null ? null : watched(new Secret(sealer.open(place(row.id), value)), row.id) }))
    },
    insert: ({ credential, ...row }: NewCredential): WriteStep => ({
      query: read.insertInto('provider_credential').values({ ...row, credential_sealed: sealed(row.id, credential), retired_at: null, revoked_at: null, rejected_at: null, last_used_at: null, calls: 0, input_tokens: 0, output_tokens: 0, cost: 0, rotation_told_at: null, expiry_told_at: null }).compile(),
    }),
    /** Every key that is used or stands by, with the name of its provider and without its value. */
    live: () => read.selectFrom('provider_credential').innerJoin('provider', 'provider.id', 'provider_credential.provider_id').where('provider_credential.state', 'in', ['active', 'standby'])
      .select(['provider_credential.id', 'provider.name as provider', 'provider_credential.version', 'provider_credential.state', 'provider_credential.environment', 'provider_credential.created_at', 'provider_credential.expires_at', 'provider_credential.rejected_at', 'provider_credential.rotation_told_at', 'provider_credential.expiry_told_at'])
      .orderBy('provider_credential.id').execute(),
    /** Notes that somebody was told; a conflict where another process was faster. */
    markTold: (id: string, column: 'rotation_told_at' | 'expiry_told_at', { before, at }: { readonly before: number | null; readonly at: number }): WriteStep => ({
      query: read.updateTable('provider_credential').set({ [column]: at }).where('id', '=', id).where(column, before === null ? 'is' : '=', before).compile(), expectRows: 1,
    }),
    /** Changes a version that is in that state; a conflict where it is not. */
    change: ({ id, state }: Pick<StoredCredential, 'id' | 'state'>, change: Omit<Change, 'credential_sealed'>, credential?: Secret | null): WriteStep => ({
      query: read.updateTable('provider_credential').set({ ...change, ...(credential !== undefined && { credential_sealed: sealed(id, credential) }) }).where('id', '=', id).where('state', '=', state).compile(), expectRows: 1,
    }),
    /** Adds to what is counted of a version. It touches no row when the version is gone. */
    count: (id: string, { at, calls, inputTokens, outputTokens, cost }: Use): WriteStep => ({
      query: read.updateTable('provider_credential').set(({ eb }) => ({ last_used_at: at, calls: eb('calls', '+', calls), input_tokens: eb('input_tokens', '+', inputTokens), output_tokens: eb('output_tokens', '+', outputTokens), cost: eb('cost', '+', cost) })).where('id', '=', id).compile(),
    }),
    /** Whether there is anything to destroy. */
    hasRetired: async (before: number): Promise<boolean> =>
      (await read.selectFrom('provider_credential').select('id').where('state', '=', 'retiring').where('retired_at', '<', before).limit(1).execute()).length > 0,
    /** Destroys what was retired before a moment. */
    revokeRetired: (before: number, at: number): WriteStep => ({
      query: read.updateTable('provider_credential').set({ state: 'revoked', revoked_at: at, credential_sealed: null }).where('state', '=', 'retiring').where('retired_at', '<', before).compile(),
    }),
  }
}
export type CredentialStore = ReturnType<typeof createCredentialStore>

import type { Schema } from '../../database/schema.ts'

/** Whose data key seals a table's columns: the account that a column names, whoever owns the collection that a column names, or the server. */
export type SealedFor = { readonly by: 'account'; readonly column: string } | { readonly by: 'collection'; readonly column: string } | { readonly by: 'server' }

export interface SealedTable {
  readonly table: keyof Schema
  /** The column that names the row in what its sealed values are bound to; unique. */
  readonly row: string
  readonly columns: readonly string[]
  readonly sealedFor: SealedFor
}

const ofAccount = { by: 'account', column: 'account_id' } as const
const ofCollection = { by: 'collection', column: 'collection_id' } as const
const ofServer = { by: 'server' } as const

/** Every sealed column of the store (SEC-3). What is missing here would not be sealed anew when keys are rotated: a test walks the schema for it. */
export const sealedTables = [
  { table: 'account', row: 'id', columns: ['email_sealed', 'name_sealed'], sealedFor: { by: 'account', column: 'id' } },
  { table: 'account', row: 'id', columns: ['password_sealed'], sealedFor: ofServer },
  { table: 'email_change', row: 'account_id', columns: ['email_sealed'], sealedFor: ofAccount },
  { table: 'session', row: 'id', columns: ['device_sealed'], sealedFor: ofAccount },
  { table: 'token_family', row: 'id', columns: ['device_sealed'], sealedFor: ofAccount },
  { table: 'api_key', row: 'id', columns: ['name_sealed', 'last_used_address_sealed'], sealedFor: ofAccount },
  { table: 'factor', row: 'id', columns: ['secret_sealed', 'name_sealed'], sealedFor: ofAccount },
  { table: 'identity', row: 'id', columns: ['shown_as_sealed'], sealedFor: ofAccount },
  { table: 'conversation', row: 'id', columns: ['title_sealed', 'pseudonyms_sealed'], sealedFor: ofAccount },
  { table: 'message', row: 'id', columns: ['text_sealed', 'citations_sealed', 'comment_sealed'], sealedFor: ofAccount },
  { table: 'own_answer', row: 'id', columns: ['answer_sealed'], sealedFor: ofAccount },
  { table: 'conversation_access', row: 'id', columns: ['reason_sealed', 'reader_name_sealed'], sealedFor: ofAccount },
  { table: 'document', row: 'id', columns: ['title_sealed'], sealedFor: ofCollection },
  { table: 'passage', row: 'id', columns: ['heading_sealed', 'text_sealed'], sealedFor: ofCollection },
  { table: 'data_export', row: 'id', columns: ['key_sealed'], sealedFor: ofAccount },
  { table: 'account_group', row: 'id', columns: ['name_sealed'], sealedFor: ofServer },
  { table: 'shared_answer', row: 'id', columns: ['answer_sealed'], sealedFor: ofServer },
  { table: 'invitation', row: 'id', columns: ['email_sealed'], sealedFor: ofServer },
  { table: 'penalty', row: 'id', columns: ['subject_sealed'], sealedFor: ofServer },
  { table: 'provider', row: 'id', columns: ['credential_sealed'], sealedFor: ofServer },
  { table: 'provider_credential', row: 'id', columns: ['credential_sealed'], sealedFor: ofServer },
  { table: 'identity_provider', row: 'id', columns: ['client_secret_sealed'], sealedFor: ofServer },
  { table: 'day_name_key', row: 'id', columns: ['key_sealed'], sealedFor: ofServer },
  { table: 'signing_key', row: 'id', columns: ['private_sealed'], sealedFor: ofServer },
] as const satisfies readonly SealedTable[]

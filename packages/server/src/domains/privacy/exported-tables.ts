import type { Schema } from '../../database/schema.ts'

export interface ExportedTable {
  readonly table: keyof Schema
  /** Which rows are a person's, where `account` is the account's id. */
  readonly whose: { readonly by: 'column'; readonly column: string } | { readonly by: 'collection' } | { readonly by: 'key' } | { readonly by: 'actor' }
  /** A unique column, by which rows are read some at a time. */
  readonly row: string
  readonly leaveOut?: readonly string[]
}

const own = (table: keyof Schema, row = 'id', leaveOut: readonly string[] = []): ExportedTable => ({ table, row, whose: { by: 'column', column: 'account_id' }, leaveOut })

/** Everything that is held on a person, table by table: one file of the export each. Hashes and secrets are left out: they say nothing, or open something. */
export const exportedTables: readonly ExportedTable[] = [
  { table: 'account', row: 'id', whose: { by: 'column', column: 'id' } },
  own('conversation'), own('message'),
  { table: 'document', row: 'id', whose: { by: 'collection' } }, { table: 'passage', row: 'id', whose: { by: 'collection' } },
  own('api_key'), { table: 'api_key_day', row: 'day', whose: { by: 'key' } },
  own('session'), own('token_family'), own('identity'), own('factor', 'id', ['secret_sealed']), own('account_group_member', 'group_id'),
  own('turn'), own('conversation_access'),
  { table: 'audit_entry', row: 'sequence', whose: { by: 'actor' }, leaveOut: ['previous_hash', 'hash'] }, own('security_event'),
]

/** Tables that name an account and are not exported, with why. */
export const notExported: Readonly<Partial<Record<keyof Schema, string>>> = {
  collection: 'counts of words, for ranking', recovery_code: 'hashes alone', factor_guard: 'counts of wrong proofs, of the moment', factor_challenge: 'of a moment', password_reset: 'a hash, of a moment',
  email_change: 'an address that is not the account\'s yet, of a day', data_export: 'this export', invitation: 'about who was invited',
}

/** Columns that are hashes, or what an index is made of. */
export const isWithheld = (column: string) => /(?:^|_)(?:digest|hash|lookup|postings)$/.test(column)

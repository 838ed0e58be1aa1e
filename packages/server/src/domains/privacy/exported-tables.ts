import type { Schema } from '../../database/schema.ts'
import type { ExportReach } from './tables.ts'

export interface ExportedTable {
  readonly table: keyof Schema
  /** Which rows are a person's, where `account` is the account's id. */
  readonly whose: { readonly by: 'column'; readonly column: string } | { readonly by: 'collection' } | { readonly by: 'key' } | { readonly by: 'actor' }
  /** A unique column, by which rows are read some at a time. */
  readonly row: string
  readonly leaveOut?: readonly string[]
  /** Whose key opens its sealed columns; the account's own when left out. */
  readonly sealedFor?: 'server'
  /** What an administrator gets: no row at all, or rows in which these sealed columns are opened and no others. */
  readonly forOthers: 'nothing' | readonly string[]
}

const own = (table: keyof Schema, forOthers: ExportedTable['forOthers'] = [], { row = 'id', leaveOut = [] }: { readonly row?: string; readonly leaveOut?: readonly string[] } = {}): ExportedTable =>
  ({ table, row, whose: { by: 'column', column: 'account_id' }, leaveOut, forOthers })

/** Everything that is held on a person, table by table: one file of the export each. Hashes and secrets are left out: they say nothing, or open something. */
export const exportedTables: readonly ExportedTable[] = [
  { table: 'account', row: 'id', whose: { by: 'column', column: 'id' }, leaveOut: ['password_sealed'], forOthers: ['email_sealed', 'name_sealed'] },
  // What somebody wrote is read by breaking the glass, and not by an export.
  own('conversation', 'nothing'), own('message', 'nothing'),
  { table: 'document', row: 'id', whose: { by: 'collection' }, forOthers: 'nothing' }, { table: 'passage', row: 'id', whose: { by: 'collection' }, forOthers: 'nothing' },
  own('api_key', ['name_sealed', 'last_used_address_sealed']), { table: 'api_key_day', row: 'day', whose: { by: 'key' }, forOthers: [] },
  own('session', ['device_sealed']), own('token_family', ['device_sealed']), own('identity', ['shown_as_sealed']), own('factor', ['name_sealed'], { leaveOut: ['secret_sealed'] }), own('account_group_member', [], { row: 'group_id' }),
  // Sealed for the server, because it was written before there was an account.
  { ...own('invitation', ['email_sealed']), sealedFor: 'server' },
  own('turn'), own('conversation_access', ['reader_name_sealed']),
  { table: 'audit_entry', row: 'sequence', whose: { by: 'actor' }, leaveOut: ['previous_hash', 'hash'], forOthers: [] }, own('security_event'),
]

/** The tables that an export of this reach has. */
export const tablesWithin = (reach: ExportReach): readonly ExportedTable[] => exportedTables.filter(({ forOthers }) => reach === 'everything' || forOthers !== 'nothing')

/** Tables that name an account and are not exported, with why. */
export const notExported: Readonly<Partial<Record<keyof Schema, string>>> = {
  collection: 'counts of words, for ranking', recovery_code: 'hashes alone', factor_guard: 'counts of wrong proofs, of the moment', factor_challenge: 'of a moment', password_reset: 'a hash, of a moment',
  email_change: 'an address that is not the account\'s yet, of a day', data_export: 'this export', own_answer: 'copies of answers, of hours', shared_answer: 'copies of answers, of hours', account_storage: 'a sum of what is exported', broken_value: 'which of one\'s values do not open; the export says so in their place',
}

/** Columns that are hashes, or what an index is made of, or what waited to be sealed. */
const isWithheld = (column: string) => /(?:^|_)(?:digest|hash|lookup|postings|clear)$/.test(column)

/** Whether an export of this reach shows a column. A sealed one that nobody decided on is its owner's alone. */
export function isShown({ leaveOut, forOthers }: ExportedTable, column: string, reach: ExportReach): boolean {
  if (isWithheld(column) || leaveOut?.includes(column) === true) return false
  return reach === 'everything' || (forOthers !== 'nothing' && (!column.endsWith('_sealed') || forOthers.includes(column)))
}

import type { Schema } from '../../database/schema.ts'

/** Where an account is named. `cleared`: the row goes with the account. `kept`: it stays until its own retention ends it, because it tells what others did, or what must be told. */
export interface PersonalTable { readonly table: keyof Schema; readonly column: string; readonly onErasure: 'cleared' | 'kept' }

const cleared = (table: keyof Schema, column = 'account_id') => ({ table, column, onErasure: 'cleared' }) as const
const kept = (table: keyof Schema, column: string) => ({ table, column, onErasure: 'kept' }) as const

/** Every column that names an account (PRI-4). A test walks the schema for columns that are missing here. */
export const personalTables: readonly PersonalTable[] = [
  cleared('account', 'id'), cleared('conversation'), cleared('message'), cleared('account_storage'), cleared('broken_value'), cleared('turn'), cleared('collection', 'owner'),
  cleared('session'), cleared('token_family'), cleared('api_key'), cleared('factor'), cleared('recovery_code'), cleared('factor_guard'), cleared('factor_challenge'),
  cleared('identity'), cleared('account_group_member'), cleared('password_reset'), cleared('email_change'), cleared('conversation_access'), cleared('data_export'), cleared('own_answer'), cleared('shared_answer'), cleared('invitation'),
  kept('audit_entry', 'actor'), kept('security_event', 'account_id'), kept('conversation_access', 'reader_id'), kept('api_key', 'made_by'), kept('invitation', 'created_by'), kept('password_reset', 'created_by'),
]

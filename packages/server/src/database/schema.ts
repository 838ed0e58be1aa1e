import type { AccountTable, SetupTokenTable } from '../domains/accounts/tables.ts'
import type { AuditEntryTable, SecurityEventTable } from '../domains/audit/tables.ts'
import type { BackupRecipientTable, BackupRunTable } from '../domains/backups/tables.ts'
import type { ConversationTable, MessageTable } from '../domains/conversations/tables.ts'
import type { ApiKeyTable } from '../domains/keys/tables.ts'
import type { CollectionTable, CollectionWordTable, DocumentTable, PassageTable } from '../domains/knowledge/tables.ts'
import type { ProviderTable } from '../domains/models/tables.ts'
import type { DataKeyTable } from '../domains/secrets/tables.ts'
import type { SessionTable } from '../domains/sessions/tables.ts'
import type { TurnTable } from '../domains/usage/tables.ts'

/** Every table, one line each. Column types are the domains' own; `migrations/` makes them. */
export interface Schema {
  account: AccountTable
  api_key: ApiKeyTable
  audit_entry: AuditEntryTable
  backup_recipient: BackupRecipientTable
  backup_run: BackupRunTable
  collection: CollectionTable
  collection_word: CollectionWordTable
  conversation: ConversationTable
  data_key: DataKeyTable
  document: DocumentTable
  message: MessageTable
  passage: PassageTable
  provider: ProviderTable
  security_event: SecurityEventTable
  session: SessionTable
  setup_token: SetupTokenTable
  turn: TurnTable
}

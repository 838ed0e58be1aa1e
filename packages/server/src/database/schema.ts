import type {
  AccountTable, EmailChangeTable, InvitationTable, KnownDeviceTable, OwnerLockTable, PasswordGuardTable, PasswordResetTable, SentMailTable, SetupTokenTable,
} from '../domains/accounts/tables.ts'
import type { KeptAnswerTable } from '../domains/answer-cache/tables.ts'
import type { AuditEntryTable, DayNameKeyTable, SecurityEventTable } from '../domains/audit/tables.ts'
import type { BudgetTable, BudgetUseTable, ModelPriceTable } from '../domains/budgets/tables.ts'
import type { BackupCheckTable, BackupRecipientTable, BackupRunTable } from '../domains/backups/tables.ts'
import type { ConversationAccessReadTable, ConversationAccessTable } from '../domains/break-glass/tables.ts'
import type { AccountStorageTable, ConversationTable, MessageIndexTable, MessageTable } from '../domains/conversations/tables.ts'
import type { FactorChallengeTable, FactorGuardTable, FactorTable, RecoveryCodeTable } from '../domains/factors/tables.ts'
import type { ApiKeyDayTable, ApiKeyFormerTable, ApiKeyTable } from '../domains/keys/tables.ts'
import type { FederatedChallengeTable, FederatedSessionTable, IdentityProviderTable, IdentityTable, UsedOnceTable } from '../domains/federation/tables.ts'
import type { AccountGroupMemberTable, AccountGroupTable } from '../domains/groups/tables.ts'
import type { CollectionTable, CollectionWordTable, DocumentTable, PassageTable } from '../domains/knowledge/tables.ts'
import type { RateSlotTable } from '../domains/limits/tables.ts'
import type { PenaltyTable } from '../domains/penalties/tables.ts'
import type { DataExportTable, ErasureTable } from '../domains/privacy/tables.ts'
import type { ProviderCredentialTable, ProviderHookTaskTable, ProviderTable } from '../domains/models/tables.ts'
import type { BrokenValueTable, DataKeyNextTable, DataKeyStageTable, DataKeyTable, KeyRotationRunTable, KeyRotationTable } from '../domains/secrets/tables.ts'
import type { RevocationTable } from '../domains/revocations/tables.ts'
import type { SecretUsePurposeTable, SecretUseTable } from '../domains/secret-uses/tables.ts'
import type { SessionTable } from '../domains/sessions/tables.ts'
import type { RefreshTokenTable, SigningKeyTable, TokenFamilyTable } from '../domains/tokens/tables.ts'
import type { TurnTable } from '../domains/usage/tables.ts'

/** Every table, one line each. Column types are the domains' own; `migrations/` makes them. */
export interface Schema {
  account: AccountTable
  account_group: AccountGroupTable
  account_group_member: AccountGroupMemberTable
  account_storage: AccountStorageTable
  api_key: ApiKeyTable
  api_key_day: ApiKeyDayTable
  api_key_former: ApiKeyFormerTable
  audit_entry: AuditEntryTable
  backup_recipient: BackupRecipientTable
  backup_run: BackupRunTable
  backup_check: BackupCheckTable
  broken_value: BrokenValueTable
  budget: BudgetTable
  budget_use: BudgetUseTable
  collection: CollectionTable
  collection_word: CollectionWordTable
  conversation: ConversationTable
  conversation_access: ConversationAccessTable
  conversation_access_read: ConversationAccessReadTable
  data_export: DataExportTable
  data_key: DataKeyTable
  data_key_next: DataKeyNextTable
  data_key_stage: DataKeyStageTable
  day_name_key: DayNameKeyTable
  document: DocumentTable
  erasure: ErasureTable
  federated_challenge: FederatedChallengeTable
  federated_session: FederatedSessionTable
  factor: FactorTable
  factor_challenge: FactorChallengeTable
  factor_guard: FactorGuardTable
  identity: IdentityTable
  identity_provider: IdentityProviderTable
  email_change: EmailChangeTable
  invitation: InvitationTable
  known_device: KnownDeviceTable
  key_rotation: KeyRotationTable
  key_rotation_run: KeyRotationRunTable
  message: MessageTable
  message_index: MessageIndexTable
  model_price: ModelPriceTable
  own_answer: KeptAnswerTable
  owner_lock: OwnerLockTable
  passage: PassageTable
  password_guard: PasswordGuardTable
  password_reset: PasswordResetTable
  penalty: PenaltyTable
  provider: ProviderTable
  provider_credential: ProviderCredentialTable
  provider_hook_task: ProviderHookTaskTable
  sent_mail: SentMailTable
  rate_slot: RateSlotTable
  refresh_token: RefreshTokenTable
  revocation: RevocationTable
  secret_use: SecretUseTable
  secret_use_purpose: SecretUsePurposeTable
  security_event: SecurityEventTable
  session: SessionTable
  shared_answer: KeptAnswerTable
  recovery_code: RecoveryCodeTable
  setup_token: SetupTokenTable
  signing_key: SigningKeyTable
  token_family: TokenFamilyTable
  turn: TurnTable
  used_once: UsedOnceTable
}

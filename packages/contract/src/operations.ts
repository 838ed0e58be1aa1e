import * as z from 'zod'
import {
  AccountChange, EmailChange, EmailChanged, EmailVerification, Invitation, InvitationAcceptance, InvitationOffer, InvitationRequest, InvitationToken, ManagedAccount, NewInvitation,
  OneTimeLink, PasswordChange, PasswordReset, PasswordResetRequest, ProfileChange, Received, SignUpPolicy, SignUpRequest, Strength, StrengthRequest,
} from './schemas/accounts.ts'
import { AccountDayName, AddedDocument, AuditCheck, AuditEntry, Document, DocumentRequest, Passage, Provider, ProviderAdapter, ProviderName, ProviderRequest, SecurityEvent } from './schemas/administration.ts'
import { BackupCheck, BackupName, BackupRecipients, BackupState, FormerStoreList, FormerStoreName, FormerStoreRemoval } from './schemas/backups.ts'
import { ConversationAccess, ConversationAccessRequest } from './schemas/break-glass.ts'
import { ChatReply, Conversation, ConversationChange, ConversationRequest, ConversationSearch, ConversationSearchRequest, Feedback, Message, Model, Turn, TurnRequest } from './schemas/chat.ts'
import { DeploymentEnvironment, idOf, None, pageOf, pageQuery } from './schemas/common.ts'
import { ProviderCredential, ProviderCredentialList, ProviderCredentialRequest } from './schemas/credentials.ts'
import { DataKeyRotation, DataKeyRotationRequest } from './schemas/data-keys.ts'
import { EmergencyPlan, EmergencyReport, EmergencyRequest } from './schemas/emergency.ts'
import {
  EnrolledFactor, Factor, FactorChange, FactorList, FactorsReset, PasskeyCreation, PasskeyOptionsRequest, PasskeyRequest, PasskeyRequestOptions, PasskeySignInRequest, RecoveryCodes,
  SignInCompletion, TotpConfirmation, TotpEnrolment, TotpRequest,
} from './schemas/factors.ts'
import { BackChannelLogoutRequest, FederatedAnswer, FederatedSignInQuery, Identity, IdentityProvider, IdentityProviderName, IdentityProviderRequest, LinkRequest, LinkStart, SignInProvider } from './schemas/federation.ts'
import { GatewayChatReply, GatewayChatRequest, GatewayModel, GatewayModelList } from './schemas/gateway.ts'
import { Group, GroupChange, GroupMembers, GroupMembersRequest, GroupRequest } from './schemas/groups.ts'
import { Account, Session, SetupRequest, SetupState, SignInRequest } from './schemas/identity.ts'
import { Key, KeyChange, KeyRequest, KeyRotation, NewKey, NewServiceKey, ServiceKey, ServiceKeyRequest } from './schemas/keys.ts'
import { DataExport, DataExportState, ErasureCertificate, ErasureCheck, OwnErasureRequest } from './schemas/privacy.ts'
import { AnswerCacheFigures, BudgetRequest, Budgets, OwnCapRequest, Penalties, Price, PriceRemoval, Prices, UsageReport } from './schemas/usage.ts'
import { SecretUse } from './schemas/secret-uses.ts'
import { CredentialRevocation, IdentityProof, SignedIn, SignInId } from './schemas/sessions.ts'
import { EverythingRevocation, KeySet, SigningKeyRotation, TokenReply, TokenRequest, TokenRevocation } from './schemas/tokens.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
/** How errors are written: our own problem+json, or the form of the vendor or the standard whose wire this is. */
export type Dialect = 'problem' | 'openai' | 'oauth'
/** What comes back: JSON, JSON or a stream of events as the caller asks, a page's file, nothing, or a browser sent on to another address. */
export type Media = 'json' | 'json-or-events' | 'events' | 'file' | 'none' | 'navigation'

export interface Operation {
  readonly summary: string
  readonly method: Method
  /** In Fastify's and OpenAPI's common form: `:name` marks a parameter. */
  readonly path: string
  readonly params: z.ZodType
  readonly query: z.ZodType
  readonly body: z.ZodType
  readonly reply: z.ZodType
  readonly media: Media
  readonly dialect: Dialect
  /** The body may also come as a form (`application/x-www-form-urlencoded`), as OAuth's own clients and servers send it. */
  readonly takesForm?: true
}

const ok = z.strictObject({ ok: z.literal(true) })
const nothing = { params: None, query: None, body: None, reply: None, media: 'json', dialect: 'problem' } as const
const conversation = z.strictObject({ conversationId: idOf('conversation') })
const turn = z.strictObject({ turnId: idOf('turn') })
const account = z.strictObject({ accountId: idOf('account') })
const message = z.strictObject({ messageId: idOf('message') })
const group = z.strictObject({ groupId: idOf('group') })
const providerName = z.strictObject({ name: ProviderName })
const providerCredential = providerName.extend({ credentialId: idOf('providerCredential') })
const ban = z.strictObject({ banId: idOf('ban') })
const federated = z.strictObject({ providerName: IdentityProviderName })
const key = z.strictObject({ keyId: idOf('key') })
const factor = z.strictObject({ factorId: idOf('factor') })

/** Everything the wire offers. The key is the operationId in the OpenAPI document and in every policy table. */
export const operations = {
  getPage: { ...nothing, summary: 'The web page and its files', method: 'GET', path: '/*', params: z.strictObject({ '*': z.string().max(300) }), query: z.record(z.string(), z.unknown()), media: 'file' },
  getHealth: { ...nothing, summary: 'Whether the process lives', method: 'GET', path: '/healthz', reply: ok },
  getReadiness: { ...nothing, summary: 'Whether it can take work', method: 'GET', path: '/readyz', reply: ok },
  getOpenApi: { ...nothing, summary: 'This description', method: 'GET', path: '/api/v1/openapi.json', reply: z.record(z.string(), z.unknown()) },

  getSetup: { ...nothing, summary: 'Whether set-up is open', method: 'GET', path: '/api/v1/setup', reply: SetupState },
  createOwner: { ...nothing, summary: 'Make the first account with the printed token', method: 'POST', path: '/api/v1/setup', body: SetupRequest, reply: Session },
  signIn: { ...nothing, summary: 'Sign in with a password', method: 'POST', path: '/api/v1/session', body: SignInRequest, reply: Session },
  getSession: { ...nothing, summary: 'Who is signed in', method: 'GET', path: '/api/v1/session', reply: Session },
  signOut: { ...nothing, summary: 'End this session', method: 'DELETE', path: '/api/v1/session', media: 'none' },
  proveAgain: { ...nothing, summary: 'Prove again who you are, for what needs a fresh proof', method: 'POST', path: '/api/v1/session/proof', body: IdentityProof, reply: Session },
  listSessions: { ...nothing, summary: 'Where you are signed in: browsers, and programs with tokens', method: 'GET', path: '/api/v1/sessions', reply: z.strictObject({ items: z.array(SignedIn) }) },
  endSession: { ...nothing, summary: 'Sign out elsewhere', method: 'DELETE', path: '/api/v1/sessions/:sessionId', params: z.strictObject({ sessionId: SignInId }), media: 'none' },
  endOtherSessions: { ...nothing, summary: 'Sign out everywhere but here', method: 'DELETE', path: '/api/v1/sessions', media: 'none' },
  issueToken: { ...nothing, summary: 'Get an access token, as OAuth 2.0 asks for it', method: 'POST', path: '/api/v1/auth/token', body: TokenRequest, reply: TokenReply, takesForm: true, dialect: 'oauth' },
  revokeToken: { ...nothing, summary: 'End a token and all that came of the same sign-in', method: 'POST', path: '/api/v1/auth/revoke', body: TokenRevocation, reply: z.strictObject({}), takesForm: true, dialect: 'oauth' },
  getKeySet: { ...nothing, summary: 'The keys that access tokens are verified with', method: 'GET', path: '/.well-known/jwks.json', reply: KeySet },
  rotateSigningKey: { ...nothing, summary: 'Replace the key that signs access tokens', method: 'POST', path: '/api/v1/signing-keys/rotate', body: SigningKeyRotation, reply: KeySet },
  revokeAccount: { ...nothing, summary: 'End every session, token, key, open link and invitation of an account', method: 'POST', path: '/api/v1/accounts/:accountId/revoke', params: account, body: CredentialRevocation, media: 'none' },
  revokeEverything: { ...nothing, summary: 'End every session, token, key, open link and invitation of everybody', method: 'POST', path: '/api/v1/revoke-everything', body: EverythingRevocation, media: 'none' },
  getEmergency: { ...nothing, summary: 'What there is that an intruder could hold, and what an emergency would leave to people', method: 'GET', path: '/api/v1/emergency', reply: EmergencyPlan },
  runEmergency: { ...nothing, summary: 'End or replace everything that an intruder could hold', method: 'POST', path: '/api/v1/emergency', body: EmergencyRequest, reply: EmergencyReport },
  completeSignIn: { ...nothing, summary: 'Finish a sign-in that asked for a second factor', method: 'POST', path: '/api/v1/session/second-factor', body: SignInCompletion, reply: Session },
  passkeySignInOptions: { ...nothing, summary: 'What the browser needs to use a passkey: to sign in with it alone, to finish a sign-in, or to prove anew who you are', method: 'POST', path: '/api/v1/session/passkey/options', body: PasskeyOptionsRequest, reply: PasskeyRequestOptions },
  passkeySignIn: { ...nothing, summary: 'Sign in with a passkey alone', method: 'POST', path: '/api/v1/session/passkey', body: PasskeySignInRequest, reply: Session },

  listFactors: { ...nothing, summary: 'Own second factors, and how many recovery codes are left', method: 'GET', path: '/api/v1/factors', reply: FactorList },
  beginTotp: { ...nothing, summary: 'Begin to set up an authenticator app', method: 'POST', path: '/api/v1/factors/totp', body: TotpRequest, reply: TotpEnrolment },
  confirmTotp: { ...nothing, summary: 'Confirm the authenticator app with a code of it', method: 'POST', path: '/api/v1/factors/totp/confirm', body: TotpConfirmation, reply: EnrolledFactor },
  beginPasskey: { ...nothing, summary: 'What the browser needs to make a passkey', method: 'POST', path: '/api/v1/factors/passkeys/options', reply: PasskeyCreation },
  addPasskey: { ...nothing, summary: 'Add the passkey that the browser made', method: 'POST', path: '/api/v1/factors/passkeys', body: PasskeyRequest, reply: EnrolledFactor },
  renewRecoveryCodes: { ...nothing, summary: 'Make ten new recovery codes; the old ones end', method: 'POST', path: '/api/v1/factors/recovery-codes', reply: RecoveryCodes },
  changeFactor: { ...nothing, summary: 'Rename a second factor', method: 'PATCH', path: '/api/v1/factors/:factorId', params: factor, body: FactorChange, reply: Factor },
  deleteFactor: { ...nothing, summary: 'Remove a second factor', method: 'DELETE', path: '/api/v1/factors/:factorId', params: factor, media: 'none' },
  resetFactors: { ...nothing, summary: 'Remove every second factor of an account, and end its sessions', method: 'POST', path: '/api/v1/accounts/:accountId/factors/reset', params: account, reply: FactorsReset },

  listKeys: { ...nothing, summary: 'Own API keys', method: 'GET', path: '/api/v1/keys', query: pageQuery('key'), reply: pageOf(Key) },
  createKey: { ...nothing, summary: 'Make an API key', method: 'POST', path: '/api/v1/keys', body: KeyRequest, reply: NewKey },
  changeKey: { ...nothing, summary: 'Rename a key, or change what it may do', method: 'PATCH', path: '/api/v1/keys/:keyId', params: key, body: KeyChange, reply: Key },
  rotateKey: { ...nothing, summary: 'Give a key a new value; the old one goes on for a while', method: 'POST', path: '/api/v1/keys/:keyId/rotate', params: key, body: KeyRotation, reply: NewKey },
  revokeKey: { ...nothing, summary: 'Revoke an API key', method: 'DELETE', path: '/api/v1/keys/:keyId', params: key, media: 'none' },

  listServiceKeys: { ...nothing, summary: 'Keys of services, each with the account that it acts for', method: 'GET', path: '/api/v1/service-keys', query: pageQuery('key'), reply: pageOf(ServiceKey) },
  createServiceKey: { ...nothing, summary: 'Make a key for a service, with an account of its own that cannot sign in', method: 'POST', path: '/api/v1/service-keys', body: ServiceKeyRequest, reply: NewServiceKey },
  changeServiceKey: { ...nothing, summary: 'Rename a service key, or change what it may do', method: 'PATCH', path: '/api/v1/service-keys/:keyId', params: key, body: KeyChange, reply: ServiceKey },
  rotateServiceKey: { ...nothing, summary: 'Give a service key a new value; the old one goes on for a while', method: 'POST', path: '/api/v1/service-keys/:keyId/rotate', params: key, body: KeyRotation, reply: NewServiceKey },
  revokeServiceKey: { ...nothing, summary: 'Revoke a service key', method: 'DELETE', path: '/api/v1/service-keys/:keyId', params: key, media: 'none' },

  listModels: { ...nothing, summary: 'Models that may be used', method: 'GET', path: '/api/v1/models', reply: z.strictObject({ items: z.array(Model), defaultModel: z.string() }) },
  listConversations: { ...nothing, summary: 'Own conversations, newest first', method: 'GET', path: '/api/v1/conversations', query: pageQuery('conversation'), reply: pageOf(Conversation) },
  searchConversations: { ...nothing, summary: 'Search own conversations by the words of their messages', method: 'POST', path: '/api/v1/conversations/search', body: ConversationSearchRequest, reply: ConversationSearch },
  createConversation: { ...nothing, summary: 'Begin a conversation', method: 'POST', path: '/api/v1/conversations', body: ConversationRequest, reply: Conversation },
  getConversation: { ...nothing, summary: 'One conversation', method: 'GET', path: '/api/v1/conversations/:conversationId', params: conversation, reply: Conversation },
  changeConversation: { ...nothing, summary: 'Rename it, or choose its model', method: 'PATCH', path: '/api/v1/conversations/:conversationId', params: conversation, body: ConversationChange, reply: Conversation },
  deleteConversation: { ...nothing, summary: 'Delete it with its messages', method: 'DELETE', path: '/api/v1/conversations/:conversationId', params: conversation, media: 'none' },
  listMessages: { ...nothing, summary: 'History, oldest first within a page', method: 'GET', path: '/api/v1/conversations/:conversationId/messages', params: conversation, query: pageQuery('message'), reply: pageOf(Message) },
  clearMessages: { ...nothing, summary: 'Clear the history', method: 'DELETE', path: '/api/v1/conversations/:conversationId/messages', params: conversation, media: 'none' },
  createTurn: { ...nothing, summary: 'Ask, and be answered: whole, or as server-sent events', method: 'POST', path: '/api/v1/conversations/:conversationId/turns', params: conversation, body: TurnRequest, reply: Turn, media: 'json-or-events' },
  resumeTurn: { ...nothing, summary: 'The events of a turn from the beginning, or after Last-Event-ID', method: 'GET', path: '/api/v1/turns/:turnId/events', params: turn, media: 'events' },
  stopTurn: { ...nothing, summary: 'Stop a running turn', method: 'POST', path: '/api/v1/turns/:turnId/stop', params: turn, media: 'none' },
  giveFeedback: { ...nothing, summary: 'Rate an answer', method: 'PUT', path: '/api/v1/messages/:messageId/feedback', params: message, body: Feedback, reply: Feedback },
  createChat: { ...nothing, summary: 'One question, one answer, nothing kept', method: 'POST', path: '/api/v1/chat', body: TurnRequest, reply: ChatReply, media: 'json-or-events' },

  getUsage: { ...nothing, summary: 'Own limits and budgets, and what remains of them', method: 'GET', path: '/api/v1/usage', reply: UsageReport },
  setOwnCap: { ...nothing, summary: 'Set a cap of your own, beside the budgets of others', method: 'PUT', path: '/api/v1/usage/cap', body: OwnCapRequest, reply: Budgets },
  listBudgets: { ...nothing, summary: 'All budgets, and how they stand', method: 'GET', path: '/api/v1/budgets', reply: Budgets },
  setBudget: { ...nothing, summary: 'Set a budget, or remove it', method: 'PUT', path: '/api/v1/budgets', body: BudgetRequest, reply: Budgets },
  listBans: { ...nothing, summary: 'Who is kept out or has lower limits, why, and until when', method: 'GET', path: '/api/v1/bans', reply: Penalties },
  liftBan: { ...nothing, summary: 'Lift a ban, or give limits back, at once', method: 'DELETE', path: '/api/v1/bans/:banId', params: ban, media: 'none' },
  listPrices: { ...nothing, summary: 'What models cost, from which day on', method: 'GET', path: '/api/v1/prices', reply: Prices },
  setPrice: { ...nothing, summary: 'Say what a model costs from a day on', method: 'PUT', path: '/api/v1/prices', body: Price, reply: Prices },
  removePrice: { ...nothing, summary: 'Remove a price', method: 'POST', path: '/api/v1/prices/remove', body: PriceRemoval, reply: Prices },

  listDocuments: { ...nothing, summary: 'Documents that answers may draw on', method: 'GET', path: '/api/v1/documents', query: pageQuery('document'), reply: pageOf(Document) },
  addDocument: { ...nothing, summary: 'Add a text or Markdown document', method: 'POST', path: '/api/v1/documents', body: DocumentRequest, reply: AddedDocument },
  deleteDocument: { ...nothing, summary: 'Remove a document from the index', method: 'DELETE', path: '/api/v1/documents/:documentId', params: z.strictObject({ documentId: idOf('document') }), media: 'none' },
  getPassage: { ...nothing, summary: 'A cited passage with its surroundings', method: 'GET', path: '/api/v1/passages/:passageId', params: z.strictObject({ passageId: idOf('passage') }), reply: Passage },

  listProviders: { ...nothing, summary: 'Model providers, and what the answer cache spares them', method: 'GET', path: '/api/v1/providers', reply: z.strictObject({ items: z.array(Provider), adapters: z.array(ProviderAdapter), environment: DeploymentEnvironment.describe('What this server is for'), cache: AnswerCacheFigures }) },
  saveProvider: { ...nothing, summary: 'Add or change a provider; asks it for its models', method: 'PUT', path: '/api/v1/providers/:name', params: z.strictObject({ name: ProviderName }), body: ProviderRequest, reply: Provider },
  listProviderCredentials: { ...nothing, summary: 'The keys of a provider by version, with their use; never their values', method: 'GET', path: '/api/v1/providers/:name/credentials', params: providerName, reply: ProviderCredentialList },
  addProviderCredential: { ...nothing, summary: 'Add a key for a provider, after trying it there: to stand by, or to take over at once', method: 'POST', path: '/api/v1/providers/:name/credentials', params: providerName, body: ProviderCredentialRequest, reply: ProviderCredential },
  rotateProviderCredential: { ...nothing, summary: 'Have the program of this provider make a new key, which takes over once the provider has taken it', method: 'POST', path: '/api/v1/providers/:name/credentials/rotate', params: providerName, reply: ProviderCredential },
  activateProviderCredential: { ...nothing, summary: 'Use a key that stands by or was retired, after trying it', method: 'POST', path: '/api/v1/providers/:name/credentials/:credentialId/activate', params: providerCredential, reply: ProviderCredential },
  revokeProviderCredential: { ...nothing, summary: 'Destroy a key of a provider; the one that stands by takes over', method: 'DELETE', path: '/api/v1/providers/:name/credentials/:credentialId', params: providerCredential, media: 'none' },
  deleteProvider: { ...nothing, summary: 'Remove a provider', method: 'DELETE', path: '/api/v1/providers/:name', params: z.strictObject({ name: ProviderName }), media: 'none' },

  listAudit: { ...nothing, summary: 'The audit log, newest first', method: 'GET', path: '/api/v1/audit', query: z.strictObject({ limit: z.coerce.number().int().min(1).max(200).default(50), before: z.coerce.number().int().positive().optional() }), reply: z.strictObject({ items: z.array(AuditEntry), next: z.int().nullable() }) },
  verifyAudit: { ...nothing, summary: 'Check the chain of the audit log', method: 'POST', path: '/api/v1/audit/verify', reply: AuditCheck },
  resolveDayName: { ...nothing, summary: 'Whose name of a day it was; leaves an entry in the audit log', method: 'POST', path: '/api/v1/audit/resolve', body: z.strictObject({ name: AccountDayName }), reply: z.strictObject({ accountId: idOf('account') }) },
  listSecurityEvents: { ...nothing, summary: 'Security events, newest first', method: 'GET', path: '/api/v1/security-events', query: pageQuery('event'), reply: pageOf(SecurityEvent) },

  getSignUpPolicy: { ...nothing, summary: 'Whether anyone may sign up, and from where', method: 'GET', path: '/api/v1/sign-up', reply: SignUpPolicy },
  signUp: { ...nothing, summary: 'Ask for an invitation by mail; answered alike for every address', method: 'POST', path: '/api/v1/sign-up', body: SignUpRequest, reply: Received },
  verifyEmail: { ...nothing, summary: 'Confirm a changed e-mail address with the token that was sent there', method: 'POST', path: '/api/v1/email-verifications', body: EmailVerification, media: 'none' },
  requestPasswordReset: { ...nothing, summary: 'Ask for a link by mail that sets a new password; answered alike for every address', method: 'POST', path: '/api/v1/password-resets', body: PasswordResetRequest, reply: Received },
  resetPassword: { ...nothing, summary: 'Set a new password with a one-time token', method: 'POST', path: '/api/v1/password-resets/complete', body: PasswordReset, media: 'none' },
  checkPasswordStrength: { ...nothing, summary: 'Whether a password would be taken', method: 'POST', path: '/api/v1/password-strength', body: StrengthRequest, reply: Strength },
  changeProfile: { ...nothing, summary: 'Change your name', method: 'PATCH', path: '/api/v1/account', body: ProfileChange, reply: Account },
  changePassword: { ...nothing, summary: 'Change your password; every other session and token ends', method: 'PUT', path: '/api/v1/account/password', body: PasswordChange, media: 'none' },
  changeEmail: { ...nothing, summary: 'Change your e-mail address', method: 'PUT', path: '/api/v1/account/email', body: EmailChange, reply: EmailChanged },

  listAccounts: { ...nothing, summary: 'Accounts, newest first', method: 'GET', path: '/api/v1/accounts', query: pageQuery('account'), reply: pageOf(ManagedAccount) },
  getAccount: { ...nothing, summary: 'One account', method: 'GET', path: '/api/v1/accounts/:accountId', params: account, reply: ManagedAccount },
  changeAccount: { ...nothing, summary: 'Change the role of an account, suspend or restore it, or demand a new password', method: 'PATCH', path: '/api/v1/accounts/:accountId', params: account, body: AccountChange, reply: ManagedAccount },
  deleteAccount: { ...nothing, summary: 'Erase an account with all that it owns; its data key is destroyed', method: 'DELETE', path: '/api/v1/accounts/:accountId', params: account, reply: ErasureCertificate },
  eraseOwnAccount: { ...nothing, summary: 'Erase one\'s own account with all that it owns; its data key is destroyed', method: 'POST', path: '/api/v1/account/erasure', body: OwnErasureRequest, reply: ErasureCertificate },
  exportOwnAccount: { ...nothing, summary: 'Begin an export of everything that is held on oneself; it goes on by itself', method: 'POST', path: '/api/v1/account/export', reply: DataExport },
  getOwnExport: { ...nothing, summary: 'How far one\'s own export is', method: 'GET', path: '/api/v1/account/export', reply: DataExportState },
  downloadOwnExport: { ...nothing, summary: 'One\'s own export, as a zip of JSON and Markdown', method: 'GET', path: '/api/v1/account/export/:exportId', params: z.strictObject({ exportId: idOf('dataExport') }), media: 'file' },
  exportAccount: { ...nothing, summary: 'Begin an export of what is held on an account below one\'s own, without conversations and documents, which its owner alone exports; it is noted as a security event', method: 'POST', path: '/api/v1/accounts/:accountId/export', params: account, reply: DataExport },
  getAccountExport: { ...nothing, summary: 'How far such an export of somebody else\'s account is', method: 'GET', path: '/api/v1/accounts/:accountId/export', params: account, reply: DataExportState },
  downloadAccountExport: { ...nothing, summary: 'Such an export of somebody else\'s account, as a zip of JSON', method: 'GET', path: '/api/v1/accounts/:accountId/export/:exportId', params: account.extend({ exportId: idOf('dataExport') }), media: 'file' },
  listErasures: { ...nothing, summary: 'Certificates of erasures, newest first', method: 'GET', path: '/api/v1/erasures', query: pageQuery('erasure'), reply: pageOf(ErasureCertificate) },
  verifyErasure: { ...nothing, summary: 'Check a certificate against the database and the backups', method: 'POST', path: '/api/v1/erasures/verify', body: ErasureCertificate, reply: ErasureCheck },
  unlockAccount: { ...nothing, summary: 'End the lock after wrong passwords', method: 'POST', path: '/api/v1/accounts/:accountId/unlock', params: account, media: 'none' },
  createResetLink: { ...nothing, summary: 'Make a one-time link that sets a new password', method: 'POST', path: '/api/v1/accounts/:accountId/reset-link', params: account, reply: OneTimeLink },
  listInvitations: { ...nothing, summary: 'Invitations, newest first', method: 'GET', path: '/api/v1/invitations', query: pageQuery('invitation'), reply: pageOf(Invitation) },
  createInvitation: { ...nothing, summary: 'Invite somebody, or several', method: 'POST', path: '/api/v1/invitations', body: InvitationRequest, reply: NewInvitation },
  revokeInvitation: { ...nothing, summary: 'Revoke an invitation', method: 'DELETE', path: '/api/v1/invitations/:invitationId', params: z.strictObject({ invitationId: idOf('invitation') }), media: 'none' },
  getInvitation: { ...nothing, summary: 'What an invitation offers', method: 'POST', path: '/api/v1/invitations/look-up', body: InvitationToken, reply: InvitationOffer },
  acceptInvitation: { ...nothing, summary: 'Make an account with an invitation; then sign in', method: 'POST', path: '/api/v1/invitations/accept', body: InvitationAcceptance, reply: Account },

  listBackups: { ...nothing, summary: 'Backups, newest first, and how the running one goes', method: 'GET', path: '/api/v1/backups', reply: BackupState },
  createBackup: { ...nothing, summary: 'Begin a backup; it goes on by itself', method: 'POST', path: '/api/v1/backups', reply: BackupState },
  checkBackup: { ...nothing, summary: 'Whether a stored backup is still what was stored', method: 'POST', path: '/api/v1/backups/:backupName/check', params: z.strictObject({ backupName: BackupName }), reply: BackupCheck },
  getDataKeyRotation: { ...nothing, summary: 'How far the rotation of data keys is', method: 'GET', path: '/api/v1/data-keys/rotation', reply: DataKeyRotation },
  rotateDataKeys: { ...nothing, summary: 'Begin a rotation of data keys; it goes on by itself, and nobody is signed out', method: 'POST', path: '/api/v1/data-keys/rotation', body: DataKeyRotationRequest, reply: DataKeyRotation },
  listSecretUses: { ...nothing, summary: 'What the server\'s secrets were read for, and how often', method: 'GET', path: '/api/v1/secret-uses', reply: z.strictObject({ items: z.array(SecretUse) }) },
  listFormerStores: { ...nothing, summary: 'Stores that restores laid aside, with what they hold and when they are removed', method: 'GET', path: '/api/v1/former-stores', reply: FormerStoreList },
  removeFormerStore: { ...nothing, summary: 'Remove a store that a restore laid aside, with everything in it', method: 'DELETE', path: '/api/v1/former-stores/:formerStoreName', params: z.strictObject({ formerStoreName: FormerStoreName }), reply: FormerStoreRemoval },
  setBackupRecipients: { ...nothing, summary: 'For whom backups are encrypted', method: 'PUT', path: '/api/v1/backup-recipients', body: BackupRecipients, reply: BackupState },

  listSignInProviders: { ...nothing, summary: 'Identity providers that one may sign in with', method: 'GET', path: '/api/v1/sign-in-providers', reply: z.strictObject({ items: z.array(SignInProvider) }) },
  startFederatedSignIn: { ...nothing, summary: 'Send the browser to an identity provider', method: 'GET', path: '/api/v1/session/federated/:providerName', params: federated, query: FederatedSignInQuery, media: 'navigation' },
  finishFederatedSignIn: { ...nothing, summary: 'Where an identity provider sends the browser back to', method: 'GET', path: '/api/v1/session/federated/:providerName/callback', params: federated, query: FederatedAnswer, media: 'navigation' },
  backChannelLogout: { ...nothing, summary: 'An identity provider tells that somebody signed out there', method: 'POST', path: '/api/v1/session/federated/:providerName/back-channel-logout', params: federated, body: BackChannelLogoutRequest, reply: ok, takesForm: true },
  listIdentities: { ...nothing, summary: 'Identities that open your account', method: 'GET', path: '/api/v1/account/identities', reply: z.strictObject({ items: z.array(Identity) }) },
  linkIdentity: { ...nothing, summary: 'Begin to link an identity; the browser goes on at the provider', method: 'POST', path: '/api/v1/account/identities', body: LinkRequest, reply: LinkStart },
  unlinkIdentity: { ...nothing, summary: 'Unlink an identity', method: 'DELETE', path: '/api/v1/account/identities/:identityId', params: z.strictObject({ identityId: idOf('identity') }), media: 'none' },
  listIdentityProviders: { ...nothing, summary: 'Identity providers with their settings', method: 'GET', path: '/api/v1/identity-providers', reply: z.strictObject({ items: z.array(IdentityProvider) }) },
  saveIdentityProvider: { ...nothing, summary: 'Add or change an identity provider, after asking it what it is', method: 'PUT', path: '/api/v1/identity-providers/:name', params: z.strictObject({ name: IdentityProviderName }), body: IdentityProviderRequest, reply: IdentityProvider },
  deleteIdentityProvider: { ...nothing, summary: 'Remove an identity provider with the identities linked through it', method: 'DELETE', path: '/api/v1/identity-providers/:name', params: z.strictObject({ name: IdentityProviderName }), media: 'none' },

  listGroups: { ...nothing, summary: 'Groups, newest first', method: 'GET', path: '/api/v1/groups', query: pageQuery('group'), reply: pageOf(Group) },
  createGroup: { ...nothing, summary: 'Make a group', method: 'POST', path: '/api/v1/groups', body: GroupRequest, reply: Group },
  changeGroup: { ...nothing, summary: 'Rename a group, or change the role that it gives', method: 'PATCH', path: '/api/v1/groups/:groupId', params: group, body: GroupChange, reply: Group },
  deleteGroup: { ...nothing, summary: 'Delete a group; what it gave ends', method: 'DELETE', path: '/api/v1/groups/:groupId', params: group, media: 'none' },
  listGroupMembers: { ...nothing, summary: 'Members of a group', method: 'GET', path: '/api/v1/groups/:groupId/members', params: group, reply: GroupMembers },
  setGroupMembers: { ...nothing, summary: 'Set who is in a group by hand', method: 'PUT', path: '/api/v1/groups/:groupId/members', params: group, body: GroupMembersRequest, reply: GroupMembers },

  openConversationAccess: { ...nothing, summary: 'Break the glass: read the conversations of an account for a while; its owner sees it', method: 'POST', path: '/api/v1/accounts/:accountId/conversation-access', params: account, body: ConversationAccessRequest, reply: ConversationAccess },
  listOpenedConversationAccess: { ...nothing, summary: 'What you opened yourself, newest first', method: 'GET', path: '/api/v1/conversation-access/opened', query: pageQuery('conversationAccess'), reply: pageOf(ConversationAccess) },
  listConversationAccess: { ...nothing, summary: 'Who looked at your conversations, when and why', method: 'GET', path: '/api/v1/conversation-access', query: pageQuery('conversationAccess'), reply: pageOf(ConversationAccess) },
  closeConversationAccess: { ...nothing, summary: 'Stop reading before the time is over', method: 'DELETE', path: '/api/v1/conversation-access/:accessId', params: z.strictObject({ accessId: idOf('conversationAccess') }), media: 'none' },
  listAccessedConversations: { ...nothing, summary: 'Conversations of an account whose glass you broke', method: 'GET', path: '/api/v1/accounts/:accountId/conversations', params: account, query: pageQuery('conversation'), reply: pageOf(Conversation) },
  listAccessedMessages: { ...nothing, summary: 'Messages of such a conversation', method: 'GET', path: '/api/v1/accounts/:accountId/conversations/:conversationId/messages', params: z.strictObject({ accountId: idOf('account'), conversationId: idOf('conversation') }), query: pageQuery('message'), reply: pageOf(Message) },

  gatewayListModels: { ...nothing, summary: 'OpenAI: list models', method: 'GET', path: '/v1/models', reply: GatewayModelList, dialect: 'openai' },
  gatewayGetModel: { ...nothing, summary: 'OpenAI: one model', method: 'GET', path: '/v1/models/*', params: z.strictObject({ '*': z.string().min(1).max(200) }), reply: GatewayModel, dialect: 'openai' },
  gatewayChat: { ...nothing, summary: 'OpenAI: chat completions, whole or streamed', method: 'POST', path: '/v1/chat/completions', body: GatewayChatRequest, reply: GatewayChatReply, media: 'json-or-events', dialect: 'openai' },
} as const satisfies Record<string, Operation>

export type Operations = typeof operations
export type OperationId = keyof Operations
export type ParamsOf<Id extends OperationId> = z.output<Operations[Id]['params']>
export type QueryOf<Id extends OperationId> = z.output<Operations[Id]['query']>
export type BodyOf<Id extends OperationId> = z.output<Operations[Id]['body']>
export type ReplyOf<Id extends OperationId> = z.output<Operations[Id]['reply']>

/** The ids of all operations, typed. */
export const operationIds = Object.keys(operations) as readonly OperationId[]

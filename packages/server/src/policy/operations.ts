import type { OperationId, Permission } from '@sallyport/contract'

export type Access = 'anyone' | 'signed-in' | { readonly permission: Permission }
/** How a caller may prove who it is. `person` leaves out API keys: a key must not make keys. */
export type Carriers = 'any' | 'person'
export type BudgetClass = 'none' | 'static' | 'sign-in' | 'second-factor' | 'token' | 'link' | 'estimate' | 'read' | 'write' | 'turn' | 'conversation' | 'feedback' | 'clear' | 'federation' | 'back-channel'

/** `fresh`: the caller proved who it is within `freshProof` of `limits.ts`. */
export type Freshness = 'any' | 'fresh'

export interface OperationPolicy {
  readonly access: Access
  readonly carriers: Carriers
  readonly freshness: Freshness
  /** Whether a caller may do it who still owes something, such as a new password. */
  readonly pending: 'blocked' | 'allowed'
  /** `refused`: no other site may send a browser here, not even by a link. What changes something is refused from other sites in any case. */
  readonly fromOtherSites?: 'refused'
  /** The row of `limits.ts` that counts it. */
  readonly budget: BudgetClass
  /** 0: the operation takes no body. */
  readonly bodyBytes: number
  /** `action`: a row in the action's own transaction, written by the domain. `summary`: one row per turn. */
  readonly audit: 'never' | 'action' | 'summary'
}

const KB = 1_024
const MB = 1_024 * KB
const open = { access: 'anyone', carriers: 'any', freshness: 'any', pending: 'allowed', bodyBytes: 0, audit: 'never' } as const
const own = { access: 'signed-in', carriers: 'person', freshness: 'any', pending: 'blocked', bodyBytes: 0, audit: 'never' } as const
const may = (permission: Permission) => ({ access: { permission }, carriers: 'any', freshness: 'any', pending: 'blocked', bodyBytes: 0, audit: 'never' }) as const

/** The whole security posture, one row per operation. A missing row does not compile. */
export const operationPolicy = {
  getPage:            { ...open, budget: 'static' },
  getHealth:          { ...open, budget: 'none' },
  getReadiness:       { ...open, budget: 'none' },
  getOpenApi:         { ...may('api:read'), budget: 'read' },

  getSetup:           { ...open, budget: 'read' },
  createOwner:        { ...open, budget: 'sign-in', bodyBytes: 4 * KB, audit: 'action' },
  signIn:             { ...open, budget: 'sign-in', bodyBytes: 4 * KB, audit: 'action' },
  getSession:         { ...open, access: 'signed-in', budget: 'read' },
  signOut:            { ...open, access: 'signed-in', carriers: 'person', budget: 'write', audit: 'action' },
  proveAgain:         { ...own, pending: 'allowed', budget: 'write', bodyBytes: 64 * KB, audit: 'action' },
  listSessions:       { ...own, pending: 'allowed', budget: 'read' },
  endSession:         { ...own, pending: 'allowed', budget: 'write', audit: 'action' },
  endOtherSessions:   { ...own, pending: 'allowed', budget: 'write', audit: 'action' },
  issueToken:         { ...open, budget: 'token', bodyBytes: 16 * KB, audit: 'action' },
  revokeToken:        { ...open, budget: 'token', bodyBytes: 16 * KB, audit: 'action' },
  getKeySet:          { ...open, budget: 'static' },
  rotateSigningKey:   { ...may('account:manage'), carriers: 'person', freshness: 'fresh', budget: 'write', bodyBytes: 4 * KB, audit: 'action' },
  revokeAccount:      { ...may('account:manage'), carriers: 'person', freshness: 'fresh', budget: 'write', bodyBytes: 4 * KB, audit: 'action' },
  revokeEverything:   { ...may('account:manage'), carriers: 'person', freshness: 'fresh', budget: 'write', bodyBytes: 4 * KB, audit: 'action' },
  getEmergency:       { ...may('emergency:run'), carriers: 'person', budget: 'read' },
  runEmergency:       { ...may('emergency:run'), carriers: 'person', freshness: 'fresh', budget: 'write', bodyBytes: 4 * KB, audit: 'action' },
  completeSignIn:     { ...open, budget: 'second-factor', bodyBytes: 32 * KB, audit: 'action' },
  passkeySignInOptions: { ...open, budget: 'second-factor', bodyBytes: 4 * KB },
  passkeySignIn:      { ...open, budget: 'sign-in', bodyBytes: 32 * KB, audit: 'action' },

  // Who owes a second factor may set one up, and nothing more.
  listFactors:        { ...own, pending: 'allowed', budget: 'read' },
  beginTotp:          { ...own, freshness: 'fresh', pending: 'allowed', budget: 'write', bodyBytes: 4 * KB },
  confirmTotp:        { ...own, freshness: 'fresh', pending: 'allowed', budget: 'write', bodyBytes: 4 * KB, audit: 'action' },
  beginPasskey:       { ...own, freshness: 'fresh', pending: 'allowed', budget: 'write' },
  addPasskey:         { ...own, freshness: 'fresh', pending: 'allowed', budget: 'write', bodyBytes: 32 * KB, audit: 'action' },
  renewRecoveryCodes: { ...own, freshness: 'fresh', budget: 'write', audit: 'action' },
  changeFactor:       { ...own, budget: 'write', bodyBytes: 4 * KB },
  deleteFactor:       { ...own, freshness: 'fresh', budget: 'write', audit: 'action' },
  resetFactors:       { ...may('account:manage'), carriers: 'person', freshness: 'fresh', budget: 'write', audit: 'action' },

  // Whoever lost the right to make keys still sees and ends those that they have.
  listKeys:           { ...own, budget: 'read' },
  createKey:          { ...may('key:manage'), carriers: 'person', freshness: 'fresh', budget: 'write', bodyBytes: 16 * KB, audit: 'action' },
  changeKey:          { ...may('key:manage'), carriers: 'person', freshness: 'fresh', budget: 'write', bodyBytes: 16 * KB, audit: 'action' },
  rotateKey:          { ...may('key:manage'), carriers: 'person', freshness: 'fresh', budget: 'write', bodyBytes: 4 * KB, audit: 'action' },
  revokeKey:          { ...own, budget: 'write', audit: 'action' },

  listServiceKeys:    { ...may('service-key:manage'), carriers: 'person', budget: 'read' },
  createServiceKey:   { ...may('service-key:manage'), carriers: 'person', freshness: 'fresh', budget: 'write', bodyBytes: 16 * KB, audit: 'action' },
  changeServiceKey:   { ...may('service-key:manage'), carriers: 'person', freshness: 'fresh', budget: 'write', bodyBytes: 16 * KB, audit: 'action' },
  rotateServiceKey:   { ...may('service-key:manage'), carriers: 'person', freshness: 'fresh', budget: 'write', bodyBytes: 4 * KB, audit: 'action' },
  revokeServiceKey:   { ...may('service-key:manage'), carriers: 'person', budget: 'write', audit: 'action' },

  listModels:         { ...may('model:read'), budget: 'read' },
  listConversations:  { ...may('chat:read'), budget: 'read' },
  searchConversations: { ...may('chat:read'), budget: 'read', bodyBytes: 4 * KB },
  createConversation: { ...may('chat:write'), budget: 'conversation', bodyBytes: 4 * KB },
  getConversation:    { ...may('chat:read'), budget: 'read' },
  changeConversation: { ...may('chat:write'), budget: 'write', bodyBytes: 4 * KB },
  deleteConversation: { ...may('chat:write'), budget: 'clear' },
  listMessages:       { ...may('chat:read'), budget: 'read' },
  clearMessages:      { ...may('chat:write'), budget: 'clear' },
  createTurn:         { ...may('chat:write'), budget: 'turn', bodyBytes: 512 * KB, audit: 'summary' },
  resumeTurn:         { ...may('chat:read'), budget: 'read' },
  stopTurn:           { ...may('chat:write'), budget: 'write' },
  giveFeedback:       { ...may('chat:write'), budget: 'feedback', bodyBytes: 16 * KB },
  createChat:         { ...may('chat:write'), budget: 'turn', bodyBytes: 512 * KB, audit: 'summary' },

  getUsage:           { ...may('model:read'), budget: 'read' },
  setOwnCap:          { ...own, budget: 'write', bodyBytes: 4 * KB, audit: 'action' },
  listBudgets:        { ...may('budget:manage'), carriers: 'person', budget: 'read' },
  setBudget:          { ...may('budget:manage'), carriers: 'person', freshness: 'fresh', budget: 'write', bodyBytes: 4 * KB, audit: 'action' },
  listBans:           { ...may('ban:manage'), carriers: 'person', budget: 'read' },
  liftBan:            { ...may('ban:manage'), carriers: 'person', freshness: 'fresh', budget: 'write', audit: 'action' },
  listPrices:         { ...may('budget:manage'), carriers: 'person', budget: 'read' },
  setPrice:           { ...may('budget:manage'), carriers: 'person', freshness: 'fresh', budget: 'write', bodyBytes: 4 * KB, audit: 'action' },
  removePrice:        { ...may('budget:manage'), carriers: 'person', freshness: 'fresh', budget: 'write', bodyBytes: 4 * KB, audit: 'action' },

  listDocuments:      { ...may('knowledge:read'), budget: 'read' },
  addDocument:        { ...may('knowledge:write'), budget: 'write', bodyBytes: 8 * MB, audit: 'action' },
  deleteDocument:     { ...may('knowledge:write'), budget: 'write', audit: 'action' },
  getPassage:         { ...may('knowledge:read'), budget: 'read' },

  listProviders:      { ...may('provider:manage'), carriers: 'person', budget: 'read' },
  saveProvider:       { ...may('provider:manage'), carriers: 'person', freshness: 'fresh', budget: 'write', bodyBytes: 64 * KB, audit: 'action' },
  listProviderCredentials: { ...may('provider-credential:manage'), carriers: 'person', budget: 'read' },
  addProviderCredential: { ...may('provider-credential:manage'), carriers: 'person', freshness: 'fresh', budget: 'write', bodyBytes: 16 * KB, audit: 'action' },
  rotateProviderCredential: { ...may('provider-credential:manage'), carriers: 'person', freshness: 'fresh', budget: 'write', audit: 'action' },
  activateProviderCredential: { ...may('provider-credential:manage'), carriers: 'person', freshness: 'fresh', budget: 'write', audit: 'action' },
  revokeProviderCredential: { ...may('provider-credential:manage'), carriers: 'person', freshness: 'fresh', budget: 'write', audit: 'action' },
  deleteProvider:     { ...may('provider:manage'), carriers: 'person', freshness: 'fresh', budget: 'write', audit: 'action' },

  listAudit:          { ...may('audit:read'), carriers: 'person', budget: 'read' },
  verifyAudit:        { ...may('audit:read'), carriers: 'person', budget: 'write' },
  resolveDayName:     { ...may('audit:resolve'), carriers: 'person', freshness: 'fresh', budget: 'write', bodyBytes: 4 * KB, audit: 'action' },
  listSecurityEvents: { ...may('audit:read'), carriers: 'person', budget: 'read' },

  getSignUpPolicy:    { ...open, budget: 'read' },
  signUp:             { ...open, budget: 'sign-in', bodyBytes: 4 * KB, audit: 'action' },
  verifyEmail:        { ...open, budget: 'link', bodyBytes: 4 * KB, audit: 'action' },
  requestPasswordReset: { ...open, budget: 'sign-in', bodyBytes: 4 * KB, audit: 'action' },
  resetPassword:      { ...open, budget: 'link', bodyBytes: 4 * KB, audit: 'action' },
  checkPasswordStrength: { ...open, budget: 'estimate', bodyBytes: 4 * KB },
  changeProfile:      { ...own, budget: 'write', bodyBytes: 4 * KB, audit: 'action' },
  changePassword:     { ...own, freshness: 'fresh', pending: 'allowed', budget: 'write', bodyBytes: 4 * KB, audit: 'action' },
  changeEmail:        { ...own, freshness: 'fresh', budget: 'write', bodyBytes: 4 * KB, audit: 'action' },

  listAccounts:       { ...may('account:read'), carriers: 'person', budget: 'read' },
  getAccount:         { ...may('account:read'), carriers: 'person', budget: 'read' },
  changeAccount:      { ...may('account:manage'), carriers: 'person', freshness: 'fresh', budget: 'write', bodyBytes: 4 * KB, audit: 'action' },
  deleteAccount:      { ...may('account:manage'), carriers: 'person', freshness: 'fresh', budget: 'write', audit: 'action' },
  eraseOwnAccount:   { ...own, freshness: 'fresh', budget: 'write', bodyBytes: 4 * KB, audit: 'action' },
  exportOwnAccount:   { ...own, freshness: 'fresh', budget: 'clear', audit: 'action' },
  getOwnExport:       { ...own, budget: 'read' },
  downloadOwnExport:  { ...own, freshness: 'fresh', fromOtherSites: 'refused', budget: 'clear', audit: 'action' },
  // What somebody wrote is not in it: that takes breaking the glass.
  exportAccount:      { ...may('account:manage'), carriers: 'person', freshness: 'fresh', budget: 'clear', audit: 'action' },
  getAccountExport:   { ...may('account:manage'), carriers: 'person', budget: 'read' },
  downloadAccountExport: { ...may('account:manage'), carriers: 'person', freshness: 'fresh', fromOtherSites: 'refused', budget: 'clear', audit: 'action' },
  listErasures:       { ...may('account:manage'), carriers: 'person', budget: 'read' },
  verifyErasure:      { ...may('account:manage'), carriers: 'person', budget: 'write', bodyBytes: 256 * KB },
  unlockAccount:      { ...may('account:manage'), carriers: 'person', freshness: 'fresh', budget: 'write', audit: 'action' },
  createResetLink:    { ...may('account:manage'), carriers: 'person', freshness: 'fresh', budget: 'write', audit: 'action' },
  listInvitations:    { ...may('account:manage'), carriers: 'person', budget: 'read' },
  createInvitation:   { ...may('account:manage'), carriers: 'person', freshness: 'fresh', budget: 'write', bodyBytes: 4 * KB, audit: 'action' },
  revokeInvitation:   { ...may('account:manage'), carriers: 'person', budget: 'write', audit: 'action' },
  getInvitation:      { ...open, budget: 'read', bodyBytes: 4 * KB },
  acceptInvitation:   { ...open, budget: 'link', bodyBytes: 4 * KB, audit: 'action' },

  listBackups:        { ...may('backup:manage'), carriers: 'person', budget: 'read' },
  createBackup:       { ...may('backup:manage'), carriers: 'person', budget: 'write', audit: 'action' },
  checkBackup:        { ...may('backup:manage'), carriers: 'person', budget: 'write', audit: 'action' },
  getDataKeyRotation: { ...may('account:manage'), carriers: 'person', budget: 'read' },
  rotateDataKeys:     { ...may('account:manage'), carriers: 'person', freshness: 'fresh', budget: 'write', bodyBytes: 4 * KB, audit: 'action' },
  listSecretUses:     { ...may('audit:read'), carriers: 'person', budget: 'read' },
  listFormerStores:   { ...may('backup:manage'), carriers: 'person', budget: 'read' },
  removeFormerStore:  { ...may('backup:manage'), carriers: 'person', freshness: 'fresh', budget: 'write', audit: 'action' },
  setBackupRecipients: { ...may('backup:manage'), carriers: 'person', freshness: 'fresh', budget: 'write', bodyBytes: 64 * KB, audit: 'action' },

  listSignInProviders: { ...open, budget: 'read' },
  startFederatedSignIn: { ...open, fromOtherSites: 'refused', budget: 'federation' },
  finishFederatedSignIn: { ...open, budget: 'federation', audit: 'action' },
  backChannelLogout:  { ...open, budget: 'back-channel', bodyBytes: 32 * KB, audit: 'action' },
  listIdentities:     { ...own, budget: 'read' },
  linkIdentity:       { ...own, freshness: 'fresh', budget: 'write', bodyBytes: 4 * KB },
  unlinkIdentity:     { ...own, freshness: 'fresh', budget: 'write', audit: 'action' },
  listIdentityProviders: { ...may('identity-provider:manage'), carriers: 'person', budget: 'read' },
  saveIdentityProvider: { ...may('identity-provider:manage'), carriers: 'person', freshness: 'fresh', budget: 'write', bodyBytes: 128 * KB, audit: 'action' },
  deleteIdentityProvider: { ...may('identity-provider:manage'), carriers: 'person', freshness: 'fresh', budget: 'write', audit: 'action' },

  listGroups:         { ...may('group:manage'), carriers: 'person', budget: 'read' },
  createGroup:        { ...may('group:manage'), carriers: 'person', freshness: 'fresh', budget: 'write', bodyBytes: 4 * KB, audit: 'action' },
  changeGroup:        { ...may('group:manage'), carriers: 'person', freshness: 'fresh', budget: 'write', bodyBytes: 4 * KB, audit: 'action' },
  deleteGroup:        { ...may('group:manage'), carriers: 'person', freshness: 'fresh', budget: 'write', audit: 'action' },
  listGroupMembers:   { ...may('group:manage'), carriers: 'person', budget: 'read' },
  setGroupMembers:    { ...may('group:manage'), carriers: 'person', freshness: 'fresh', budget: 'write', bodyBytes: 64 * KB, audit: 'action' },

  openConversationAccess: { ...may('conversation:break-glass'), carriers: 'person', freshness: 'fresh', budget: 'write', bodyBytes: 4 * KB, audit: 'action' },
  listOpenedConversationAccess: { ...may('conversation:break-glass'), carriers: 'person', budget: 'read' },
  listConversationAccess: { ...own, budget: 'read' },
  closeConversationAccess: { ...may('conversation:break-glass'), carriers: 'person', budget: 'write', audit: 'action' },
  listAccessedConversations: { ...may('conversation:break-glass'), carriers: 'person', budget: 'read', audit: 'action' },
  listAccessedMessages: { ...may('conversation:break-glass'), carriers: 'person', budget: 'read', audit: 'action' },

  gatewayListModels:  { ...may('model:read'), budget: 'read' },
  gatewayGetModel:    { ...may('model:read'), budget: 'read' },
  gatewayChat:        { ...may('chat:write'), budget: 'turn', bodyBytes: 4 * MB, audit: 'summary' },
} as const satisfies Record<OperationId, OperationPolicy>

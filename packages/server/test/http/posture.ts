import type { OperationId, Role } from '@sallyport/contract'

// Who may do what, in the words of IDN-1, IDN-11 and IDN-13 and not of the code: written by hand, beside the policy table and not from
// it, so that a row or a role that changes there without a decision fails here. Every operation has a line; a new one does not compile.

const everyone = ['owner', 'administrator', 'operator', 'auditor', 'member', 'guest'] as const
/** Whoever talks to models. An auditor looks on. */
const talkers = ['owner', 'administrator', 'operator', 'member', 'guest'] as const
/** Guests bring nothing of their own. */
const members = ['owner', 'administrator', 'operator', 'member'] as const
const operators = ['owner', 'administrator', 'operator'] as const
const owners = ['owner'] as const
const administrators = ['owner', 'administrator'] as const
const auditors = ['owner', 'administrator', 'auditor'] as const
const overseers = ['owner', 'administrator', 'operator', 'auditor'] as const

export interface Posture {
  /** Null: anyone, with or without a credential. */
  readonly roles: readonly Role[] | null
  /** Whether an API key may do it, or whether it takes a person. */
  readonly byKey: boolean
  /** Whether it takes a proof of the last minutes. */
  readonly isFresh: boolean
  /** Whether somebody may do it who owes a new password or a second factor. */
  readonly whileOwing: boolean
}

const anyone: Posture = { roles: null, byKey: true, isFresh: false, whileOwing: true }
const programs = (roles: readonly Role[]): Posture => ({ roles, byKey: true, isFresh: false, whileOwing: false })
const people = (roles: readonly Role[]): Posture => ({ roles, byKey: false, isFresh: false, whileOwing: false })
const proven = (roles: readonly Role[]): Posture => ({ ...people(roles), isFresh: true })

export const posture: Readonly<Record<OperationId, Posture>> = {
  getPage: anyone,
  getHealth: anyone,
  getReadiness: anyone,
  getOpenApi: programs(operators),

  getSetup: anyone,
  createOwner: anyone,
  signIn: anyone,
  getSession: { ...programs(everyone), whileOwing: true },
  signOut: { ...people(everyone), whileOwing: true },
  completeSignIn: anyone,
  passkeySignInOptions: anyone,
  passkeySignIn: anyone,
  getKeySet: anyone,
  issueToken: anyone,
  revokeToken: anyone,

  getUsage: programs(everyone),
  setOwnCap: people(everyone),
  listBudgets: people(administrators),
  setBudget: proven(administrators),
  listBans: people(operators),
  // Lifting a ban gives nothing that was not theirs, and must be quick.
  // Whoever takes a protection away proves who they are; ending a credential and making a backup take none away.
  liftBan: proven(operators),
  listPrices: people(administrators),
  setPrice: proven(administrators),
  removePrice: proven(administrators),
  listSessions: { ...people(everyone), whileOwing: true },
  endSession: { ...people(everyone), whileOwing: true },
  endOtherSessions: { ...people(everyone), whileOwing: true },
  // Whoever owes something must be able to prove who they are, for what they owe takes a proof.
  proveAgain: { ...people(everyone), whileOwing: true },
  revokeAccount: proven(administrators),
  revokeEverything: proven(administrators),
  rotateSigningKey: proven(administrators),
  // It makes every password worthless, the owners' too: nobody below them may do that to them.
  getEmergency: people(owners),
  runEmergency: proven(owners),

  listFactors: { ...people(everyone), whileOwing: true },
  beginTotp: { ...proven(everyone), whileOwing: true },
  confirmTotp: { ...proven(everyone), whileOwing: true },
  beginPasskey: { ...proven(everyone), whileOwing: true },
  addPasskey: { ...proven(everyone), whileOwing: true },
  renewRecoveryCodes: proven(everyone),
  changeFactor: people(everyone),
  deleteFactor: proven(everyone),
  resetFactors: proven(administrators),

  // A key must not make keys. Ending one is easy, so that nothing stands in the way of whoever lost it, a role that makes keys included (IDN-13).
  listKeys: people(everyone),
  createKey: proven(members),
  changeKey: proven(members),
  rotateKey: proven(members),
  revokeKey: people(everyone),
  listServiceKeys: people(administrators),
  createServiceKey: proven(administrators),
  changeServiceKey: proven(administrators),
  rotateServiceKey: proven(administrators),
  revokeServiceKey: people(administrators),

  listModels: programs(everyone),
  listConversations: programs(talkers),
  searchConversations: programs(talkers),
  createConversation: programs(talkers),
  getConversation: programs(talkers),
  changeConversation: programs(talkers),
  deleteConversation: programs(talkers),
  listMessages: programs(talkers),
  clearMessages: programs(talkers),
  createTurn: programs(talkers),
  resumeTurn: programs(talkers),
  stopTurn: programs(talkers),
  giveFeedback: programs(talkers),
  createChat: programs(talkers),

  listDocuments: programs(talkers),
  addDocument: programs(members),
  deleteDocument: programs(members),
  getPassage: programs(talkers),

  listProviders: people(operators),
  saveProvider: proven(operators),
  deleteProvider: proven(operators),
  listProviderCredentials: people(operators),
  addProviderCredential: proven(operators),
  rotateProviderCredential: proven(operators),
  activateProviderCredential: proven(operators),
  revokeProviderCredential: proven(operators),

  listAudit: people(auditors),
  verifyAudit: people(auditors),
  resolveDayName: proven(administrators),
  listSecurityEvents: people(auditors),

  getSignUpPolicy: anyone,
  signUp: anyone,
  verifyEmail: anyone,
  requestPasswordReset: anyone,
  resetPassword: anyone,
  checkPasswordStrength: anyone,
  changeProfile: people(everyone),
  changePassword: { ...proven(everyone), whileOwing: true },
  changeEmail: proven(everyone),

  listAccounts: people(overseers),
  getAccount: people(overseers),
  changeAccount: proven(administrators),
  deleteAccount: proven(administrators),
  eraseOwnAccount: proven(everyone),
  exportOwnAccount: proven(everyone),
  getOwnExport: people(everyone),
  downloadOwnExport: proven(everyone),
  // Of accounts below them, and without what somebody wrote, which takes breaking the glass.
  exportAccount: proven(administrators),
  getAccountExport: people(administrators),
  downloadAccountExport: proven(administrators),
  listErasures: people(administrators),
  verifyErasure: people(administrators),
  // Helping somebody back in who is locked out gives nothing that was not theirs.
  unlockAccount: proven(administrators),
  createResetLink: proven(administrators),
  listInvitations: people(administrators),
  createInvitation: proven(administrators),
  revokeInvitation: people(administrators),
  getInvitation: anyone,
  acceptInvitation: anyone,

  listBackups: people(administrators),
  createBackup: people(administrators),
  checkBackup: people(administrators),
  getDataKeyRotation: people(administrators),
  rotateDataKeys: proven(administrators),
  listSecretUses: people(auditors),
  // What lies aside is everybody's data of before a restore, and the last of it that is left.
  listFormerStores: people(administrators),
  removeFormerStore: proven(administrators),
  setBackupRecipients: proven(administrators),

  listSignInProviders: anyone,
  startFederatedSignIn: anyone,
  finishFederatedSignIn: anyone,
  backChannelLogout: anyone,
  listIdentities: people(everyone),
  linkIdentity: proven(everyone),
  unlinkIdentity: proven(everyone),
  listIdentityProviders: people(administrators),
  saveIdentityProvider: proven(administrators),
  deleteIdentityProvider: proven(administrators),

  listGroups: people(administrators),
  createGroup: proven(administrators),
  changeGroup: proven(administrators),
  deleteGroup: proven(administrators),
  listGroupMembers: people(administrators),
  setGroupMembers: proven(administrators),

  openConversationAccess: proven(administrators),
  listOpenedConversationAccess: people(administrators),
  listConversationAccess: people(everyone),
  // Ending what was opened is easy, as with keys.
  closeConversationAccess: people(administrators),
  listAccessedConversations: people(administrators),
  listAccessedMessages: people(administrators),

  gatewayListModels: programs(everyone),
  gatewayGetModel: programs(everyone),
  gatewayChat: programs(talkers),
}

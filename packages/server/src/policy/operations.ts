import type { OperationId, Permission } from '@sallyport/contract'

export type Access = 'anyone' | 'signed-in' | { readonly permission: Permission }
/** How a caller may prove who it is. `person` leaves out API keys: a key must not make keys. */
export type Carriers = 'any' | 'person'
export type BudgetClass = 'none' | 'static' | 'sign-in' | 'read' | 'write' | 'turn' | 'feedback' | 'clear'

export interface OperationPolicy {
  readonly access: Access
  readonly carriers: Carriers
  /** The row of `limits.ts` that counts it. */
  readonly budget: BudgetClass
  /** 0: the operation takes no body. */
  readonly bodyBytes: number
  /** `action`: a row in the action's own transaction, written by the domain. `summary`: one row per turn. */
  readonly audit: 'never' | 'action' | 'summary'
}

const KB = 1_024
const MB = 1_024 * KB
const open = { access: 'anyone', carriers: 'any', bodyBytes: 0, audit: 'never' } as const
const may = (permission: Permission) => ({ access: { permission }, carriers: 'any', bodyBytes: 0, audit: 'never' }) as const

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

  listKeys:           { ...may('key:manage'), carriers: 'person', budget: 'read' },
  createKey:          { ...may('key:manage'), carriers: 'person', budget: 'write', bodyBytes: 4 * KB, audit: 'action' },
  revokeKey:          { ...may('key:manage'), carriers: 'person', budget: 'write', audit: 'action' },

  listModels:         { ...may('model:read'), budget: 'read' },
  listConversations:  { ...may('chat:read'), budget: 'read' },
  createConversation: { ...may('chat:write'), budget: 'write', bodyBytes: 4 * KB },
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

  listDocuments:      { ...may('knowledge:read'), budget: 'read' },
  addDocument:        { ...may('knowledge:write'), budget: 'write', bodyBytes: 8 * MB, audit: 'action' },
  deleteDocument:     { ...may('knowledge:write'), budget: 'write', audit: 'action' },
  getPassage:         { ...may('knowledge:read'), budget: 'read' },

  listProviders:      { ...may('provider:manage'), carriers: 'person', budget: 'read' },
  saveProvider:       { ...may('provider:manage'), carriers: 'person', budget: 'write', bodyBytes: 64 * KB, audit: 'action' },
  deleteProvider:     { ...may('provider:manage'), carriers: 'person', budget: 'write', audit: 'action' },

  listAudit:          { ...may('audit:read'), carriers: 'person', budget: 'read' },
  verifyAudit:        { ...may('audit:read'), carriers: 'person', budget: 'write' },
  listAccounts:       { ...may('account:read'), carriers: 'person', budget: 'read' },

  listBackups:        { ...may('backup:manage'), carriers: 'person', budget: 'read' },
  createBackup:       { ...may('backup:manage'), carriers: 'person', budget: 'write', audit: 'action' },
  checkBackup:        { ...may('backup:manage'), carriers: 'person', budget: 'write', audit: 'action' },
  setBackupRecipients: { ...may('backup:manage'), carriers: 'person', budget: 'write', bodyBytes: 64 * KB, audit: 'action' },

  gatewayListModels:  { ...may('model:read'), budget: 'read' },
  gatewayGetModel:    { ...may('model:read'), budget: 'read' },
  gatewayChat:        { ...may('chat:write'), budget: 'turn', bodyBytes: 4 * MB, audit: 'summary' },
} as const satisfies Record<OperationId, OperationPolicy>

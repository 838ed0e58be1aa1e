import { operations, type OperationId } from '@sallyport/contract'
import * as z from 'zod'
import type { Database } from '../../src/database/database.ts'
import { PASSWORD, type Person, type TestServer } from '../../src/testing/server.ts'

/** One call that its owner may make, ready to send. */
export interface Sample {
  readonly method: string
  readonly path: string
  readonly body?: unknown
  /** What an allowed caller, to whom everything in the call belongs, is answered. */
  readonly status: number
}

interface Made { readonly params?: Readonly<Record<string, string>>; readonly query?: string; readonly body?: unknown; readonly status?: number }
interface Surroundings { readonly server: TestServer; readonly owner: Person }
type Maker = (surroundings: Surroundings) => Promise<Made> | Made

const Id = z.object({ id: z.string() })
const TurnReply = z.object({ turnId: z.string(), answer: z.object({ id: z.string() }) })
const KeyReply = z.object({ key: z.object({ id: z.string() }) })

const NOT_THERE = `pvc_${'0'.repeat(32)}`
const MODEL = 'sallyport/library'
/** A recipient whose identity nobody has. */
const RECIPIENT = 'age1xkx3neescdg5c8e9lkzfmmfh4hsdhdmcvjywju6kp9sgec9cy4ts0z9lw5'
const conversation = async ({ owner }: Surroundings) => ({ conversationId: await owner.newConversation() })
const turns = new WeakMap<Person, Promise<z.output<typeof TurnReply>>>()
/** One turn serves every call that only looks at it. */
const turn = ({ owner }: Surroundings) => {
  const made = turns.get(owner) ?? newTurn(owner)
  turns.set(owner, made)
  return made
}
const newTurn = async (owner: Person) =>
  TurnReply.parse((await owner.call('POST', `/api/v1/conversations/${await owner.newConversation()}/turns`, { text: 'How do I make an API key?', model: MODEL })).json)
const document = async ({ owner }: Surroundings) =>
  Id.parse((await owner.call('POST', '/api/v1/documents', { title: 'A note', text: `Bees dance. ${crypto.randomUUID()}`, mediaType: 'text/plain', collection: 'mine' })).json)
const key = async ({ owner }: Surroundings) => KeyReply.parse((await owner.call('POST', '/api/v1/keys', { name: 'sample' })).json).key
const serviceKey = async ({ owner }: Surroundings) => KeyReply.parse((await owner.call('POST', '/api/v1/service-keys', { name: 'sample' })).json).key
const group = async ({ owner }: Surroundings) => Id.parse((await owner.call('POST', '/api/v1/groups', { name: `Group ${crypto.randomUUID().slice(0, 8)}` })).json)
/** Of nobody, signed by nobody: it is checked, and found to be none. */
const CERTIFICATE = {
  format: 1, id: `ers_${'0'.repeat(32)}`, storeId: 'nowhere', account: '0'.repeat(64), erasedAt: '2026-01-01T00:00:00.000Z', requestedBy: 'person', keyVersions: [1], cleared: {}, kept: {},
  backups: { closedAt: null, keptThen: [] }, outOfReach: '', publicKey: 'AA', signature: 'AA',
}
const newAccount = async ({ server }: Surroundings) => ({ accountId: (await server.addAccount(`somebody-${crypto.randomUUID()}`)).account.id })
/** One whose address is taken. */
const takenAccount = ({ server }: Surroundings) => server.addAccount(`taken-${crypto.randomUUID()}`)
const InvitationMade = z.object({ invitation: Id, link: z.string() })
const invitation = async ({ owner }: Surroundings) => {
  const { invitation: { id }, link } = InvitationMade.parse((await owner.call('POST', '/api/v1/invitations', {})).json)
  return { id, token: link.slice(link.indexOf('#') + 1) }
}
/** A further session of the owner's, ended without harm to the calls that come after. */
const session = async ({ server, owner }: Surroundings) => {
  await server.renew(owner)
  const row = await server.sallyport.database.read.selectFrom('session').select('id').where('account_id', '=', owner.account.id).orderBy('id', 'desc').limit(1).executeTakeFirstOrThrow()
  return row.id
}
const access = async (from: Surroundings) => {
  const { accountId } = await newAccount(from)
  return { accountId, accessId: Id.parse((await from.owner.call('POST', `/api/v1/accounts/${accountId}/conversation-access`, { reason: 'A sample of a reason', minutes: 5 })).json).id }
}
/** A token with the right form that nobody was given. */
const UNKNOWN_TOKEN = 'x'.repeat(43)
const credential = { id: 'AAAA', rawId: 'AAAA', type: 'public-key', clientExtensionResults: {} } as const
const assertion = { ...credential, response: { clientDataJSON: 'AAAA', authenticatorData: 'AAAA', signature: 'AAAA' } }
const nobodys = (prefix: string) => `${prefix}_${'0'.repeat(32)}`

/** One working call of every operation. An operation without one does not compile. */
const makers = {
  getPage: () => ({ params: { '*': '' } }),
  getHealth: () => ({}),
  getReadiness: () => ({}),
  getOpenApi: () => ({}),
  getSetup: () => ({}),
  // Set-up is closed by then: the door answers, and refuses.
  createOwner: () => ({ body: { token: 'x'.repeat(43), email: 'second@example.org', name: 'Second', password: PASSWORD }, status: 403 }),
  signIn: ({ owner }) => ({ body: { email: owner.account.email, password: PASSWORD } }),
  getSession: () => ({}),
  signOut: () => ({}),
  completeSignIn: () => ({ body: { challenge: UNKNOWN_TOKEN, code: '000000' }, status: 401 }),
  passkeySignInOptions: () => ({ body: { challenge: UNKNOWN_TOKEN }, status: 409 }),
  passkeySignIn: () => ({ body: { assertion }, status: 409 }),
  proveAgain: () => ({ body: { password: PASSWORD } }),
  listSessions: () => ({}),
  endSession: async (from) => ({ params: { sessionId: await session(from) } }),
  endOtherSessions: () => ({}),
  // Whoever carries a credential beside the one in the body is refused for that, so the body has one that says nothing.
  issueToken: () => ({ body: { grant_type: 'refresh_token', refresh_token: UNKNOWN_TOKEN }, status: 400 }),
  revokeToken: () => ({ body: { token: UNKNOWN_TOKEN } }),
  getKeySet: () => ({}),
  rotateSigningKey: () => ({ body: { endOld: false } }),
  revokeAccount: async (from) => ({ params: await newAccount(from), body: { keys: true } }),
  revokeEverything: () => ({ body: { keys: false } }),
  getEmergency: () => ({}),
  // With a key that is not there it is refused before anything ends: every other call of a test needs its accounts.
  runEmergency: () => ({ body: { keepKeys: [nobodys('key')] }, status: 400 }),
  listFactors: () => ({}),
  beginTotp: () => ({ body: { name: 'Telephone' } }),
  confirmTotp: () => ({ body: { factorId: nobodys('fct'), code: '000000' }, status: 404 }),
  beginPasskey: () => ({ status: 409 }),
  addPasskey: () => ({ body: { name: 'Laptop', attestation: { ...credential, response: { clientDataJSON: 'AAAA', attestationObject: 'AAAA' } } }, status: 409 }),
  renewRecoveryCodes: () => ({ status: 409 }),
  changeFactor: () => ({ params: { factorId: nobodys('fct') }, body: { name: 'Telephone' }, status: 404 }),
  deleteFactor: () => ({ params: { factorId: nobodys('fct') }, status: 404 }),
  resetFactors: async (from) => ({ params: await newAccount(from) }),
  listKeys: () => ({}),
  createKey: () => ({ body: { name: 'laptop', expiresInDays: 30, scopes: { models: ['sallyport/library'], permissions: ['chat:write'] }, addresses: ['127.0.0.0/8'], limits: { turnsPerDay: 5 } } }),
  changeKey: async (from) => ({ params: { keyId: (await key(from)).id }, body: { name: 'desk', addresses: ['10.0.0.0/8'] } }),
  rotateKey: async (from) => ({ params: { keyId: (await key(from)).id }, body: { graceHours: 1 } }),
  revokeKey: async (from) => ({ params: { keyId: (await key(from)).id } }),
  listServiceKeys: () => ({}),
  createServiceKey: () => ({ body: { name: 'nightly', role: 'guest' } }),
  changeServiceKey: async (from) => ({ params: { keyId: (await serviceKey(from)).id }, body: { name: 'daily', limits: { turnsPerDay: 5 } } }),
  rotateServiceKey: async (from) => ({ params: { keyId: (await serviceKey(from)).id }, body: { graceHours: 0 } }),
  revokeServiceKey: async (from) => ({ params: { keyId: (await serviceKey(from)).id } }),
  listModels: () => ({}),
  listConversations: () => ({ query: '?limit=5' }),
  searchConversations: () => ({ body: { text: 'bees' } }),
  createConversation: () => ({ body: { title: 'Bees' } }),
  getConversation: async (from) => ({ params: await conversation(from) }),
  changeConversation: async (from) => ({ params: await conversation(from), body: { title: 'Wasps' } }),
  deleteConversation: async (from) => ({ params: await conversation(from) }),
  listMessages: async (from) => ({ params: await conversation(from) }),
  clearMessages: async (from) => ({ params: await conversation(from) }),
  createTurn: async (from) => ({ params: await conversation(from), body: { text: 'What is a turn?', model: MODEL } }),
  resumeTurn: async (from) => ({ params: { turnId: (await turn(from)).turnId } }),
  stopTurn: async (from) => ({ params: { turnId: (await turn(from)).turnId } }),
  giveFeedback: async (from) => ({ params: { messageId: (await turn(from)).answer.id }, body: { rating: 'up', comment: 'Clear.' } }),
  createChat: () => ({ body: { text: 'What is a turn?', model: MODEL } }),
  getUsage: () => ({}),
  setOwnCap: () => ({ body: { period: 'month', unit: 'tokens', amount: 1_000_000_000 } }),
  listBudgets: () => ({}),
  setBudget: () => ({ body: { scope: 'role', subject: 'guest', period: 'month', unit: 'tokens', amount: 1_000_000_000 } }),
  listBans: () => ({}),
  liftBan: () => ({ params: { banId: nobodys('ban') }, status: 404 }),
  listPrices: () => ({}),
  setPrice: () => ({ body: { model: 'sample/model', from: '2026-01-01', inputPerMillion: 1, outputPerMillion: 2 } }),
  removePrice: () => ({ body: { model: 'nobody/nothing', from: '2026-01-01' }, status: 404 }),
  listDocuments: () => ({}),
  addDocument: () => ({ body: { title: 'A note', text: `Bees dance. ${crypto.randomUUID()}`, mediaType: 'text/plain', collection: 'mine' } }),
  deleteDocument: async (from) => ({ params: { documentId: (await document(from)).id } }),
  getPassage: async (from) => ({ params: { passageId: await passageOf(from.server.sallyport.database, (await document(from)).id) } }),
  listProviders: () => ({}),
  saveProvider: () => ({ params: { name: 'local' }, body: { adapter: 'ollama', baseUrl: 'http://127.0.0.1:9', allowPrivateAddress: true, models: ['llama'] } }),
  listProviderCredentials: () => ({ params: { name: 'nobody' }, status: 404 }),
  addProviderCredential: () => ({ params: { name: 'nobody' }, body: { credential: 'a-key-of-a-provider-7' }, status: 404 }),
  rotateProviderCredential: () => ({ params: { name: 'nobody' }, status: 404 }),
  activateProviderCredential: () => ({ params: { name: 'nobody', credentialId: NOT_THERE }, status: 404 }),
  revokeProviderCredential: () => ({ params: { name: 'nobody', credentialId: NOT_THERE }, status: 404 }),
  deleteProvider: async ({ owner }) => {
    await owner.call('PUT', '/api/v1/providers/gone', { adapter: 'ollama', baseUrl: 'http://127.0.0.1:9', allowPrivateAddress: true, models: ['llama'] })
    return { params: { name: 'gone' } }
  },
  listAudit: () => ({ query: '?limit=3' }),
  verifyAudit: () => ({}),
  resolveDayName: () => ({ body: { name: 'acc-20260101-0123456789abcdef' }, status: 404 }),
  listSecurityEvents: () => ({ query: '?limit=3' }),

  getSignUpPolicy: () => ({}),
  // Closed, without mail: the door answers, and refuses.
  signUp: () => ({ body: { email: 'somebody@example.org' }, status: 403 }),
  requestPasswordReset: () => ({ body: { email: 'somebody@example.org' }, status: 409 }),
  verifyEmail: () => ({ body: { token: 'x'.repeat(43) }, status: 410 }),
  resetPassword: () => ({ body: { token: 'x'.repeat(43), password: PASSWORD }, status: 410 }),
  checkPasswordStrength: () => ({ body: { password: PASSWORD } }),
  changeProfile: () => ({ body: { name: 'Another Name' } }),
  // What would change the caller itself is refused in the end: others of the same test need it as it is.
  changePassword: () => ({ body: { current: PASSWORD, password: PASSWORD }, status: 422 }),
  changeEmail: async (from) => ({ body: { email: (await takenAccount(from)).account.email }, status: 409 }),

  listAccounts: () => ({}),
  getAccount: ({ owner }) => ({ params: { accountId: owner.account.id } }),
  changeAccount: async (from) => ({ params: await newAccount(from), body: { passwordChangeNeeded: false } }),
  deleteAccount: async (from) => ({ params: await newAccount(from) }),
  eraseOwnAccount: () => ({ body: { email: 'somebody-else@example.org' }, status: 400 }),
  exportOwnAccount: () => ({}),
  getOwnExport: () => ({}),
  downloadOwnExport: () => ({ params: { exportId: nobodys('exp') }, status: 404 }),
  exportAccount: async (from) => ({ params: await newAccount(from) }),
  getAccountExport: async (from) => ({ params: await newAccount(from) }),
  downloadAccountExport: async (from) => ({ params: { ...await newAccount(from), exportId: nobodys('exp') }, status: 404 }),
  listErasures: () => ({}),
  verifyErasure: () => ({ body: CERTIFICATE }),
  unlockAccount: async (from) => ({ params: await newAccount(from) }),
  createResetLink: async (from) => ({ params: await newAccount(from) }),
  listInvitations: () => ({}),
  createInvitation: () => ({ body: { role: 'guest' } }),
  revokeInvitation: async (from) => ({ params: { invitationId: (await invitation(from)).id } }),
  getInvitation: async (from) => ({ body: { token: (await invitation(from)).token } }),
  acceptInvitation: () => ({ body: { token: 'x'.repeat(43), email: 'somebody@example.org', name: 'Some Body', password: PASSWORD }, status: 410 }),
  listBackups: () => ({}),
  createBackup: async ({ owner }) => {
    await owner.call('PUT', '/api/v1/backup-recipients', { recipients: [RECIPIENT] })
    return {}
  },
  checkBackup: () => ({ params: { backupName: '20260101t000000z-00000000' }, status: 404 }),
  getDataKeyRotation: () => ({}),
  rotateDataKeys: async (from) => ({ body: { accountId: (await newAccount(from)).accountId } }),
  listSecretUses: () => ({}),
  listFormerStores: () => ({}),
  removeFormerStore: () => ({ params: { formerStoreName: 'former-20260101000000000_0000' }, status: 404 }),
  setBackupRecipients: () => ({ body: { recipients: [RECIPIENT] } }),
  listSignInProviders: () => ({}),
  startFederatedSignIn: () => ({ params: { providerName: 'nobody' }, status: 404 }),
  finishFederatedSignIn: () => ({ params: { providerName: 'nobody' }, status: 404 }),
  backChannelLogout: () => ({ params: { providerName: 'nobody' }, body: { logout_token: 'x' }, status: 404 }),
  listIdentities: () => ({}),
  linkIdentity: () => ({ body: { provider: 'nobody' }, status: 404 }),
  unlinkIdentity: () => ({ params: { identityId: nobodys('idn') }, status: 404 }),
  listIdentityProviders: () => ({}),
  // It is asked what it is, and at this address nobody answers.
  saveIdentityProvider: () => ({ params: { name: 'local' }, body: { label: 'Local', protocol: { kind: 'oidc', issuer: 'https://127.0.0.1:9' }, clientId: 'sallyport', clientSecret: 'a-secret-of-tests', allowPrivateAddress: true }, status: 502 }),
  deleteIdentityProvider: () => ({ params: { name: 'nobody' }, status: 404 }),
  listGroups: () => ({}),
  createGroup: () => ({ body: { name: `Group ${crypto.randomUUID().slice(0, 8)}` } }),
  changeGroup: async (from) => ({ params: { groupId: (await group(from)).id }, body: { name: `Group ${crypto.randomUUID().slice(0, 8)}` } }),
  deleteGroup: async (from) => ({ params: { groupId: (await group(from)).id } }),
  listGroupMembers: async (from) => ({ params: { groupId: (await group(from)).id } }),
  setGroupMembers: async (from) => ({ params: { groupId: (await group(from)).id }, body: { accountIds: [(await newAccount(from)).accountId] } }),
  openConversationAccess: async (from) => ({ params: await newAccount(from), body: { reason: 'A sample of a reason', minutes: 5 } }),
  listOpenedConversationAccess: () => ({}),
  listConversationAccess: () => ({}),
  closeConversationAccess: async (from) => ({ params: { accessId: (await access(from)).accessId } }),
  listAccessedConversations: async (from) => ({ params: { accountId: (await access(from)).accountId } }),
  listAccessedMessages: async (from) => ({ params: { accountId: (await access(from)).accountId, conversationId: nobodys('con') }, status: 404 }),
  gatewayListModels: () => ({}),
  gatewayGetModel: () => ({ params: { '*': MODEL } }),
  gatewayChat: () => ({ body: { model: MODEL, messages: [{ role: 'user', content: 'Hello' }] } }),
} satisfies Record<OperationId, Maker>

/** A working call of an operation, about things that the owner has just made for it. */
export async function makeSample(id: OperationId, surroundings: Surroundings): Promise<Sample> {
  const maker: Maker = makers[id]
  const { params = {}, query = '', body, status } = await maker(surroundings)
  const { method, path, media } = operations[id]
  return {
    method, path: path.replaceAll(/:(\w+)|\*/g, (_, name: string | undefined) => params[name ?? '*'] ?? '') + query, ...(body !== undefined && { body }),
    status: status ?? (media === 'none' ? 204 : 200),
  }
}

async function passageOf(database: Database, documentId: string): Promise<string> {
  const row = await database.read.selectFrom('passage').select('id').where('document_id', '=', documentId).executeTakeFirstOrThrow()
  return row.id
}

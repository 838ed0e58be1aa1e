import type { Handlers } from '../../kernel/handler.ts'
import type { Accounts } from './service.ts'

const received = { received: true } as const

export const accountRoutes = (accounts: Accounts) => ({
  getSetup: async () => ({ open: !(await accounts.isSetUp()) }),
  getSignUpPolicy: () => Promise.resolve(accounts.signUpPolicy()),
  signUp: async ({ caller, body }) => {
    await accounts.signUp(caller, body)
    return received
  },
  verifyEmail: async ({ caller, body }) => { await accounts.verifyEmail(caller, body); return undefined },
  requestPasswordReset: ({ caller, body }) => { accounts.requestPasswordReset(caller, body); return Promise.resolve(received) },
  resetPassword: async ({ caller, body }) => { await accounts.resetPassword(caller, body); return undefined },
  checkPasswordStrength: ({ body: { password, email, name } }) => accounts.judgePassword(password, { email: email ?? null, name: name ?? null }),
  changeProfile: ({ caller, body }) => accounts.changeProfile(caller, body),
  changePassword: async ({ caller, body }) => { await accounts.changePassword(caller, body); return undefined },
  changeEmail: ({ caller, body }) => accounts.changeEmail(caller, body),
  listAccounts: ({ query }) => accounts.list(query),
  getAccount: ({ params }) => accounts.managed(params.accountId),
  changeAccount: ({ caller, params, body }) => accounts.change(caller, params.accountId, body),
  unlockAccount: async ({ caller, params }) => { await accounts.unlock(caller, params.accountId); return undefined },
  createResetLink: ({ caller, params }) => accounts.createResetLink(caller, params.accountId),
  listInvitations: ({ query }) => accounts.listInvitations(query),
  createInvitation: ({ caller, body }) => accounts.createInvitation(caller, body),
  revokeInvitation: async ({ caller, params }) => { await accounts.revokeInvitation(caller, params.invitationId); return undefined },
  getInvitation: ({ body }) => accounts.getInvitation(body.token),
  acceptInvitation: ({ caller, body }) => accounts.acceptInvitation(caller, body),
}) satisfies Partial<Handlers>

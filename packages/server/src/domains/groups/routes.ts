import type { Handlers } from '../../kernel/handler.ts'
import type { Groups } from './service.ts'

export const groupRoutes = (groups: Groups) => ({
  listGroups: ({ query }) => groups.list(query),
  createGroup: ({ caller, body }) => groups.create(caller, body),
  changeGroup: ({ caller, params, body }) => groups.change(caller, params.groupId, body),
  deleteGroup: async ({ caller, params }) => { await groups.remove(caller, params.groupId) },
  listGroupMembers: ({ params }) => groups.members(params.groupId),
  setGroupMembers: ({ caller, params, body }) => groups.setMembers(caller, params.groupId, body.accountIds),
}) satisfies Partial<Handlers>

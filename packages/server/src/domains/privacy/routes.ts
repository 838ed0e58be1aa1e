import type { Handlers } from '../../kernel/handler.ts'
import { requireScope } from '../../kernel/require-scope.ts'
import type { Erasure } from './erase.ts'
import type { Exports } from './exports.ts'
import type { FormerManagement } from './manage-former-stores.ts'

interface PrivacyParts { readonly erasure: Erasure; readonly exports: Exports; readonly formerStores: FormerManagement }

export const privacyRoutes = ({ erasure, exports, formerStores }: PrivacyParts) => ({
  exportOwnAccount: ({ caller }) => exports.begin(caller, requireScope(caller).accountId),
  getOwnExport: ({ caller }) => exports.last(caller, requireScope(caller).accountId),
  downloadOwnExport: ({ caller, params }) => exports.download(caller, requireScope(caller).accountId, params.exportId),
  exportAccount: ({ caller, params }) => exports.begin(caller, params.accountId),
  getAccountExport: ({ caller, params }) => exports.last(caller, params.accountId),
  downloadAccountExport: ({ caller, params }) => exports.download(caller, params.accountId, params.exportId),
  deleteAccount: ({ caller, params }) => erasure.eraseAccount(caller, params.accountId),
  eraseOwnAccount: ({ caller, body }) => erasure.eraseOwn(caller, body.email),
  listErasures: ({ query }) => erasure.list(query),
  verifyErasure: ({ body }) => erasure.verify(body),
  listFormerStores: () => formerStores.list(),
  removeFormerStore: ({ caller, params }) => formerStores.remove(caller, params.formerStoreName),
}) satisfies Partial<Handlers>

import type { Role, ServiceKey, ServiceKeyRequest } from '@sallyport/contract'
import type * as z from 'zod'
import type { Database } from '../../database/database.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Caller } from '../../kernel/handler.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { managedRoles } from '../../policy/roles.ts'
import { accountNameOf, type ServiceAccounts } from '../accounts/index.ts'
import { auditStep } from '../audit/index.ts'
import type { KeyRing } from '../secrets/index.ts'
import type { Managing } from './key-parts.ts'
import type { KeyManager } from './manage-keys.ts'
import type { KeyUpdateRequest } from './settings.ts'
import { createServiceKeyStore } from './store.ts'

export interface ServiceKeyDeps { readonly database: Database; readonly keyRing: Pick<KeyRing, 'sealerOf'>; readonly clock: Clock; readonly manager: KeyManager; readonly serviceAccounts: ServiceAccounts }
type Found = NonNullable<Awaited<ReturnType<ReturnType<typeof createServiceKeyStore>['get']>>>

/** Keys of services: each acts for an account of its own, whose role its maker chose and which nobody can sign in to. */
export function createServiceKeys({ database, keyRing, clock, manager, serviceAccounts }: ServiceKeyDeps) {
  const store = createServiceKeyStore(database)
  const accountOf = async (row: Pick<Found, 'account_id' | 'account_name_sealed' | 'account_role'>) =>
    ({ id: row.account_id, name: await accountNameOf(keyRing, { id: row.account_id, name_sealed: row.account_name_sealed }), role: row.account_role })
  /** The key of that id, if it is a service's and the caller may give its account's role. */
  const manage = async (caller: Caller, id: string): Promise<{ managing: Managing; row: Found }> => {
    const row = await store.get(id)
    if (row === null) throw new ProblemError('not-found')
    requireMayGive(caller, row.account_role)
    return { row, managing: { owner: { accountId: row.account_id, isService: true }, caller, role: row.account_role } }
  }
  return {
    async list({ limit, before }: { readonly limit: number; readonly before?: string | undefined }): Promise<{ items: ServiceKey[]; next: string | null }> {
      const rows = await store.page(before, limit)
      const keys = await manager.show(rows)
      return {
        items: await Promise.all(rows.flatMap((row) => keys.filter(({ id }) => id === row.id).map(async (key) => ({ ...key, account: await accountOf(row) })))),
        next: rows.length === limit ? rows.at(-1)?.id ?? null : null,
      }
    },
    /** Makes the account and its key together. Throws `not-allowed` for a role that the caller may not give. */
    async create(caller: Caller, { role, ...settings }: z.output<typeof ServiceKeyRequest>): Promise<{ key: ServiceKey; value: string }> {
      requireMayGive(caller, role)
      const account = await serviceAccounts.prepare({ name: settings.name, role })
      const { key, value, steps } = manager.prepare({ owner: { accountId: account.id, isService: true }, caller, role, sealer: account.sealer }, settings)
      await database.write([...account.steps, auditStep(caller, { at: clock.now(), action: 'service-account-created', detail: { accountId: account.id, role } }), ...steps])
      return { key: { ...key, account: { id: account.id, name: settings.name, role } }, value }
    },
    async change(caller: Caller, id: string, change: KeyUpdateRequest): Promise<ServiceKey> {
      const { managing, row } = await manage(caller, id)
      return { ...await manager.change(managing, id, change), account: await accountOf(row) }
    },
    async rotate(caller: Caller, id: string, graceHours: number): Promise<{ key: ServiceKey; value: string }> {
      const { managing, row } = await manage(caller, id)
      const { key, value } = await manager.rotate(managing, id, graceHours)
      return { key: { ...key, account: await accountOf(row) }, value }
    },
    async revoke(caller: Caller, id: string): Promise<void> {
      const { managing } = await manage(caller, id)
      await manager.revoke(managing, id)
    },
  }
}

/** Nobody hands out, or takes over, a role that they may not give to a person either (IDN-11). */
function requireMayGive(caller: Caller, role: Role): void {
  if (caller.role === null || !managedRoles[caller.role].has(role)) throw new ProblemError('not-allowed', { detail: `You may not give the role ${role}. Ask an owner.` })
}

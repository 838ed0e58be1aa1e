import type { Database, WriteStep } from '../../database/database.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Caller } from '../../kernel/handler.ts'
import { requireScope } from '../../kernel/require-scope.ts'
import type { ServiceAccounts } from '../accounts/index.ts'
import type { SharedRevocations } from '../revocations/index.ts'
import type { KeyRing } from '../secrets/index.ts'
import { createKeyLookup } from './find-key.ts'
import { createKeyImport } from './import-keys.ts'
import { createKeyDays } from './key-days.ts'
import type { Managing } from './key-parts.ts'
import { createKeyManager } from './manage-keys.ts'
import { createRotationReminder } from './remind-rotation.ts'
import { createServiceKeys } from './service-keys.ts'
import type { KeySettings, KeyUpdateRequest } from './settings.ts'
import { createFormerStore, createKeyFinder, createKeyStore } from './store.ts'

export interface KeyDeps { readonly database: Database; readonly keyRing: Pick<KeyRing, 'sealerOf'>; readonly clock: Clock; readonly serviceAccounts: ServiceAccounts; readonly revocations: SharedRevocations }

/** API keys: made once, shown once, kept as digests (IDN-8). */
export function createKeys(deps: KeyDeps) {
  const { database } = deps
  const finder = createKeyFinder(database)
  const keysOf = createKeyStore(database)
  const formers = createFormerStore(database)
  const parts = { ...deps, finder }
  const lookup = createKeyLookup(parts)
  const manager = createKeyManager(deps)
  const own = (caller: Caller): Managing => ({ owner: requireScope(caller), caller, role: caller.role ?? 'guest' })
  return {
    ...lookup,
    days: createKeyDays(deps),
    services: createServiceKeys({ ...deps, manager }),
    importKeys: createKeyImport(parts),
    /** The steps that end every key of an account, or of all but some, of which earlier values end; for a batch that announces what it revokes. */
    revokeAllSteps: (accountId: string | null, keepIds: readonly string[] = []): readonly WriteStep[] => [finder.revokeAll(accountId, deps.clock.now(), keepIds), ...keepIds.map((id) => formers.remove(id))],
    /** Whether every one of these keys is there and lives. */
    areLiving: async (ids: readonly string[]): Promise<boolean> => await finder.countLiving(ids, deps.clock.now()) === new Set(ids).size,
    remindRotation: createRotationReminder(parts),
    async list(caller: Caller, { limit, before }: { readonly limit: number; readonly before?: string | undefined }) {
      const rows = await keysOf(requireScope(caller)).page(before, limit)
      return { items: [...await manager.show(rows)], next: rows.length === limit ? rows.at(-1)?.id ?? null : null }
    },
    create: (caller: Caller, settings: KeySettings) => manager.create(own(caller), settings),
    change: (caller: Caller, id: string, change: KeyUpdateRequest) => manager.change(own(caller), id, change),
    rotate: (caller: Caller, id: string, graceHours: number) => manager.rotate(own(caller), id, graceHours),
    revoke: (caller: Caller, id: string) => manager.revoke(own(caller), id),
  }
}
export type Keys = ReturnType<typeof createKeys>

import type { Key } from '@sallyport/contract'
import { tokenDigest } from '../../kernel/digest.ts'
import { newId } from '../../kernel/ids.ts'
import { ProblemError } from '../../kernel/problem.ts'
import type { Sealer } from '../../kernel/seal.ts'
import { keysPerAccount } from '../../policy/limits.ts'
import { auditStep } from '../audit/index.ts'
import { newKeyValue, startOf } from './format.ts'
import { createKeyParts, type ManageDeps, type Managing } from './key-parts.ts'
import { formatRestriction, parseRestriction, sealKeyName, toKey } from './key-row.ts'
import { createRotation } from './rotate-key.ts'
import { endOf, restrict, type KeySettings, type KeyUpdateRequest } from './settings.ts'

/** What can be done with keys, alike for a person's own and for those of services. Every change is audited in its own batch. */
export function createKeyManager(deps: ManageDeps) {
  const parts = createKeyParts(deps)
  const { keysOf, formers, write, mustGet, show, shown, keyRing, clock } = parts

  /** A new key's row as a step, for who writes it together with something else. `sealer` is that of the account that the key is for. */
  const prepare = ({ owner, caller, role, sealer }: Managing & { readonly sealer: Sealer }, { name, expiresInDays, ...settings }: KeySettings) => {
    const at = clock.now()
    const value = newKeyValue()
    const id = newId('key', at)
    const row = {
      id, name_sealed: sealKeyName(sealer, id, name), start: startOf(value), digest: tokenDigest(value), created_at: at, value_created_at: at,
      expires_at: endOf(expiresInDays, at), revoked_at: null, last_used_at: null, last_used_address_sealed: null, reminded_at: null,
      restriction: formatRestriction(restrict(parseRestriction(null), settings, role)), made_by: 'isService' in owner ? caller.scope?.accountId ?? null : null,
    }
    const audit = auditStep(caller, { at, action: 'key-created', detail: { keyId: row.id, accountId: owner.accountId, expiresAt: row.expires_at, restricted: row.restriction !== null } })
    return { row: { ...row, account_id: owner.accountId }, key: toKey({ ...row, name, lastUsedAddress: null }, [], at), value, steps: [keysOf(owner).insert(row), audit] }
  }

  return {
    show, prepare,
    /** Throws `conflict` when the account has as many keys as it may. */
    async create(managing: Managing, settings: KeySettings): Promise<{ key: Key; value: string }> {
      if (await keysOf(managing.owner).count() >= keysPerAccount) throw new ProblemError('conflict', { detail: `At most ${keysPerAccount} keys. Revoke one that is not used any more.` })
      const { key, value, steps } = prepare({ ...managing, sealer: await keyRing.sealerOf(managing.owner.accountId) }, settings)
      await deps.database.write(steps)
      return { key, value }
    },
    /** Acts at once: what is remembered of the key is forgotten before this resolves, here and below. Throws `not-found`. */
    async change({ owner, caller, role }: Managing, id: string, { name, expiresInDays, ...settings }: KeyUpdateRequest): Promise<Key> {
      const row = await mustGet(owner, id)
      const at = clock.now()
      const isRestricted = settings.scopes !== undefined || settings.addresses !== undefined || settings.limits !== undefined
      const update = {
        ...(name !== undefined && { name_sealed: sealKeyName(await keyRing.sealerOf(row.account_id), id, name) }), ...(expiresInDays !== undefined && { expires_at: endOf(expiresInDays, at) }),
        ...(isRestricted && { restriction: formatRestriction(restrict(parseRestriction(row.restriction), settings, role)) }),
      }
      if (Object.keys(update).length > 0) {
        await write({ kind: 'key-settings', keyId: id }, [keysOf(owner).change(id, update), auditStep(caller, { at, action: 'key-changed', detail: { keyId: id, changed: Object.keys(update).map((column) => column.replace('_sealed', '')) } })], new ProblemError('not-found'))
      }
      return shown(owner, id)
    },
    rotate: createRotation(parts),
    /** All values of the key end. Throws `not-found`. */
    async revoke({ owner, caller }: Omit<Managing, 'role'>, id: string): Promise<void> {
      const at = clock.now()
      await write({ kind: 'key', keyId: id }, [keysOf(owner).revoke(id, at), formers.remove(id), auditStep(caller, { at, action: 'key-revoked', detail: { keyId: id } })], new ProblemError('not-found'))
    },
  }
}
export type KeyManager = ReturnType<typeof createKeyManager>

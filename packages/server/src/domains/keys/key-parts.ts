import type { Key, Role } from '@sallyport/contract'
import { WriteConflict, type Database, type WriteStep } from '../../database/database.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Caller } from '../../kernel/handler.ts'
import { ProblemError } from '../../kernel/problem.ts'
import type { Revoked } from '../../kernel/revocations.ts'
import type { SharedRevocations } from '../revocations/index.ts'
import type { KeyRing } from '../secrets/index.ts'
import { openKeyWords, toKey } from './key-row.ts'
import { createFormerStore, createKeyStore, type KeyOwner } from './store.ts'
import type { ApiKeyRow } from './tables.ts'

/** Whose key it is, who acts, and what the key's account may do at most. */
export interface Managing { readonly owner: KeyOwner; readonly caller: Caller; readonly role: Role }
export interface ManageDeps { readonly database: Database; readonly keyRing: Pick<KeyRing, 'sealerOf'>; readonly clock: Clock; readonly revocations: Pick<SharedRevocations, 'revoke'> }

/** What every change of a key stands on: finding it in its owner's store, writing, and showing it. */
export function createKeyParts({ database, keyRing, clock, revocations }: ManageDeps) {
  const keysOf = createKeyStore(database)
  const formers = createFormerStore(database)

  /** Writes what changes a key, and has every process forget what it remembers of it: before this resolves in this one, within a second in others. */
  const write = async (revoked: Revoked, steps: readonly WriteStep[], onConflict: ProblemError) => {
    try {
      await revocations.revoke(revoked, steps)
    } catch (error) {
      throw error instanceof WriteConflict ? onConflict : error
    }
  }
  const mustGet = async (owner: KeyOwner, id: string): Promise<ApiKeyRow> => {
    const row = await keysOf(owner).get(id)
    if (row === null) throw new ProblemError('not-found')
    return row
  }
  const open = async (row: ApiKeyRow) => ({ ...row, ...openKeyWords(await keyRing.sealerOf(row.account_id), row) })
  const show = async (rows: readonly ApiKeyRow[]): Promise<readonly Key[]> => {
    const now = clock.now()
    const living = await formers.living(rows.map(({ id }) => id), now)
    return Promise.all(rows.map(async (row) => toKey(await open(row), living, now)))
  }
  const shown = async (owner: KeyOwner, id: string): Promise<Key> => {
    const row = await mustGet(owner, id)
    const now = clock.now()
    return toKey(await open(row), await formers.living([row.id], now), now)
  }
  return { keysOf, formers, write, mustGet, show, shown, keyRing, clock }
}
export type KeyParts = ReturnType<typeof createKeyParts>

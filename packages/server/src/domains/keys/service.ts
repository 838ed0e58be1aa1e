import type { Key, Role } from '@sallyport/contract'
import { WriteConflict, type Database } from '../../database/database.ts'
import { toMoment, type Clock } from '../../kernel/clock.ts'
import { tokenDigest } from '../../kernel/digest.ts'
import type { Caller } from '../../kernel/handler.ts'
import { newId } from '../../kernel/ids.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { Recent } from '../../kernel/recent.ts'
import { requireScope } from '../../kernel/require-scope.ts'
import { auditStep } from '../audit/index.ts'
import { hasKeyForm, newKeyValue } from './format.ts'
import { createKeyFinder, createKeyStore } from './store.ts'
import type { ApiKeyRow } from './tables.ts'

const KEPT = 10_000
const SHOWN_CHARACTERS = 10
const DAY_MILLISECONDS = 86_400_000
/** Last use is written at most this often for a key. */
const TOUCH_MILLISECONDS = 60_000

export interface LiveKey { readonly id: string; readonly accountId: string; readonly role: Role; readonly expiresAt: number | null }

/** API keys: made once, shown once, kept as digests (IDN-8). */
export function createKeys({ database, clock }: { readonly database: Database; readonly clock: Clock }) {
  const finder = createKeyFinder(database)
  const keysOf = createKeyStore(database)
  const recent = new Recent<LiveKey>(KEPT)
  const touched = new Recent<number>(KEPT)

  const touch = (id: string) => {
    const now = clock.now()
    if (now - (touched.get(id) ?? 0) < TOUCH_MILLISECONDS) return
    touched.set(id, now)
    // Bookkeeping: when it is lost, the next use writes it.
    database.write([finder.touch(id, now)]).catch(() => undefined)
  }
  return {
    /** Null for a value that is malformed, unknown, revoked or expired. */
    async find(value: string): Promise<LiveKey | null> {
      if (!hasKeyForm(value)) return null
      const digest = tokenDigest(value)
      const cacheKey = digest.toString('base64')
      let key = recent.get(cacheKey)
      if (key === undefined) {
        const { generation } = recent
        const row = await finder.byDigest(digest)
        if (row === undefined || row.revoked_at !== null) return null
        key = { id: row.id, accountId: row.account_id, role: row.role, expiresAt: row.expires_at }
        recent.set(cacheKey, key, generation)
      }
      if (key.expiresAt !== null && key.expiresAt <= clock.now()) return null
      touch(key.id)
      return key
    },
    async list(caller: Caller, { limit, before }: { readonly limit: number; readonly before?: string | undefined }) {
      const rows = await keysOf(requireScope(caller)).page(before, limit)
      return { items: rows.map(toKey), next: rows.length === limit ? rows.at(-1)?.id ?? null : null }
    },
    async create(caller: Caller, { name, expiresInDays }: { readonly name: string; readonly expiresInDays?: number | undefined }) {
      const at = clock.now()
      const value = newKeyValue()
      const row = {
        id: newId('key', at), name, start: value.slice(0, SHOWN_CHARACTERS), digest: tokenDigest(value), created_at: at,
        expires_at: expiresInDays === undefined ? null : at + expiresInDays * DAY_MILLISECONDS, revoked_at: null, last_used_at: null,
      }
      await database.write([keysOf(requireScope(caller)).insert(row), auditStep(caller, { at, action: 'key-created', detail: { keyId: row.id } })])
      return { key: toKey(row), value }
    },
    /** Acts at once: what is remembered of the key is forgotten before this resolves. Throws `not-found`. */
    async revoke(caller: Caller, id: string): Promise<void> {
      const at = clock.now()
      try {
        await database.write([keysOf(requireScope(caller)).revoke(id, at), auditStep(caller, { at, action: 'key-revoked', detail: { keyId: id } })])
      } catch (error) {
        throw error instanceof WriteConflict ? new ProblemError('not-found') : error
      }
      recent.forget((key) => key.id === id)
    },
  }
}
export type Keys = ReturnType<typeof createKeys>

type KeyRow = Omit<ApiKeyRow, 'account_id' | 'digest' | 'revoked_at'>
const toKey = (row: KeyRow): Key => ({
  id: row.id, name: row.name, start: row.start, createdAt: toMoment(row.created_at),
  expiresAt: row.expires_at === null ? null : toMoment(row.expires_at), lastUsedAt: row.last_used_at === null ? null : toMoment(row.last_used_at),
})

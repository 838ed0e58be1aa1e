import { Key, KeyLimits, KeyScopes } from '@sallyport/contract'
import * as z from 'zod'
import { toMoment } from '../../kernel/clock.ts'
import { openName } from '../../kernel/names.ts'
import { openIfWhole, type Sealer } from '../../kernel/seal.ts'
import { keyLife } from '../../policy/limits.ts'
import type { ApiKeyFormerTable, ApiKeyRow } from './tables.ts'

export const DAY_MILLISECONDS = 86_400_000

/** What a key is limited to, as its row keeps it. */
const Stored = z.strictObject({ scopes: KeyScopes, addresses: Key.shape.addresses, limits: KeyLimits })
export type StoredRestriction = z.output<typeof Stored>

const free: StoredRestriction = {
  scopes: { permissions: null, operations: null, models: null, collections: null }, addresses: null,
  limits: { requestsPerMinute: null, turnsPerMinute: null, turnsPerDay: null, tokensPerDay: null },
}

/** Reads the column; a row that cannot be read is an error and never a key without limits. */
export const parseRestriction = (column: string | null): StoredRestriction => (column === null ? free : Stored.parse(JSON.parse(column)))

/** The column; null where nothing is limited. */
export function formatRestriction(restriction: StoredRestriction): string | null {
  const text = JSON.stringify(Stored.parse(restriction))
  return text === JSON.stringify(free) ? null : text
}

type KeyRow = Omit<ApiKeyRow, 'account_id' | 'digest' | 'revoked_at' | 'made_by' | 'reminded_at' | 'name_sealed' | 'last_used_address_sealed'>
/** What of a key's row is sealed for its account. */
export interface KeyWords { readonly name: string; readonly lastUsedAddress: string | null }

const namePlace = (rowId: string) => ({ table: 'api_key', rowId, column: 'name_sealed' })
const addressPlace = (rowId: string) => ({ table: 'api_key', rowId, column: 'last_used_address_sealed' })

export const sealKeyName = (sealer: Sealer, rowId: string, name: string): Uint8Array => sealer.seal(namePlace(rowId), name)
/** Where a key was last used from. */
export const sealLastAddress = (sealer: Sealer, rowId: string, address: string): Uint8Array => sealer.seal(addressPlace(rowId), address)
/** What a key is called. */
export const openKeyName = (sealer: Sealer, { id, name_sealed: sealed }: Pick<ApiKeyRow, 'id' | 'name_sealed'>): string => openName(sealer, namePlace(id), sealed)
export const openKeyWords = (sealer: Sealer, row: Pick<ApiKeyRow, 'id' | 'name_sealed' | 'last_used_address_sealed'>): KeyWords => ({
  name: openKeyName(sealer, row), lastUsedAddress: row.last_used_address_sealed === null ? null : openIfWhole(sealer, addressPlace(row.id), row.last_used_address_sealed),
})

/** From when on the owner of a key is told to rotate it. */
export const rotationDueAt = ({ created_at, value_created_at }: Pick<ApiKeyRow, 'created_at' | 'value_created_at'>): number =>
  (value_created_at ?? created_at) + keyLife.rotationDueDays * DAY_MILLISECONDS

/** A key as the wire shows it, with those of its former values that still work. */
export const toKey = (row: KeyRow & KeyWords, formers: readonly ApiKeyFormerTable[], now: number): Key => ({
  id: row.id, name: row.name, start: row.start, createdAt: toMoment(row.created_at), expiresAt: momentOrNull(row.expires_at),
  lastUsedAt: momentOrNull(row.last_used_at), lastUsedAddress: row.lastUsedAddress, ...parseRestriction(row.restriction),
  valueCreatedAt: toMoment(row.value_created_at ?? row.created_at), isRotationDue: rotationDueAt(row) <= now,
  formerValues: formers.filter(({ key_id }) => key_id === row.id).map(({ start, ends_at, last_used_at }) => ({ start, endsAt: toMoment(ends_at), lastUsedAt: momentOrNull(last_used_at) })),
})

const momentOrNull = (milliseconds: number | null) => (milliseconds === null ? null : toMoment(milliseconds))
